import type { Namespace } from '../../lab/namespace.js';
import { VIP, web } from '../agent.js';

/** How many requests there were in a part of a move, and what has failed of them. */
interface Part {
  readonly part: string;
  readonly requests: number;
  readonly failed: readonly string[];
}

/** A client that asks the virtual address without pause, part by part. */
export class CountedRequests {
  readonly #client: Namespace;
  readonly #parts: Part[] = [];

  constructor(client: Namespace) {
    this.#client = client;
  }

  /** Asks until something is done. @returns the requests that no real server has answered. */
  async during(part: string, act: () => Promise<void>): Promise<readonly string[]> {
    await web.askAlways(this.#client, `http://${VIP}/`);
    const failed: string[] = [];
    try {
      await act();
    } finally {
      const answers = await web.stopAsking(this.#client);
      failed.push(...answers.filter((answer) => !/^rs[12]$/.test(answer)));
      this.#parts.push({ part, requests: answers.length, failed });
    }
    return failed;
  }

  /** A line for each part, and one for all of them. */
  report(): string {
    const all = {
      part: 'In all',
      requests: this.#parts.reduce((sum, { requests }) => sum + requests, 0),
      failed: this.#parts.flatMap(({ failed }) => failed),
    };
    const lines = [...this.#parts, all].map(
      ({ part, requests, failed }) => `${part}: ${requests} requests, ${failed.length} failed\n`,
    );
    return lines.join('');
  }
}

import { IpAddress } from '../../src/ipvs/model/address.js';
import type { AgentControl } from '../../src/agent/control/control.js';
import { listen } from '../../src/agent/listener/listener.js';
import type { Listener } from '../../src/agent/listener/listener.js';
import { freePort } from '../support/free-port.js';

const ADDRESS = '127.0.0.1';

/** The agent's own listener, at an address to which it comes back after it was stopped. */
export class PageServer {
  /** What the listener itself could not answer. */
  readonly errors: unknown[] = [];
  readonly #agent: AgentControl;
  #listener: Listener | undefined;
  #port: number | undefined;

  constructor(agent: AgentControl) {
    this.#agent = agent;
  }

  get url(): string {
    return `http://${ADDRESS}:${this.#port ?? 0}/`;
  }

  async start(): Promise<void> {
    this.#port ??= await freePort(ADDRESS);
    const at = { address: IpAddress.parse(ADDRESS), port: this.#port };
    const onError = (error: unknown) => this.errors.push(error);
    this.#listener = await listen(this.#agent, { at, onError });
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
  }
}

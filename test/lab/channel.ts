import { rmSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import {
  LINE_LIMIT,
  type Envelope,
  type GuestLine,
  type GuestReply,
  type GuestRequest,
} from './protocol.js';

/** Bytes that may be under way to the guest: its terminal holds about 4 KB. */
const WINDOW = 3000;

interface Waiting {
  readonly resolve: (reply: GuestReply) => void;
  readonly file: string | undefined;
}

/** Requests to the guest's supervisor, any number at a time. */
export class Channel {
  readonly ready: Promise<void>;
  readonly #stream: Duplex;
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #queue: Buffer[] = [];
  #underWay = 0;
  #lastId = 0;
  #closed: string | undefined;

  constructor(stream: Duplex, folder: string) {
    this.#stream = stream;
    this.#folder = folder;
    this.ready = new Promise((resolve) => {
      createInterface({ input: stream }).on('line', (text) => {
        const line = JSON.parse(text) as GuestLine;
        if ('ready' in line) resolve();
        else if ('read' in line) this.#taken(line.read);
        else this.#answered(line);
      });
    });
  }

  send(request: GuestRequest): Promise<GuestReply> {
    if (this.#closed !== undefined)
      return Promise.resolve({ kind: 'failure', message: this.#closed });
    const id = ++this.#lastId;
    const text = JSON.stringify(request);
    const file = Buffer.byteLength(text) > LINE_LIMIT ? `request-${id}.json` : undefined;
    if (file !== undefined) writeFileSync(join(this.#folder, file), text);
    const payload = file === undefined ? `"payload":${text}` : `"file":"${file}"`;
    return new Promise((resolve) => {
      this.#waiting.set(id, { resolve, file });
      this.#queue.push(Buffer.from(`{"id":${id},${payload}}\n`));
      this.#flush();
    });
  }

  /** Everything still asked, and asked later, fails with this. */
  close(message: string): void {
    this.#closed = message;
    for (const { resolve } of this.#waiting.values()) resolve({ kind: 'failure', message });
    this.#waiting.clear();
  }

  #flush(): void {
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || this.#underWay + next.length > WINDOW) return;
      this.#queue.shift();
      this.#underWay += next.length;
      this.#stream.write(next);
    }
  }

  #taken(bytes: number): void {
    this.#underWay -= bytes;
    this.#flush();
  }

  #answered(envelope: Envelope<GuestReply>): void {
    const waiting = this.#waiting.get(envelope.id);
    this.#waiting.delete(envelope.id);
    if (waiting?.file !== undefined) rmSync(join(this.#folder, waiting.file), { force: true });
    if ('payload' in envelope) {
      waiting?.resolve(envelope.payload);
      return;
    }
    const path = join(this.#folder, envelope.file);
    const reply = JSON.parse(readFileSync(path, 'utf8')) as GuestReply;
    rmSync(path);
    waiting?.resolve(reply);
  }
}

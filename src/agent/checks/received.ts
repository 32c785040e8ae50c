import { StringDecoder } from 'node:string_decoder';

/** As much as a check reads. */
export const MOST_RECEIVED = 65_536;

/** What a server has sent, as far as a check reads. */
export class Received {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #bytes = 0;

  get text(): string {
    return this.#text;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= MOST_RECEIVED;
  }

  add(chunk: Buffer): void {
    const piece = chunk.subarray(0, MOST_RECEIVED - this.#bytes);
    this.#bytes += piece.length;
    this.#text += this.#decoder.write(piece);
  }
}

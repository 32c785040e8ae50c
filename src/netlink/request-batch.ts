import { NLM_F_ACK, NLM_F_REQUEST, NLMSG_HDRLEN } from './constants.js';
import { MessageWriter } from './writer.js';

/**
 * Requests that have been written and can be sent together: some hundred bytes each, whatever they were made from. Who
 * sends them says to which family, and with which sequence numbers.
 */
export class RequestBatch {
  readonly #writer: MessageWriter;
  readonly #starts: number[] = [];

  /** @param bytes how much is expected to be written. */
  constructor(bytes = 0) {
    this.#writer = new MessageWriter(bytes);
  }

  get length(): number {
    return this.#starts.length;
  }

  /** Writes one more; one whose values do not fit is not added. */
  add(write: (writer: MessageWriter) => void): void {
    const start = this.#writer.begin({ type: 0, flags: 0, sequence: 0 });
    try {
      write(this.#writer);
    } catch (error) {
      this.#writer.cut(start);
      throw error;
    }
    this.#writer.end(start);
    this.#starts.push(start);
  }

  /** The body of a request: valid until the next is added. */
  body(index: number): { readonly view: DataView; readonly start: number; readonly end: number } {
    const start = this.#start(index);
    const view = this.#writer.view();
    return { view, start: start + NLMSG_HDRLEN, end: start + view.getUint32(start, true) };
  }

  /**
   * The requests from `from` up to `to`, ready to be sent: the last of them asks for an ACK. The bytes are valid until the
   * batch changes or is sent again.
   * @param sequence that of the first of them.
   */
  datagram(from: number, to: number, type: number, sequence: number): Uint8Array {
    for (let index = from; index < to; index += 1) {
      const flags = index === to - 1 ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST;
      this.#writer.address(this.#start(index), {
        type,
        flags,
        sequence: sequence + index - from,
      });
    }
    return this.#writer.bytes().subarray(this.#start(from), this.#start(to));
  }

  #start(index: number): number {
    return this.#starts[index] ?? this.#writer.length;
  }
}

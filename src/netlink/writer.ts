import { align4, NLA_HDRLEN, NLMSG_HDRLEN } from './constants.js';

const INITIAL_BYTES = 4096;

/** What {@link MessageWriter.begin} needs to know of a message. */
export interface MessageHeader {
  /** Message type: for generic netlink the family's id. */
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
}

/**
 * One growing buffer that is written again and again, message after message. Numbers are in the host's byte order unless
 * a method says otherwise; the machines that the socket's native part is built for are all little-endian.
 */
export class MessageWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** @param bytes how much is expected to be written. */
  constructor(bytes = 0) {
    this.#bytes = new Uint8Array(Math.max(bytes, INITIAL_BYTES));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written since the last {@link reset}. */
  get length(): number {
    return this.#length;
  }

  /** What was written, without a copy: valid until the next write. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A view of the whole buffer for reading numbers; valid until the next write. */
  view(): DataView {
    return this.#view;
  }

  reset(): void {
    this.cut(0);
  }

  /** Forgets what was written from a place on. */
  cut(length: number): void {
    this.#length = length;
  }

  /** Starts a message; returns where, for {@link end}. */
  begin(header: MessageHeader): number {
    const start = this.#reserve(NLMSG_HDRLEN);
    this.address(start, header);
    return start;
  }

  /** Writes the header of the message that began at `start`, but for its length. */
  address(start: number, { type, flags, sequence }: MessageHeader): void {
    this.#view.setUint16(start + 4, type, true);
    this.#view.setUint16(start + 6, flags, true);
    this.#view.setUint32(start + 8, sequence, true);
    this.#view.setUint32(start + 12, 0, true);
  }

  /** Ends the message that began at `start`: its length is known now. The next one begins on a boundary of four bytes. */
  end(start: number): void {
    this.#view.setUint32(start, this.#length - start, true);
    this.#pad();
  }

  /** Starts an attribute; returns where, for {@link endAttribute}. */
  beginAttribute(type: number): number {
    const start = this.#reserve(NLA_HDRLEN);
    this.#view.setUint16(start + 2, type, true);
    return start;
  }

  endAttribute(start: number): void {
    this.#view.setUint16(start, this.#length - start, true);
    this.#pad();
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
  }

  be16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, false);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value, true);
  }

  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    const bytes = this.#bytes;
    for (let index = 0; index < value.length; index += 1) bytes[at + index] = value[index] ?? 0;
  }

  zeros(count: number): void {
    const at = this.#reserve(count);
    const bytes = this.#bytes;
    for (let index = 0; index < count; index += 1) bytes[at + index] = 0;
  }

  #pad(): void {
    const missing = align4(this.#length) - this.#length;
    if (missing > 0) this.zeros(missing);
  }

  #reserve(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return start;
  }
}

/** The two messages of grpc.health.v1.Health/Check, as protocol buffers in the frames of gRPC. */

/** What the service may say, by its numbers. */
export const servingStates = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type ServingState = (typeof servingStates)[number];

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** A frame begins with whether it is compressed, and its length in four bytes. */
export const FRAME_HEADER_BYTES = 5;

/** Asks for a service by its name; the empty name is the server as a whole. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message =
    name.length === 0
      ? name
      : Buffer.concat([Buffer.of((1 << 3) | BYTES, ...varint(name.length)), name]);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** What an answer says; undefined when it is malformed or says something that is not known. */
export function decodeResponse(frame: Buffer): ServingState | undefined {
  if (frame.length < FRAME_HEADER_BYTES || frame[0] !== 0) return undefined;
  const message = frame.subarray(FRAME_HEADER_BYTES);
  if (frame.readUInt32BE(1) !== message.length) return undefined;
  try {
    return servingStates[statusIn(new Reader(message))];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Field 1, of which the last one counts; its default is left out on the wire. Other fields may be of a later version. */
function statusIn(reader: Reader): number {
  let status = 0;
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const value = reader.value(tag & 7);
    if (tag >>> 3 !== 1) continue;
    if (value === undefined) throw new RangeError('the status is no number');
    status = value;
  }
  return status;
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Reads fields; throws a RangeError where there are none. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    const MOST_BYTES = 10;
    let value = 0;
    for (let index = 0; index < MOST_BYTES; index += 1) {
      const byte = this.#bytes.readUInt8(this.#at);
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  /** The value of a field; undefined when it is no number of variable length. */
  value(wireType: number): number | undefined {
    if (wireType === VARINT) return this.varint();
    if (wireType === FIXED_64) this.#skip(8);
    else if (wireType === FIXED_32) this.#skip(4);
    else if (wireType === BYTES) this.#skip(this.varint());
    else throw new RangeError('a field has an unknown type');
    return undefined;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new RangeError('a field is cut');
  }
}

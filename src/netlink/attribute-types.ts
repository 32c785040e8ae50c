import type { Attribute, AttributeTable, AttributeType, Declaration, Infer } from './attributes.js';

/** The types that attributes have: one function a type, each taking the attribute's number. */

/** A whole number of so many bytes: what it may be, and how the writer calls its kind. */
function integer(
  minimum: number,
  [lowest, highest]: readonly [number, number],
  kind: 'u8' | 'u16' | 'be16' | 'u32',
  read: (view: DataView, start: number) => number,
): (number: number) => Attribute<number> {
  const type: AttributeType<number> = {
    minimum,
    read,
    write: (writer, value, name) => {
      if (!Number.isInteger(value) || value < lowest || value > highest) {
        throw new RangeError(
          `${name}: ${value} is not a whole number from ${lowest} to ${highest}`,
        );
      }
      writer[kind](value);
    },
  };
  return (number) => ({ number, ...type });
}

export const u8 = integer(1, [0, 0xff], 'u8', (view, start) => view.getUint8(start));
export const u16 = integer(2, [0, 0xffff], 'u16', (view, start) => view.getUint16(start, true));
/** 16 bits in network order, as ports are. */
export const be16 = integer(2, [0, 0xffff], 'be16', (view, start) => view.getUint16(start));
export const u32 = integer(4, [0, 0xffff_ffff], 'u32', (view, start) =>
  view.getUint32(start, true),
);
/** Written as its bits. */
export const s32 = integer(4, [-0x8000_0000, 0x7fff_ffff], 'u32', (view, start) =>
  view.getInt32(start, true),
);

/** 64 bits: counters, which outgrow what a `number` holds exactly. */
export function u64(number: number): Attribute<bigint> {
  return {
    number,
    minimum: 8,
    read: (view, start) => view.getBigUint64(start, true),
    write: (writer, value, name) => {
      if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
        throw new RangeError(`${name}: ${value} is not a whole number from 0 to 2^64-1`);
      }
      writer.u64(value);
    },
  };
}

/** A counter that the kernel sends in 32 bits and callers see like those of 64. */
export function counter32(number: number): Attribute<bigint> {
  return {
    number,
    minimum: 4,
    read: (view, start) => BigInt(view.getUint32(start, true)),
    write: (writer, value, name) => {
      if (value < 0n || value > 0xffff_ffffn) {
        throw new RangeError(`${name}: ${value} is not a whole number from 0 to 2^32-1`);
      }
      writer.u32(Number(value));
    },
  };
}

/** Copies `size` bytes out of the receive buffer, which the next reply overwrites. */
function copyBytes(
  view: DataView,
  start: number,
  size: number,
  into = new Uint8Array(size),
): Uint8Array {
  for (let index = 0; index < size; index += 1) into[index] = view.getUint8(start + index);
  return into;
}

/** Exactly `size` bytes; a reader also takes more. */
export function bytes(size: number): (number: number) => Attribute<Uint8Array> {
  return (number) => ({
    number,
    minimum: size,
    read: (view, start) => copyBytes(view, start, size),
    write: (writer, value, name) => {
      if (value.length !== size)
        throw new RangeError(`${name}: ${value.length} bytes are not ${size}`);
      writer.raw(value);
    },
  });
}

/**
 * `size` bytes, of which a writer may leave out the last ones: zeros stand in their place. In an opened table they are valid
 * only until others are read.
 */
export function paddedBytes(size: number): (number: number) => Attribute<Uint8Array> {
  const opened = new Uint8Array(size);
  return (number) => ({
    number,
    minimum: size,
    read: (view, start) => copyBytes(view, start, size),
    open: (view, start) => copyBytes(view, start, size, opened),
    write: (writer, value, name) => {
      if (value.length > size)
        throw new RangeError(`${name}: ${value.length} bytes are more than ${size}`);
      writer.raw(value);
      writer.zeros(size - value.length);
    },
  });
}

const decoder = new TextDecoder();

/** Text of at most `longest` bytes of UTF-8, with the NUL that the kernel wants behind it. */
export function text(longest: number): (number: number) => Attribute<string> {
  return (number) => ({
    number,
    minimum: 0,
    read: (view, start, end) => {
      const raw = new Uint8Array(view.buffer, view.byteOffset + start, end - start);
      const nul = raw.indexOf(0);
      return decoder.decode(nul < 0 ? raw : raw.subarray(0, nul));
    },
    write: (writer, value, name) => {
      const raw = Buffer.from(value);
      if (raw.length > longest)
        throw new RangeError(`${name}: ${raw.length} bytes are more than ${longest}`);
      if (raw.includes(0)) throw new RangeError(`${name}: a NUL stands in the text`);
      writer.raw(raw);
      writer.u8(0);
    },
  });
}

/** Attributes within an attribute. */
export function nest<D extends Declaration>(
  table: AttributeTable<D>,
): (number: number) => Attribute<Infer<AttributeTable<D>>> {
  return (number) => ({
    number,
    nested: true,
    minimum: 0,
    read: (view, start, end) => table.read(view, start, end),
    open: (view, start, end) => table.open(view, start, end),
    write: (writer, value) => {
      table.write(writer, value);
    },
  });
}

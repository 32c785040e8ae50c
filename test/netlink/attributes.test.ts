import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributeTable } from '../../src/netlink/attributes.js';
import type { AttributeTable, Declaration, Infer } from '../../src/netlink/attributes.js';
import {
  be16,
  bytes,
  counter32,
  nest,
  paddedBytes,
  s32,
  text,
  u16,
  u32,
  u64,
  u8,
} from '../../src/netlink/attribute-types.js';
import { MessageWriter } from '../../src/netlink/writer.js';

const inner = attributeTable('IN_', { LEAF: u8(1) });
const table = attributeTable('T_', {
  U8: u8(1),
  U16: u16(2),
  BE16: be16(3),
  U32: u32(4),
  S32: s32(5),
  U64: u64(6),
  C32: counter32(7),
  BYTES: bytes(4)(8),
  TEXT: text(15)(9),
  NEST: nest(inner)(10),
});

function write<D extends Declaration>(
  to: AttributeTable<D>,
  values: Infer<AttributeTable<D>>,
): Uint8Array {
  const writer = new MessageWriter();
  to.write(writer, values);
  return writer.bytes().slice();
}

function read(raw: ArrayLike<number>): Infer<typeof table> {
  const view = new DataView(Uint8Array.from(raw).buffer);
  return table.read(view, 0, view.byteLength);
}

describe('ranges', () => {
  test.each([
    ['U8', [0, 255], [-1, 256]],
    ['U16', [0, 65535], [-1, 65536]],
    ['BE16', [0, 65535], [-1, 65536]],
    ['U32', [0, 4294967295], [-1, 4294967296]],
    ['S32', [-2147483648, 2147483647], [-2147483649, 2147483648]],
    ['U64', [0n, 2n ** 64n - 1n], [-1n, 2n ** 64n]],
    ['C32', [0n, 2n ** 32n - 1n], [-1n, 2n ** 32n]],
  ])('%s holds its range and nothing beyond, and the error names it', (name, inside, outside) => {
    for (const value of inside) {
      expect(read(write(table, { [name]: value }))).toEqual({ [name]: value });
    }
    for (const value of outside) {
      expect(() => write(table, { [name]: value })).toThrow(RangeError);
      expect(() => write(table, { [name]: value })).toThrow(`T_${name}: ${value} is not a whole`);
    }
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d is no number for an attribute',
    (value) => {
      expect(() => write(table, { U32: value })).toThrow(`T_U32: ${value} is not a whole number`);
    },
  );

  test('bytes have exactly their length', () => {
    expect(() => write(table, { BYTES: new Uint8Array(3) })).toThrow('T_BYTES: 3 bytes are not 4');
    expect(() => write(table, { BYTES: new Uint8Array(5) })).toThrow('T_BYTES: 5 bytes are not 4');
  });

  test('text has a longest length in bytes of UTF-8, and no NUL within', () => {
    expect(read(write(table, { TEXT: 'x'.repeat(15) }))).toEqual({ TEXT: 'x'.repeat(15) });
    expect(() => write(table, { TEXT: 'x'.repeat(16) })).toThrow(
      'T_TEXT: 16 bytes are more than 15',
    );
    expect(() => write(table, { TEXT: 'ü'.repeat(8) })).toThrow(
      'T_TEXT: 16 bytes are more than 15',
    );
    expect(() => write(table, { TEXT: 'r\0r' })).toThrow('T_TEXT: a NUL stands in the text');
    for (const value of ['x'.repeat(16), 'r\0r']) {
      expect(() => write(table, { TEXT: value })).toThrow(RangeError);
    }
  });
});

describe('on the wire', () => {
  test.each([
    [{ U8: 7 }, [5, 0, 1, 0, 7, 0, 0, 0]],
    [{ BE16: 80 }, [6, 0, 3, 0, 0, 80, 0, 0]],
    [{ U16: 80 }, [6, 0, 2, 0, 80, 0, 0, 0]],
    [{ S32: -1 }, [8, 0, 5, 0, 255, 255, 255, 255]],
    [{ TEXT: 'rr' }, [7, 0, 9, 0, 0x72, 0x72, 0, 0]],
    [{ NEST: { LEAF: 1 } }, [12, 0, 10, 0x80, 5, 0, 1, 0, 1, 0, 0, 0]],
    [{ U8: 1, U16: undefined, BE16: 2 }, [5, 0, 1, 0, 1, 0, 0, 0, 6, 0, 3, 0, 0, 2, 0, 0]],
  ])('%j', (values, raw) => {
    expect([...write(table, values)]).toEqual(raw);
    expect(read(raw)).toEqual(values);
  });

  test('text without a NUL behind it is read whole, with one up to it', () => {
    expect(read([6, 0, 9, 0, 0x72, 0x72, 0, 0])).toEqual({ TEXT: 'rr' });
    expect(read([8, 0, 9, 0, 0x72, 0, 0x72, 0])).toEqual({ TEXT: 'r' });
    expect(read([4, 0, 9, 0])).toEqual({ TEXT: '' });
  });

  test("flags in an attribute's type do not hide its number", () => {
    expect(read([5, 0, 1, 0x40, 7, 0, 0, 0])).toEqual({ U8: 7 });
  });

  test('attributes of a newer kernel are passed over', () => {
    expect(read([6, 0, 99, 0, 1, 2, 0, 0, 4, 0, 50, 0x80, 5, 0, 1, 0, 7, 0, 0, 0])).toEqual({
      U8: 7,
    });
  });

  test('a value longer than its type is read from its beginning', () => {
    expect(read([8, 0, 1, 0, 7, 8, 9, 10])).toEqual({ U8: 7 });
  });

  test('attributes of an older kernel are left out', () => {
    expect(read([])).toEqual({});
  });

  test('bytes are a copy: the receive buffer is used again', () => {
    const view = new DataView(Uint8Array.of(8, 0, 8, 0, 1, 2, 3, 4).buffer);
    const { BYTES } = table.read(view, 0, 8);
    view.setUint32(4, 0);
    expect(BYTES).toEqual(Uint8Array.of(1, 2, 3, 4));
  });
});

describe('what is malformed is EBADMSG and names the table', () => {
  test.each([
    ['a length below its header', [3, 0, 1, 0], 'T_*: length 3'],
    ['a length of zero', [0, 0, 1, 0], 'T_*: length 0'],
    ['a length that points outside', [9, 0, 1, 0, 7, 0, 0, 0], 'T_*: length 9'],
    ['a value shorter than its type', [5, 0, 2, 0, 7, 0, 0, 0], 'T_U16: length 5'],
    ['too few bytes', [7, 0, 8, 0, 1, 2, 3, 0], 'T_BYTES: length 7'],
    ['a malformed nest', [8, 0, 10, 0x80, 9, 0, 1, 0], 'IN_*: length 9'],
  ])('%s', (_name, raw, words) => {
    expect(() => read(raw)).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
    expect(() => read(raw)).toThrow(words);
  });

  test("bytes too few for an attribute's header are padding", () => {
    expect(read([5, 0, 1, 0, 7, 0, 0, 0, 1, 2])).toEqual({ U8: 7 });
  });
});

test('whatever is written is read again', () => {
  const name = fc.string({ unit: 'grapheme-ascii', maxLength: 15 });
  const values = fc.record(
    {
      U8: fc.nat(255),
      U16: fc.nat(65535),
      BE16: fc.nat(65535),
      U32: fc.nat(4294967295),
      S32: fc.integer(),
      U64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      C32: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
      BYTES: fc.uint8Array({ minLength: 4, maxLength: 4 }),
      TEXT: name,
      NEST: fc.record({ LEAF: fc.nat(255) }, { requiredKeys: [] }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(values, (given) => {
      expect(read(write(table, given))).toEqual(given);
    }),
  );
});

test('a reader never reads outside of what it was given, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (raw) => {
      try {
        read(raw);
      } catch (error) {
        expect(error).toMatchObject({ code: 'EBADMSG' });
      }
    }),
  );
});

test('bytes that are padded may be written short, and are read whole', () => {
  const padded = attributeTable('P_', { ADDR: paddedBytes(6)(1) });
  const of = (...content: number[]) => write(padded, { ADDR: Uint8Array.from(content) });
  expect([...of(1, 2)]).toEqual([10, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0]);
  expect(of(1, 2, 0, 0, 0, 0)).toEqual(of(1, 2));
  const raw = of(1, 2, 3, 4, 5, 6);
  const view = new DataView(raw.buffer);
  expect(padded.read(view, 0, view.byteLength)).toEqual({ ADDR: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  expect(() => of(1, 2, 3, 4, 5, 6, 7)).toThrow('P_ADDR: 7 bytes are more than 6');
});

/** Behind a header, as in a message. */
function opened(values: Infer<typeof table>, tamper?: (raw: Uint8Array) => void) {
  const raw = Uint8Array.from([...new Uint8Array(16), ...write(table, values)]);
  tamper?.(raw);
  return table.open(new DataView(raw.buffer), 16, raw.length);
}

describe('a table that is opened', () => {
  const values = {
    U8: 1,
    BE16: 80,
    U64: 2n ** 60n,
    BYTES: Uint8Array.of(1, 2, 3, 4),
    TEXT: 'wlc',
    NEST: { LEAF: 9 },
  };

  test('gives each value that is there when it is asked for, and undefined for the others', () => {
    const { U8, U16, BE16, U32, U64, BYTES, TEXT, NEST } = opened(values);
    expect([U8, BE16, U64, BYTES, TEXT, NEST?.LEAF]).toEqual([
      1,
      80,
      2n ** 60n,
      Uint8Array.of(1, 2, 3, 4),
      'wlc',
      9,
    ]);
    expect([U16, U32]).toEqual([undefined, undefined]);
  });

  test('gives a value as often as it is asked for', () => {
    const all = opened(values);
    expect([all.TEXT, all.TEXT, all.NEST?.LEAF, all.NEST?.LEAF]).toEqual(['wlc', 'wlc', 9, 9]);
  });

  test('is the table’s own: what is opened next is in its place', () => {
    const first = opened({ U8: 1, TEXT: 'old' });
    expect(first.TEXT).toBe('old');
    const second = opened({ U8: 2 });
    expect([second.U8, second.TEXT]).toEqual([2, undefined]);
    expect(first).toBe(second);
  });

  test('gives values that outlive it', () => {
    const { BYTES, TEXT } = opened(values);
    opened({ BYTES: Uint8Array.of(9, 9, 9, 9), TEXT: 'other' });
    expect([BYTES, TEXT]).toEqual([Uint8Array.of(1, 2, 3, 4), 'wlc']);
  });

  test('that is read meanwhile gives the read values as they are', () => {
    const kept = read(write(table, values));
    opened({ U8: 2 });
    expect(kept).toEqual(values);
  });

  test('that is malformed is EBADMSG at once', () => {
    const cut = (raw: Uint8Array) => {
      raw[16] = 200;
    };
    expect(() => opened(values, cut)).toThrow('T_*: length 200');
  });

  test('with a malformed nest is EBADMSG when the nest is asked for', () => {
    const all = opened({ U8: 7, NEST: { LEAF: 9 } }, (raw) => {
      // The length of the leaf, behind the header, U8 and the nest's own header.
      raw[16 + 8 + 4] = 60;
    });
    expect(all.U8).toBe(7);
    expect(() => all.NEST).toThrow('IN_*: length 60');
  });

  test('says what a table that is read says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (raw) => {
        const view = new DataView(Uint8Array.from([...new Uint8Array(16), ...raw]).buffer);
        const reported = (call: () => Infer<typeof table>) => {
          try {
            const { U8, U16, BE16, U32, S32, U64, C32, BYTES, TEXT, NEST } = call();
            return [U8, U16, BE16, U32, S32, U64, C32, BYTES, TEXT, NEST?.LEAF];
          } catch (error) {
            return error instanceof Error && error.message;
          }
        };
        expect(reported(() => table.open(view, 16, view.byteLength))).toEqual(
          reported(() => table.read(view, 16, view.byteLength)),
        );
      }),
    );
  });
});

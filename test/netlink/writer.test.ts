import { expect, test } from 'vitest';
import { MessageWriter } from '../../src/netlink/writer.js';

test('writes numbers in the byte order of the host, ports in that of the network', () => {
  const writer = new MessageWriter();
  writer.u8(1);
  writer.u16(0x0203);
  writer.be16(0x0405);
  writer.u32(0x06070809);
  writer.u64(0x0a0b0c0d0e0f1011n);
  expect([...writer.bytes()]).toEqual([
    1, 3, 2, 4, 5, 9, 8, 7, 6, 0x11, 0x10, 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a,
  ]);
});

test('a message knows its length; the padding behind it does not count', () => {
  const writer = new MessageWriter();
  const start = writer.begin({ type: 28, flags: 5, sequence: 0x01020304 });
  writer.u8(0xff);
  writer.end(start);
  expect([...writer.bytes()]).toEqual([
    17, 0, 0, 0, 28, 0, 5, 0, 4, 3, 2, 1, 0, 0, 0, 0, 0xff, 0, 0, 0,
  ]);
});

test('an attribute knows its length; the padding behind it does not count', () => {
  const writer = new MessageWriter();
  const start = writer.beginAttribute(9);
  writer.raw(Uint8Array.of(1, 2));
  writer.endAttribute(start);
  expect([...writer.bytes()]).toEqual([6, 0, 9, 0, 1, 2, 0, 0]);
});

test('grows with what is written, and keeps what was', () => {
  const writer = new MessageWriter();
  const start = writer.begin({ type: 1, flags: 0, sequence: 1 });
  writer.raw(new Uint8Array(5000).fill(7));
  writer.u32(8);
  writer.end(start);
  const bytes = writer.bytes();
  expect(bytes.length).toBe(5020);
  expect([bytes[0], bytes[1], bytes[16], bytes[5015], bytes[5016]]).toEqual([0x9c, 0x13, 7, 7, 8]);
});

test('padding is zero where an earlier, longer message stood', () => {
  const writer = new MessageWriter();
  writer.raw(new Uint8Array(32).fill(0xff));
  writer.reset();
  expect(writer.length).toBe(0);
  writer.endAttribute(writer.beginAttribute(1));
  const start = writer.beginAttribute(2);
  writer.u8(1);
  writer.endAttribute(start);
  expect([...writer.bytes()]).toEqual([4, 0, 1, 0, 5, 0, 2, 0, 1, 0, 0, 0]);
});

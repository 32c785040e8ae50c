import { expect, test, vi } from 'vitest';
import { statusOf, visitMessages } from '../../src/netlink/message.js';
import { MessageWriter } from '../../src/netlink/writer.js';
import { code, messagesOf } from '../support/netlink.js';

function written(...bodies: readonly (readonly number[])[]): Uint8Array {
  const writer = new MessageWriter();
  bodies.forEach((body, index) => {
    const start = writer.begin({ type: 20 + index, flags: 1, sequence: 7 + index });
    writer.raw(Uint8Array.from(body));
    writer.end(start);
  });
  return writer.bytes().slice();
}

test('reads every message of a datagram, each from its boundary of four bytes', () => {
  const messages = messagesOf(written([1, 2, 3], [], [4, 5, 6, 7, 8]));
  expect(
    messages.map(({ type, sequence, port, start, end }) => [type, sequence, port, end - start]),
  ).toEqual([
    [20, 7, 0, 3],
    [21, 8, 0, 0],
    [22, 9, 0, 5],
  ]);
});

test('reads a datagram that lies within a larger buffer', () => {
  const larger = new Uint8Array(64);
  larger.set(written([9]), 12);
  const [message] = messagesOf(larger.subarray(12, 12 + 20));
  expect(message?.view.getUint8(message.start)).toBe(9);
});

test('an empty datagram holds no message', () => {
  expect(messagesOf(new Uint8Array())).toEqual([]);
});

test.each([
  ['a header cut short', written([]).subarray(0, 15)],
  ['a body cut short', written([1, 2, 3, 4]).subarray(0, 19)],
  ['a length below its header', Uint8Array.of(15, 0, 0, 0, ...new Uint8Array(12))],
  ['a length of zero', new Uint8Array(16)],
  ['a length beyond the datagram', Uint8Array.of(17, 0, 0, 0, ...new Uint8Array(12))],
])('%s is EBADMSG', (_name, datagram) => {
  expect(() => messagesOf(datagram)).toThrow(
    expect.objectContaining({ operation: 'decode', code: 'EBADMSG' }),
  );
});

test('messages before the malformed one are shown', () => {
  const visit = vi.fn();
  const cut = written([1], [2]).subarray(0, 36);
  expect(() => {
    visitMessages(cut, visit);
  }).toThrow(code('EBADMSG'));
  expect(visit.mock.calls).toEqual([[expect.objectContaining({ type: 20 })]]);
});

test.each([
  ['an ACK', [0, 0, 0, 0], 0],
  ['EEXIST', [0xef, 0xff, 0xff, 0xff], 17],
  ['an end of a dump without a status', [], 0],
])('the status of %s', (_name, body, errno) => {
  const [message] = messagesOf(written(body));
  expect(message && statusOf(message)).toBe(errno);
});

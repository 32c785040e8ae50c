import { expect, test } from 'vitest';
import { connectionLine, CONNECTIONS_HEADING, syncMessages } from '../../bench/connections.js';
import { parseConnection } from '../support/connection-line.js';

/** The connections that are measured. */

test('their lines are those of the kernel', () => {
  expect(CONNECTIONS_HEADING + connectionLine(17)).toBe(
    'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n' +
      'TCP 0A000001 0401 C0000201 0050 0A800011 1F90 ESTABLISHED     883\n',
  );
  const connection = parseConnection(connectionLine(17));
  expect(`${connection?.virtual.address}`).toBe('192.0.2.1');
});

test('each is another', () => {
  const lines = Array.from({ length: 1000 }, (_, index) => connectionLine(index));
  expect(new Set(lines).size).toBe(1000);
});

test('messages of synchronisation fit a datagram, and have every connection', () => {
  const messages = [...syncMessages(100)];
  expect(Math.max(...messages.map(({ length }) => length))).toBeLessThanOrEqual(1400);
  const entries = messages.map((bytes) => bytes[4] ?? 0);
  expect(entries).toEqual([38, 38, 24]);
  expect(messages.map(({ length }) => length)).toEqual(entries.map((count) => 8 + count * 36));
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { probeTcp } from '../../src/host/tcp-probe.js';

/** Keeps this process from everything, as a busy machine does. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

test('a port that answers in time is not slandered by who reads the answer late', async () => {
  // A knock ends by a reset.
  const server = createServer((socket) => socket.on('error', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const knocking = probeTcp('127.0.0.1', port, 20);
  pause(60);
  expect(await knocking).toBeUndefined();
  server.close();
  await once(server, 'close');
  expect(await probeTcp('127.0.0.1', port, 20_000)).toBe('ECONNREFUSED');
});

import { expect, test } from 'vitest';
import { takingSocket } from '../../bench/taking-socket.js';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { FAMILY_ID } from '../../src/testing/fake-kernel.js';
import { messagesOf } from '../support/netlink.js';

test('a socket that takes all hears every request of a batch, and no look-up', async () => {
  const types: number[] = [];
  const socket = takingSocket((datagram) => {
    types.push(...messagesOf(datagram).map(({ type }) => type));
  });
  await using client = await IpvsClient.open({ socket });
  const operations = Array.from({ length: 600 }, (_, index) => ({
    type: 'addService' as const,
    service: { firewallMark: index + 1 },
  }));
  expect(await client.batch(operations)).toEqual({ applied: 600, failures: [] });
  expect(types).toEqual(operations.map(() => FAMILY_ID));
});

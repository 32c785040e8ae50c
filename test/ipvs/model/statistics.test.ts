import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IpvsClient } from '../../../src/index.js';
import { toStatistics } from '../../../src/ipvs/model/statistics.js';
import { collect } from '../../../src/common/collect.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('every counter is exact in JSON', () => {
  fc.assert(
    fc.property(u64, u64, (CONNS, OUTBYTES) => {
      const text = JSON.stringify(toStatistics({ CONNS, OUTBYTES }));
      const read = JSON.parse(text) as Record<string, number | string>;
      expect(BigInt(read['connections'] ?? -1)).toBe(CONNS);
      expect(BigInt(read['outgoingBytes'] ?? -1)).toBe(OUTBYTES);
    }),
  );
});

test('a counter in JSON is a number as long as a number holds it, and then a string', () => {
  const counters = { CONNS: 2n ** 53n - 1n, INPKTS: 2n ** 53n, OUTBYTES: 2n ** 64n - 1n, CPS: 7n };
  expect(JSON.parse(JSON.stringify(toStatistics(counters)))).toEqual({
    connections: 9007199254740991,
    incomingPackets: '9007199254740992',
    outgoingPackets: 0,
    incomingBytes: 0,
    outgoingBytes: '18446744073709551615',
    rates: {
      connectionsPerSecond: 7,
      incomingPacketsPerSecond: 0,
      outgoingPacketsPerSecond: 0,
      incomingBytesPerSecond: 0,
      outgoingBytesPerSecond: 0,
    },
  });
});

test('everything that a client returns can be written as JSON', async () => {
  const service = { firewallMark: 7 };
  const destinations = [{ destination: { address: '10.0.0.2', port: 0 } }];
  const kernel = tableKernel({ services: [{ service, destinations }] });
  const client = await IpvsClient.open({ socket: kernel });
  await client.startSyncDaemon({ state: 'master', interface: 'eth0' });
  const returned = [
    await client.info(),
    await client.timeouts(),
    await client.service(service),
    await collect(client.services()),
    await collect(client.destinations(service)),
    await collect(client.table()),
    await client.syncDaemons(),
    await client.batch([{ type: 'addService', service }]),
  ];
  for (const value of returned) expect(JSON.parse(JSON.stringify(value))).toBeTypeOf('object');
  expect(JSON.stringify(await collect(client.table()))).toContain('"address":"10.0.0.2"');
});

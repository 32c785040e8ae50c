import { expect, test } from 'vitest';
import { command } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

/** The genuine program reads 32 bits of a real server's connections and packets. */
test('counters beyond 32 bits are whole, those of real servers too', async () => {
  const statistics = {
    connections: 2n ** 33n,
    incomingPackets: 2n ** 34n,
    outgoingPackets: 2n ** 35n,
    incomingBytes: 2n ** 63n,
    outgoingBytes: 2n ** 64n - 1n,
  };
  const kernel = tableKernel({
    services: [
      {
        service: { firewallMark: 1 },
        statistics,
        destinations: [{ destination: { address: '10.0.1.1', port: 80 }, statistics }],
      },
    ],
  });
  const { stdout } = await command('-Ln --stats --exact', { kernel });
  const counters = ' 8589934592 17179869184 34359738368 9223372036854775808 18446744073709551615';
  expect(stdout.split('\n').slice(3, 5)).toEqual([
    `FWM  1                           ${counters}`,
    `  -> 10.0.1.1:80                 ${counters}`,
  ]);
});

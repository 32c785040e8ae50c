/** What the agent says of traffic, from readings of the table. */
import { expect, test } from 'vitest';
import { TableObserver } from '../../../src/agent/reports/table-observer.js';
import { Traffic } from '../../../src/agent/reports/traffic.js';
import { INTERVAL_MS } from '../../../src/agent/reports/traffic-history.js';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import { fakeClock } from '../../support/fake-clock.js';

const WEB = 'tcp:192.0.2.1:80';

const kernelAfter = (connections: number) =>
  tableKernel({
    services: [
      {
        service: WEB,
        statistics: { connections: BigInt(connections) },
        destinations: [
          { destination: '10.0.0.3:80', activeConnections: 1, inactiveConnections: 2 },
          { destination: '10.0.0.2:80', activeConnections: 3, persistentConnections: 4 },
        ],
      },
    ],
  });

/** Traffic of a table whose counter of connections grows by one in each 100 ms. */
function scene() {
  const clock = fakeClock();
  const startMs = clock.monotonicMs();
  const now = () => {
    const kernel = kernelAfter(Math.floor((clock.monotonicMs() - startMs) / 100));
    return IpvsClient.open({ socket: kernel, loadModule: false });
  };
  // Each call reads what the counters are then.
  const client: Pick<IpvsClient, 'services' | 'service' | 'destinations' | 'close'> = {
    services: async function* services() {
      yield* (await now()).services();
    },
    service: async (id) => (await now()).service(id),
    destinations: async function* destinations(ids: Iterable<string>) {
      yield* (await now()).destinations(ids);
    } as IpvsClient['destinations'],
    close: () => undefined,
  };
  const observer = new TableObserver(
    () => Promise.resolve(client as IpvsClient),
    clock,
    () => 0,
  );
  return { clock, traffic: new Traffic({ clock, observer, keepsHistory: true }) };
}

/** Until what the kernel answers has been taken in: that is not on the clock. */
const settled = (traffic: Traffic, length: number) =>
  expect
    .poll(async () => {
      const { services } = await traffic.json([WEB]);
      return services[0]?.history?.connectionsPerSecond.length;
    })
    .toBe(length);

test('a service has the sums of its servers, and these in the order of listings', async () => {
  const { traffic } = scene();
  const [service] = (await traffic.json([WEB, 'mark:7'])).services;
  expect(service).toMatchObject({
    connections: { active: 4, inactive: 2, persistent: 4 },
    servers: [{ server: '10.0.0.2:80' }, { server: '10.0.0.3:80' }],
  });
});

test('points are counted from what the counters are at their time, also when somebody has just looked', async () => {
  const { clock, traffic } = scene();
  traffic.begin();
  await clock.advance(1);
  await expect.poll(async () => (await traffic.json()).time).toBeDefined();
  await clock.advance(INTERVAL_MS - 1500);
  await traffic.json([WEB]);
  await clock.advance(1500);
  await settled(traffic, 1);
  const { services } = await traffic.json([WEB]);
  expect(services[0]?.history?.connectionsPerSecond).toEqual([10]);
  traffic.stop();
});

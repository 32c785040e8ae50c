/** One reading of the table for all who look at it within a short time. */
import { expect, test } from 'vitest';
import { TableObserver } from '../../../src/agent/reports/table-observer.js';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import { fakeClock } from '../../support/fake-clock.js';

const WEB = 'tcp:192.0.2.1:80';
const SERVER = '10.0.0.2:80';

async function scene() {
  const clock = fakeClock();
  const kernel = tableKernel({
    services: [{ service: WEB, destinations: [{ destination: SERVER }] }],
  });
  const open = () => IpvsClient.open({ socket: kernel, loadModule: false });
  const agent = await open();
  let writes = 0;
  const observer = new TableObserver(open, clock, () => writes);
  return {
    clock,
    weightSeen: async () => (await observer.table())[0]?.destinations[0]?.settings.weight,
    others: (weight: number) => agent.updateDestination(WEB, SERVER, { weight }),
    agent: async (weight: number) => {
      await agent.updateDestination(WEB, SERVER, { weight });
      writes += 1;
    },
  };
}

test('what others change is seen after two seconds at most', async () => {
  const { clock, weightSeen, others } = await scene();
  expect(await weightSeen()).toBe(1);
  await others(5);
  expect(await weightSeen()).toBe(1);
  await clock.advance(2000);
  expect(await weightSeen()).toBe(5);
});

test('what the agent changes is seen at once', async () => {
  const { weightSeen, agent } = await scene();
  expect(await weightSeen()).toBe(1);
  await agent(0);
  expect(await weightSeen()).toBe(0);
});

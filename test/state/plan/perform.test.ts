/** Carrying out a plan, and taking it back when something is refused. */
import { expect, onTestFinished, test } from 'vitest';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { currentTable } from '../../../src/state/plan/current-table.js';
import { perform } from '../../../src/state/plan/perform.js';
import type { AnyStep } from '../../../src/state/plan/perform.js';
import { stepJson } from '../../../src/state/plan/plan-json.js';
import { plan } from '../../../src/state/plan/plan.js';
import { planSettings } from '../../../src/state/plan/settings.js';
import type { WantedSettings } from '../../../src/state/plan/settings.js';
import { toWantedTable } from '../../../src/state/wanted-table.js';
import type { WantedServiceInput } from '../../../src/state/wanted-table.js';
import type { FakeRequest } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { PresetDestination } from '../../../src/testing/presets.js';

const WEB = 'tcp:192.0.2.1:80';
const server = (host: number, weight = 1): PresetDestination => {
  return { destination: `10.0.0.${host}:80`, settings: { weight } };
};

/** A kernel with a service of one real server, which refuses what a test chooses. */
async function scene(refuses: (request: FakeRequest, nth: number) => boolean = () => false) {
  const counts = new Map<string, number>();
  const kernel = tableKernel({
    services: [{ service: WEB, destinations: [server(2)] }],
    refuse: (request) => {
      const nth = (counts.get(request.command) ?? 0) + 1;
      counts.set(request.command, nth);
      return refuses(request, nth) ? 'ENOMEM' : undefined;
    },
  });
  const client = await IpvsClient.open({ socket: kernel });
  onTestFinished(() => {
    client.close();
  });
  return { kernel, client, before: kernel.table() };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function stepsTo(
  { client }: Scene,
  services: readonly WantedServiceInput[],
  settings: Partial<WantedSettings> = {},
): Promise<AnyStep[]> {
  const wanted = toWantedTable(services);
  const { steps } = plan({ current: await currentTable(client), wanted, prune: 'all' });
  const current = { timeouts: await client.timeouts(), syncDaemons: await client.syncDaemons() };
  const all = { timeouts: undefined, syncDaemons: undefined, ...settings };
  return [...steps, ...planSettings(current, all)];
}

const shown = (steps: readonly AnyStep[]) =>
  steps
    .map(stepJson)
    .map(({ action, service, server: end, setting }) =>
      [action, service, end, setting].filter((part) => part !== undefined).join(' '),
    );

/** The service with another real server in place of its own, timeouts and a daemon. */
const EXCHANGED = [{ service: WEB, destinations: [server(3)] }];
const SETTINGS = {
  timeouts: { tcpSeconds: 77 },
  syncDaemons: [{ state: 'master', interface: 'eth0' }],
} as const;

test('everything is done, and planning again finds nothing', async () => {
  const at = await scene();
  const outcome = await perform(at.client, await stepsTo(at, EXCHANGED, SETTINGS));
  expect(shown(outcome.done)).toEqual([
    `add ${WEB} 10.0.0.3:80`,
    'change timeouts',
    'add syncDaemon',
    `remove ${WEB} 10.0.0.2:80`,
  ]);
  expect([outcome.failures, outcome.withheld, outcome.undone]).toEqual([[], [], []]);
  expect(await stepsTo(at, EXCHANGED, SETTINGS)).toEqual([]);
});

test('when an addition is refused, nothing is removed and what was done is undone', async () => {
  const at = await scene(({ command }, nth) => command === 'NEW_DEST' && nth === 2);
  const wanted = [{ service: WEB, destinations: [server(3), server(4)] }];
  const outcome = await perform(at.client, await stepsTo(at, wanted, SETTINGS));
  expect(shown(outcome.failures.map(({ step }) => step))).toEqual([`add ${WEB} 10.0.0.4:80`]);
  expect(shown(outcome.undone)).toEqual([`add ${WEB} 10.0.0.3:80`]);
  expect(shown(outcome.withheld)).toEqual([
    'change timeouts',
    'add syncDaemon',
    `remove ${WEB} 10.0.0.2:80`,
  ]);
  expect(outcome.done).toEqual([]);
  expect(at.kernel.table()).toEqual(at.before);
});

test('when a daemon is refused, the timeouts and the table are what they were', async () => {
  const at = await scene(({ command }) => command === 'NEW_DAEMON');
  const timeouts = at.kernel.timeouts();
  const outcome = await perform(at.client, await stepsTo(at, EXCHANGED, SETTINGS));
  expect(outcome.done).toEqual([]);
  expect(shown(outcome.undone)).toEqual([`add ${WEB} 10.0.0.3:80`, 'change timeouts']);
  expect([at.kernel.table(), at.kernel.timeouts()]).toEqual([at.before, timeouts]);
});

test('a new server that has connections already stays, because undoing would cut them', async () => {
  const refusing = await scene(({ command }, nth) => command === 'NEW_DEST' && nth === 2);
  const steps = await stepsTo(refusing, [{ service: WEB, destinations: [server(3), server(4)] }]);
  const busy: Parameters<typeof perform>[0] = {
    batch: (operations) => refusing.client.batch(operations),
    setTimeouts: (timeouts) => refusing.client.setTimeouts(timeouts),
    startSyncDaemon: (daemon) => refusing.client.startSyncDaemon(daemon),
    stopSyncDaemon: (state) => refusing.client.stopSyncDaemon(state),
    destinations: async function* (services: Iterable<string>, options: object) {
      for await (const found of refusing.client.destinations(services, options)) {
        yield found.map((one) => ({ ...one, activeConnections: 1 }));
      }
    } as never,
  };
  const outcome = await perform(busy, steps);
  expect(shown(outcome.done)).toEqual([`add ${WEB} 10.0.0.3:80`]);
  expect(outcome.undone).toEqual([]);
});

test('when a removal is refused, the rest stays done', async () => {
  const at = await scene(({ command }) => command === 'DEL_DEST');
  const outcome = await perform(at.client, await stepsTo(at, EXCHANGED));
  expect(shown(outcome.done)).toEqual([`add ${WEB} 10.0.0.3:80`]);
  expect(shown(outcome.failures.map(({ step }) => step))).toEqual([`remove ${WEB} 10.0.0.2:80`]);
});

test('nothing to do sends nothing', async () => {
  const at = await scene();
  const before = at.kernel.requests.length;
  await perform(at.client, []);
  expect(at.kernel.requests.length).toBe(before);
});

test('weights that fall are sent last, so that some real server always takes new connections', async () => {
  const { kernel, client } = await scene();
  const swap = async (first: number, second: number) => {
    const wanted = toWantedTable([
      { service: WEB, destinations: [server(2, first), server(3, second)] },
    ]);
    const { steps } = plan({ current: await currentTable(client), wanted });
    return perform(client, steps);
  };
  await swap(1, 0);
  const before = kernel.requests.length;
  const { done } = await swap(0, 1);
  const weights = kernel.requests
    .slice(before)
    .filter(({ command }) => command === 'SET_DEST')
    .map(({ attributes }) => attributes.DEST?.WEIGHT);
  expect(weights).toEqual([1, 0]);
  // What was done is reported in the order in which it was.
  expect(shown(done)).toEqual([`change ${WEB} 10.0.0.3:80`, `change ${WEB} 10.0.0.2:80`]);
});

import { describe, expect, test } from 'vitest';
import type { RecordChange } from '../../../src/agent/run/own-records.js';
import { Reconciler } from '../../../src/agent/run/reconciler.js';
import type { ServiceGoal } from '../../../src/agent/run/goal.js';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { formatDestinationId } from '../../../src/ipvs/model/destination.js';
import { formatServiceId } from '../../../src/ipvs/model/service.js';
import { parseState } from '../../../src/state/file/parse.js';
import type { WantedSettings } from '../../../src/state/plan/settings.js';
import { ruleOf } from '../../../src/state/rule-text.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { TableKernelOptions } from '../../../src/testing/table-kernel.js';
import { freeGuard } from '../../support/free-guard.js';
import { fakeClock } from '../../support/fake-clock.js';

const WRITES = ['NEW_SERVICE', 'SET_SERVICE', 'DEL_SERVICE', 'NEW_DEST', 'SET_DEST', 'DEL_DEST'];

function goalsOf(text: string): Map<string, ServiceGoal> {
  const { services } = parseState(text);
  return new Map(
    services.map(({ id, name, settings, destinations }) => [
      formatServiceId(id),
      { kind: 'keep', id, name, settings, destinations, leaving: new Set() },
    ]),
  );
}

const WEB = `services:
  - {service: 'tcp:192.0.2.1:80', name: web, servers: [10.0.0.2:80, {server: 10.0.0.3:80, weight: 2}]}`;

/** A reconciler of a kernel in memory, and what it did and said. */
function scene(text = WEB, options: TableKernelOptions = {}, isDry = false) {
  const clock = fakeClock();
  const kernel = tableKernel(options);
  const state = {
    goals: goalsOf(text),
    unreachable: undefined as Error | undefined,
    settings: { timeouts: undefined, syncDaemons: undefined } as WantedSettings,
  };
  const said: string[] = [];
  const recorded: RecordChange[] = [];
  let locks = 0;
  let opened = 0;
  const reconciler = new Reconciler({
    clock,
    isDry,
    source: {
      keys: () => state.goals.keys(),
      goalFor: (key) => state.goals.get(key),
      settings: () => state.settings,
    },
    guard: {
      ...freeGuard,
      whileLocked: (work) => {
        locks += 1;
        return work();
      },
      record: (goals) => {
        recorded.push(...goals);
        return Promise.resolve();
      },
    },
    open: () => {
      opened += 1;
      if (state.unreachable !== undefined) return Promise.reject(state.unreachable);
      return IpvsClient.open({ socket: kernel, loadModule: false });
    },
    listener: {
      onDrift: ({ service, server, found }) =>
        said.push(
          `drift ${[service, server].filter((one) => one !== undefined).join(' ')}: ${found}`,
        ),
      onWritten: (steps) => said.push(...steps.map(({ operation }) => ruleOf(operation))),
      onRefused: ({ error }) => said.push(`refused ${error.code}`),
      onSettingRefused: ({ code }) => said.push(`setting refused ${code}`),
      onUnreachable: (reason) => said.push(`unreachable: ${reason}`),
      onReachable: () => said.push('reachable'),
      onUnrecorded: (reason) => said.push(`unrecorded: ${reason}`),
      onGone: (service) => {
        said.push(`gone ${service}`);
        state.goals.delete(service);
      },
    },
  });
  const take = () => said.splice(0);
  const writes = () => kernel.requests.filter(({ command }) => WRITES.includes(command)).length;
  const table = () =>
    kernel
      .table()
      .map(({ service, destinations }) => [
        formatServiceId(service.id),
        ...destinations.map(({ id, settings }) => `${formatDestinationId(id)} ${settings.weight}`),
      ]);
  const reconciled = async (keys?: readonly string[]) => {
    reconciler.request(keys);
    await reconciler.flush();
    return take();
  };
  return {
    ...{ clock, kernel, state, reconciler, reconciled, take, writes, table, recorded },
    locks: () => locks,
    opened: () => opened,
    client: () => IpvsClient.open({ socket: kernel }),
  };
}

const WEB_TABLE = {
  services: [
    {
      service: 'tcp:192.0.2.1:80',
      destinations: [
        { destination: '10.0.0.2:80', settings: { forwardingMethod: 'nat', weight: 1 } },
        { destination: '10.0.0.3:80', settings: { forwardingMethod: 'nat', weight: 2 } },
      ],
    },
  ],
} as const;

describe('what it writes', () => {
  test('an empty table gets the services of the file, and then nothing is written any more', async () => {
    const { reconciled, writes, locks, recorded } = scene();
    expect(await reconciled()).toEqual([
      '-A -t 192.0.2.1:80 -s wlc',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1',
      '-a -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 2',
    ]);
    expect(recorded).toEqual([['tcp:192.0.2.1:80', { owner: 'agent', name: 'web' }]]);
    const before = [writes(), locks()];
    expect(await reconciled()).toEqual([]);
    expect([writes(), locks()]).toEqual(before);
  });

  test('a table that is right already is adopted: not one request writes', async () => {
    const { reconciled, writes } = scene(WEB, WEB_TABLE);
    expect(await reconciled()).toEqual([]);
    expect(await reconciled()).toEqual([]);
    expect(writes()).toBe(0);
  });

  test('services of others are not touched', async () => {
    const other = { service: 'tcp:192.0.2.9:80', destinations: [{ destination: '10.0.0.9:80' }] };
    const { reconciled, table } = scene(WEB, { services: [other] });
    await reconciled();
    expect(table()).toContainEqual(['tcp:192.0.2.9:80', '10.0.0.9:80 1']);
  });

  test('weights go up before others go down, and the sorry server comes before the last real server is quiet', async () => {
    const { reconciled, state } = scene(WEB, WEB_TABLE);
    await reconciled();
    state.goals = goalsOf(`services:
  - service: tcp:192.0.2.1:80
    servers: [{server: 10.0.0.2:80, weight: 0}, {server: 10.0.0.3:80, weight: 0}, 127.0.0.1:80]`);
    expect(await reconciled(['tcp:192.0.2.1:80'])).toEqual([
      '-a -t 192.0.2.1:80 -r 127.0.0.1:80 -m -w 1',
      '-e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 0',
      '-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 0',
    ]);
    state.goals = goalsOf(WEB);
    expect(await reconciled(['tcp:192.0.2.1:80'])).toEqual([
      '-e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1',
      '-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 2',
      '-d -t 192.0.2.1:80 -r 127.0.0.1:80',
    ]);
  });

  test('a server that has left the file stays with weight 0 while it is drained, and goes then; so does a service', async () => {
    const { reconciled, state, recorded } = scene(WEB, WEB_TABLE);
    await reconciled();
    const [[key, goal]] = [...goalsOf(WEB)] as [[string, ServiceGoal]];
    if (goal.kind !== 'keep') throw new Error('it is kept');
    const left = { ...goal, destinations: goal.destinations.slice(1) };
    state.goals.set(key, { ...left, leaving: new Set(['10.0.0.2:80']) });
    expect(await reconciled([key])).toEqual(['-e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 0']);
    state.goals.set(key, left);
    expect(await reconciled([key])).toEqual(['-d -t 192.0.2.1:80 -r 10.0.0.2:80']);
    state.goals.set(key, { kind: 'drain', id: goal.id });
    expect(await reconciled([key])).toEqual(['-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 0']);
    state.goals.set(key, { kind: 'remove', id: goal.id });
    expect(await reconciled([key])).toEqual(['-D -t 192.0.2.1:80', `gone ${key}`]);
    expect(recorded.at(-1)).toEqual([key, undefined]);
  });

  test('decisions that come while a batch is under way are written with the next one, and are no drift', async () => {
    let onWrite = (): void => undefined;
    const { clock, reconciler, state, kernel, take } = scene(WEB, {
      refuse: ({ command }) => {
        if (command === 'NEW_SERVICE') onWrite();
        return undefined;
      },
    });
    onWrite = () => {
      for (const weight of [4, 5]) {
        state.goals = goalsOf(WEB.replace('weight: 2', `weight: ${weight}`));
        reconciler.request(['tcp:192.0.2.1:80']);
      }
    };
    reconciler.request();
    await reconciler.flush();
    expect(take()).toHaveLength(3);
    await clock.advance(10);
    await reconciler.flush();
    expect(take()).toEqual(['-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 5']);
    expect(kernel.requests.filter(({ command }) => command === 'SET_DEST')).toHaveLength(1);
  });

  test('timeouts that the file names are set where they differ, and then not again', async () => {
    const { reconciled, state, kernel } = scene(WEB, WEB_TABLE);
    state.settings = { timeouts: { tcpSeconds: 600 }, syncDaemons: undefined };
    await reconciled();
    await reconciled();
    expect(kernel.timeouts()).toMatchObject({ tcpSeconds: 600, udpSeconds: 300 });
    expect(kernel.requests.filter(({ command }) => command === 'SET_CONFIG')).toHaveLength(1);
  });

  test('in a dry run nothing is written, and what would be is told', async () => {
    const { reconciled, writes, locks } = scene(WEB, {}, true);
    expect(await reconciled()).toHaveLength(3);
    expect([writes(), locks()]).toEqual([0, 0]);
  });
});

describe('what others do to the table', () => {
  test('what they change in an owned service is told and repaired', async () => {
    const { reconciled, client, table } = scene(WEB, WEB_TABLE);
    await reconciled();
    const other = await client();
    await other.updateDestination('tcp:192.0.2.1:80', '10.0.0.3:80', { weight: 7 });
    await other.addDestination('tcp:192.0.2.1:80', '10.0.0.9:80');
    await other.deleteDestination('tcp:192.0.2.1:80', '10.0.0.2:80');
    expect(await reconciled()).toEqual([
      'drift tcp:192.0.2.1:80 10.0.0.3:80: its weight was set from 2 to 7',
      'drift tcp:192.0.2.1:80 10.0.0.9:80: it was added with weight 1',
      'drift tcp:192.0.2.1:80 10.0.0.2:80: it was deleted',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1',
      '-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 2',
      '-d -t 192.0.2.1:80 -r 10.0.0.9:80',
    ]);
    expect(table()[0]?.toSorted()).toEqual(['10.0.0.2:80 1', '10.0.0.3:80 2', 'tcp:192.0.2.1:80']);
    expect(await reconciled()).toEqual([]);
  });

  test('a table that was cleared is told of by its services, and made again', async () => {
    const { reconciled, client } = scene(WEB, WEB_TABLE);
    await reconciled();
    await (await client()).flush();
    expect(await reconciled()).toEqual([
      'drift tcp:192.0.2.1:80: it was deleted',
      expect.stringContaining('-A'),
      expect.stringContaining('-a'),
      expect.stringContaining('-a'),
    ]);
  });

  test('what the agent itself has changed is no drift', async () => {
    const { reconciled, state } = scene(WEB, WEB_TABLE);
    await reconciled();
    state.goals = goalsOf(WEB.replace('weight: 2', 'weight: 5'));
    expect(await reconciled()).toEqual(['-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 5']);
    expect(await reconciled()).toEqual([]);
  });

  test('what others change as the agent was about to is no drift, and is not written again', async () => {
    const { reconciled, state, client } = scene(WEB, WEB_TABLE);
    await reconciled();
    state.goals = goalsOf(WEB.replace('weight: 2', 'weight: 5'));
    const other = await client();
    await other.updateDestination('tcp:192.0.2.1:80', '10.0.0.3:80', { weight: 5 });
    expect(await reconciled()).toEqual([]);
    await other.updateDestination('tcp:192.0.2.1:80', '10.0.0.3:80', { weight: 2 });
    expect(await reconciled()).toEqual([
      'drift tcp:192.0.2.1:80 10.0.0.3:80: its weight was set from 5 to 2',
      '-e -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 5',
    ]);
  });

  test('a server of others that is there at the start is told of and removed', async () => {
    const [web] = WEB_TABLE.services;
    const extra = { ...web, destinations: [...web.destinations, { destination: '10.0.0.9:80' }] };
    const { reconciled } = scene(WEB, { services: [extra] });
    expect(await reconciled()).toEqual([
      'drift tcp:192.0.2.1:80 10.0.0.9:80: it was in the table, and is not in the file',
      '-d -t 192.0.2.1:80 -r 10.0.0.9:80',
    ]);
  });

  test('a race with somebody else is planned for again', async () => {
    let isFirst = true;
    const { reconciled, table } = scene(WEB, {
      refuse: ({ command }) => {
        if (command !== 'NEW_DEST' || !isFirst) return undefined;
        isFirst = false;
        return 'EEXIST';
      },
    });
    const said = await reconciled();
    expect(said.filter((line) => line.startsWith('refused'))).toEqual([]);
    expect(table()[0]).toHaveLength(3);
  });

  test('what the kernel refuses of one service is told, and the others are made', async () => {
    const two = `${WEB}
  - {service: 'tcp:192.0.2.2:80', scheduler: twos, servers: [10.0.0.2:80]}`;
    const { reconciled, table } = scene(two, { release: '4.4' });
    expect(await reconciled()).toContain('refused ENOENT');
    expect(table()).toHaveLength(1);
    expect(table()[0]).toHaveLength(3);
  });
});

test('a kernel without IPVS is told once and tried each second, and what is missing then is made', async () => {
  const { clock, state, reconciler, reconciled, take, opened, table } = scene();
  state.unreachable = new Error('cannot open: there is no IPVS');
  expect(await reconciled()).toEqual(['unreachable: cannot open: there is no IPVS']);
  await clock.advance(3500);
  expect(take()).toEqual([]);
  expect(opened()).toBe(4);
  state.unreachable = undefined;
  await clock.advance(1000);
  await expect.poll(() => table().length).toBe(1);
  await expect.poll(() => reconciler.progress.trouble).toBeUndefined();
  expect(take()).toContain('reachable');
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { Agent } from '../../../src/agent/run/agent.js';
import { ConfigProblem } from '../../../src/agent/run/config-source.js';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { formatDestinationId } from '../../../src/ipvs/model/destination.js';
import { formatServiceId } from '../../../src/ipvs/model/service.js';
import { parseState } from '../../../src/state/file/parse.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { TableKernel } from '../../../src/testing/table-kernel.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { fakeClock } from '../../support/fake-clock.js';
import { freeGuard } from '../../support/free-guard.js';
import type { FakeClock } from '../../support/fake-clock.js';

let folder = '';
let clock: FakeClock;
let kernel: TableKernel;
/** Servers whose checks fail. */
let dead: Set<string>;
let agent: Agent | undefined;
/** Files and addresses that follow the quorum. */
let shown: Map<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-agent-'));
  clock = fakeClock();
  kernel = tableKernel();
  dead = new Set();
  shown = new Map();
});
afterEach(async () => {
  await agent?.stop('leave');
  agent = undefined;
  await rm(folder, { recursive: true });
});

const CHECK = '{type: tcp, rise: 1, fall: 2}';
const WEB = `drain: 5s
services:
  - name: web
    service: tcp:192.0.2.1:80
    check: ${CHECK}
    servers: [10.0.0.2:80, {server: 10.0.0.3:80, weight: 2}]
`;

const state = { text: WEB };

/** An agent of the fake clock and kernel, with the file that {@link state} has. */
async function started(text = WEB, more: { isDry?: boolean; isOnce?: boolean } = {}) {
  state.text = text;
  const said: string[] = [];
  const made = await Agent.load({
    ...{ clock, version: '1.0.0', kernel: '6.1.0', pid: 7, isListening: true },
    ...{ isDry: false, isOnce: false, ...more },
    source: {
      file: 'web.yaml',
      read: () => {
        try {
          return Promise.resolve(readAgentConfig(parseState(state.text)));
        } catch (error) {
          return Promise.reject(new ConfigProblem(error instanceof Error ? error.message : ''));
        }
      },
    },
    quorumSystem: {
      writeFile: (path, text) => {
        shown.set(path, text);
        return Promise.resolve();
      },
      setAddress: (device, address, isThere) => {
        shown.set(`${address} ${device}`, String(isThere));
        return Promise.resolve();
      },
    },
    pathSystem: { set: () => Promise.resolve(), isIntact: () => Promise.resolve(true) },
    prepare: ({ target }) => {
      if (target.port === 666) throw new CheckError('it is cursed');
      const server = formatDestinationId(target.server);
      return {
        run: () =>
          Promise.resolve(
            dead.has(server)
              ? { passing: false, reason: 'connection refused' }
              : { passing: true, reason: 'connected' },
          ),
      };
    },
    open: () => IpvsClient.open({ socket: kernel, loadModule: false }),
    guard: freeGuard,
    places: { run: folder, maintenance: join(folder, 'maintenance.json') },
    onEvent: ({ type, to, server, reason = '' }) =>
      said.push([type, to, server].filter((word) => word !== undefined).join(' ') + `: ${reason}`),
  });
  agent = made;
  await made.begin();
  return { agent: made, said };
}

const table = (): string[] =>
  kernel
    .table()
    .flatMap(({ service, destinations }) => [
      formatServiceId(service.id),
      ...destinations.map(({ id, settings }) => `${formatDestinationId(id)} ${settings.weight}`),
    ])
    .sort();
const writes = (): number =>
  kernel.requests.filter(({ command }) => /^(?:NEW|SET|DEL)_/.test(command)).length;

/** Lets time pass until the table is this one: what the kernel and files take is not on the clock. */
async function becomes(...rows: string[]): Promise<void> {
  await expect
    .poll(
      async () => {
        await clock.advance(250);
        return table();
      },
      { timeout: PATIENCE_MS, interval: 1 },
    )
    .toEqual(rows.sort());
}

const SERVICE = 'tcp:192.0.2.1:80';
const WHOLE = [SERVICE, '10.0.0.2:80 1', '10.0.0.3:80 2'];

test('an address and a file follow the quorum', async () => {
  const signals = 'trackFile: /run/web\n    announce: {interface: dummy0}\n    servers:';
  await started(WEB.replace('servers:', `quorum: 2\n    ${signals}`));
  await becomes(...WHOLE);
  await expect
    .poll(() => [...shown])
    .toEqual([
      ['/run/web', '0\n'],
      ['192.0.2.1 dummy0', 'true'],
    ]);
  dead.add('10.0.0.3:80');
  await becomes(SERVICE, '10.0.0.2:80 1', '10.0.0.3:80 0');
  await expect.poll(() => [...shown.values()]).toEqual(['1\n', 'false']);
});

describe('health', () => {
  test('a new server is in the table with weight 0 until its first success', async () => {
    dead.add('10.0.0.3:80');
    dead.add('10.0.0.2:80');
    await started(WEB.replace('servers:', 'failOpen: never\n    servers:'));
    await becomes(SERVICE, '10.0.0.2:80 0', '10.0.0.3:80 0');
    dead.clear();
    await becomes(...WHOLE);
  });

  test('a server that fails is quiet after `fall` failures, and comes back; both are events', async () => {
    const { said, agent: running } = await started();
    await becomes(...WHOLE);
    dead.add('10.0.0.3:80');
    await becomes(SERVICE, '10.0.0.2:80 1', '10.0.0.3:80 0');
    expect(said).toContain('server down 10.0.0.3:80: connection refused');
    const [web] = running.status().services;
    expect(web).toMatchObject({
      name: 'web',
      state: 'degraded',
      up: 1,
      quorum: 1,
      quorumMet: true,
    });
    expect(web?.servers[1]).toMatchObject({
      ...{ server: '10.0.0.3:80', state: 'down', reason: 'connection refused' },
      ...{ wantedWeight: 2, weight: 0, checks: [{ type: 'tcp', passing: false }] },
    });
    dead.clear();
    await becomes(...WHOLE);
  });

  test('a dry run decides and tells, and writes neither the table nor a file', async () => {
    const { said } = await started(WEB, { isDry: true });
    await expect
      .poll(async () => {
        await clock.advance(1000);
        return said.join('\n');
      })
      .toContain('would do: ipvsadm -A -t 192.0.2.1:80');
    expect(writes()).toBe(0);
    await agent?.stop('leave');
    await expect(readFile(join(folder, 'agent-health.json'))).rejects.toThrow('ENOENT');
  });

  test('a run that writes once waits for verdicts, and says whether all are up', async () => {
    dead.add('10.0.0.3:80');
    const { agent: once } = await started(WEB, { isOnce: true });
    const settled = once.settled();
    expect(writes()).toBe(0);
    await clock.advance(10_000);
    const { isAllUp, steps } = await settled;
    expect([isAllUp, steps.length]).toEqual([false, 3]);
    expect(table()).toEqual([SERVICE, '10.0.0.2:80 1', '10.0.0.3:80 0'].sort());
  });
});

describe('from one agent to the next', () => {
  test('nothing is written by an agent that starts over a table that is right, and what it knew is kept', async () => {
    const first = await started();
    await becomes(...WHOLE);
    dead.add('10.0.0.3:80');
    await becomes(SERVICE, '10.0.0.2:80 1', '10.0.0.3:80 0');
    const before = first.agent.status().services;
    await first.agent.stop('leave');
    const written = writes();
    const second = await started();
    await clock.advance(20_000);
    expect(writes()).toBe(written);
    const since = (services: typeof before) =>
      services.flatMap(({ since: at, servers }) => [at, ...servers.map((one) => one.since)]);
    expect(since(second.agent.status().services)).toEqual(since(before));
    expect(second.agent.events.lastSeq).toBeGreaterThanOrEqual(first.agent.events.lastSeq);
    expect(second.said.filter((line) => line.startsWith('server'))).toEqual([]);
  });

  test('without anything remembered, servers that are in stay in until a verdict says otherwise', async () => {
    const first = await started();
    await becomes(...WHOLE);
    await first.agent.stop('leave');
    for (const name of ['agent-health.json', 'agent-drains.json']) {
      await writeFile(join(folder, name), '{damaged');
    }
    const written = writes();
    dead.add('10.0.0.2:80');
    await started();
    await clock.advance(100);
    expect([writes(), table()]).toEqual([written, [...WHOLE].sort()]);
    await becomes(SERVICE, '10.0.0.2:80 0', '10.0.0.3:80 2');
  });

  test('a server that left the file while no agent ran is drained and removed', async () => {
    const first = await started();
    await becomes(...WHOLE);
    await first.agent.stop('leave');
    const { said } = await started(WEB.replace('10.0.0.2:80, ', ''));
    await becomes(SERVICE, '10.0.0.3:80 2');
    expect(said).toContain('drain removed 10.0.0.2:80: it has left the file');
    expect(said.filter((line) => line.startsWith('drift'))).toEqual([]);
  });
});

describe('reload', () => {
  test('a faulty file, or a check that cannot work, changes nothing and is in the status', async () => {
    const { agent: running, said } = await started();
    await becomes(...WHOLE);
    state.text = WEB.replace('services', 'servces');
    expect(await running.reload()).toMatchObject({ configValid: false });
    state.text = WEB.replace('10.0.0.2:80', '10.0.0.2:666');
    const reply = await running.reload();
    expect(reply).toEqual({
      configValid: false,
      problem: 'web 10.0.0.2:666: check tcp: it is cursed',
    });
    expect(running.status().agent).toMatchObject({ configValid: false, problem: reply.problem });
    expect(said.filter((line) => line.startsWith('config refused'))).toHaveLength(2);
    expect(table()).toEqual([...WHOLE].sort());
    state.text = WEB;
    expect(await running.reload()).toEqual({ configValid: true });
    expect(running.status().agent.problem).toBeUndefined();
  });

  test('what stays keeps its verdict; what is new begins with weight 0; what is gone is drained and removed', async () => {
    const { agent: running } = await started();
    await becomes(...WHOLE);
    dead.add('10.0.0.3:80');
    await becomes(SERVICE, '10.0.0.2:80 1', '10.0.0.3:80 0');
    dead.add('10.0.0.4:80');
    state.text = WEB.replace('10.0.0.2:80', '10.0.0.4:80').replace(
      'check:',
      'failOpen: never\n    check:',
    );
    await running.reload();
    const states = () =>
      running.status().services[0]?.servers.map((one) => [one.server, one.state]);
    expect(states()).toEqual([
      ['10.0.0.4:80', 'starting'],
      ['10.0.0.3:80', 'down'],
      ['10.0.0.2:80', 'draining'],
    ]);
    await becomes(SERVICE, '10.0.0.4:80 0', '10.0.0.3:80 0');
    dead.clear();
    await becomes(SERVICE, '10.0.0.4:80 1', '10.0.0.3:80 2');
  });

  test('a service that leaves the file is removed, and one that comes back is not', async () => {
    const two = `${WEB}  - {service: 'tcp:192.0.2.2:80', servers: [10.0.0.2:80]}\n`;
    const { agent: running } = await started(two);
    await becomes(...WHOLE, 'tcp:192.0.2.2:80', '10.0.0.2:80 1');
    state.text = WEB;
    await running.reload();
    await becomes(...WHOLE);
    state.text = two;
    await running.reload();
    await becomes(...WHOLE, 'tcp:192.0.2.2:80', '10.0.0.2:80 1');
  });
});

describe('what people ask for', () => {
  test('a drained server has weight 0, is told when it is empty, and gets its weight back', async () => {
    const { agent: running, said } = await started();
    await becomes(...WHOLE);
    await running.drain({ servers: ['10.0.0.3'] });
    expect(table()).toContain('10.0.0.3:80 0');
    await expect
      .poll(async () => {
        await clock.advance(1000);
        return said;
      })
      .toContain('drain drained 10.0.0.3:80: it has no connections');
    expect(running.status().services[0]?.servers[1]?.state).toBe('draining');
    await running.undrain({ servers: ['10.0.0.3:80'], services: ['web'] });
    expect(table()).toEqual([...WHOLE].sort());
  });

  test('with delete, it is out of the table once it is drained, until the drain is taken back', async () => {
    const { agent: running } = await started();
    await becomes(...WHOLE);
    await running.drain({ servers: ['10.0.0.3:80'], delete: true, timeoutSeconds: 60 });
    await becomes(SERVICE, '10.0.0.2:80 1');
    await running.undrain({ servers: ['10.0.0.3:80'] });
    await becomes(...WHOLE);
  });

  test('a drain and maintenance go on in the next agent', async () => {
    const first = await started();
    await becomes(...WHOLE);
    await first.agent.drain({ servers: ['10.0.0.2:80'] });
    await first.agent.startMaintenance({ servers: ['10.0.0.3:80'], reason: 'new disk' });
    await first.agent.stop('leave');
    const second = await started();
    await clock.advance(10_000);
    const servers = second.agent.status().services[0]?.servers;
    expect(servers?.map((one) => [one.state, one.reason, one.weight])).toEqual([
      ['draining', 'drained on request', 0],
      ['maintenance', 'new disk', 0],
    ]);
    await second.agent.endMaintenance({ servers: ['10.0.0.3:80'] });
    await becomes(SERVICE, '10.0.0.2:80 0', '10.0.0.3:80 2');
  });

  test('what is not there is refused, and nothing is changed', async () => {
    const { agent: running } = await started();
    await becomes(...WHOLE);
    const written = writes();
    await expect(running.drain({ servers: ['10.0.0.9:80'] })).rejects.toThrow('no real server');
    await expect(running.drain({ servers: ['10.0.0.2:80'], services: ['mail'] })).rejects.toThrow(
      'no service mail',
    );
    await expect(running.undrain({ servers: ['10.0.0.2:80'] })).rejects.toThrow('none of these');
    await expect(running.endMaintenance({ servers: ['10.0.0.2:80'] })).rejects.toThrow('none');
    expect(writes()).toBe(written);
  });
});

describe('the end', () => {
  test.each(['drain', 'remove'] as const)(
    'with %s, its services are gone, and those of others stay',
    async (how) => {
      const other = await IpvsClient.open({ socket: kernel });
      await other.addService('tcp:192.0.2.9:80');
      const { agent: running } = await started();
      await becomes(...WHOLE, 'tcp:192.0.2.9:80');
      let isStopped = false;
      const stopping = running.stop(how).then(() => (isStopped = true));
      agent = undefined;
      await expect
        .poll(async () => {
          await clock.advance(500);
          return isStopped;
        })
        .toBe(true);
      await stopping;
      expect(table()).toEqual(['tcp:192.0.2.9:80']);
    },
  );
});

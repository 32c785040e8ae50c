/** The verbs that ask the agent: status, events, maintenance, agent reload, agent check. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ControlError } from '../../src/agent/control/control.js';
import {
  FakeAgent,
  PATIENT,
  serveFakeAgent,
  server,
  service,
  socketPath,
} from '../support/fake-agent.js';
import { fakeMachine } from '../support/fake-machine.js';
import { ipvs } from '../support/ipvs-command.js';
import type { IpvsOptions } from '../support/ipvs-command.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 29, 13, 0, 7) });
  return () => {
    vi.useRealTimers();
  };
});

/** Runs a verb that asks an agent. */
async function asking(
  agent = new FakeAgent(),
): Promise<(line: string, options?: IpvsOptions) => ReturnType<typeof ipvs>> {
  const { socket } = await serveFakeAgent(agent);
  return (line, options) => ipvs([...line.split(' '), '--socket', socket], options);
}

const lines = (...text: readonly string[]) => text.map((line) => `${line}\n`).join('');
const well = [service('tcp:192.0.2.1:80', [server('10.0.0.2:80')], { name: 'web' })];

describe('ipvs status', () => {
  test('shows services and servers, their states, since when and why', async () => {
    const run = await asking();
    expect(await run('status')).toEqual({
      status: 1,
      stdout: lines(
        'Agent 0.1.0, PID 4711, for 3h, with /etc/ipvs/ipvs.yaml',
        '',
        'SERVICE               NAME  STATE     SINCE  UP/QUORUM  WEIGHT/WANTED  REASON',
        'tcp:192.0.2.1:80      web   degraded     3h        1/1',
        '  10.0.0.2:8080             up           3h                       1/1',
        '  10.0.0.3:8080             down         3h                       0/3  connection refused',
        'udp:[2001:db8::1]:53        ok           3h        2/1',
        '  [2001:db8::2]:53          up           3h                       1/1',
        '  [2001:db8::3]:53          up           3h                       1/1',
      ),
      stderr: '',
    });
  });

  test('as JSON is what the socket says', async () => {
    const agent = new FakeAgent();
    const run = await asking(agent);
    const { status, stdout } = await run('status --json');
    expect([status, JSON.parse(stdout)]).toEqual([1, agent.status()]);
  });

  test.each([
    ['web', 1, ['tcp:192.0.2.1:80 10.0.0.2:8080', 'tcp:192.0.2.1:80 10.0.0.3:8080']],
    ['10.0.0.2', 0, ['tcp:192.0.2.1:80 10.0.0.2:8080']],
    ['10.0.0.3:8080', 1, ['tcp:192.0.2.1:80 10.0.0.3:8080']],
    [
      'udp:[2001:db8::1]:53',
      0,
      ['udp:[2001:db8::1]:53 [2001:db8::2]:53', 'udp:[2001:db8::1]:53 [2001:db8::3]:53'],
    ],
    [
      '10.0.0.2:8080 [2001:db8::2]:53',
      0,
      ['tcp:192.0.2.1:80 10.0.0.2:8080', 'udp:[2001:db8::1]:53 [2001:db8::2]:53'],
    ],
  ])('of %s: what it names alone, and whether that is well', async (selectors, status, places) => {
    const run = await asking();
    const outcome = await run(`status --json ${selectors}`);
    const { services } = JSON.parse(outcome.stdout) as ReturnType<FakeAgent['status']>;
    const shown = services.flatMap((one) =>
      one.servers.map((each) => `${one.service} ${each.server}`),
    );
    expect([outcome.status, outcome.stderr, shown]).toEqual([status, '', places]);
  });

  test('of what the agent does not have says so', async () => {
    const run = await asking();
    expect(await run('status mail 10.0.0.2:8080')).toMatchObject({
      status: 1,
      stderr: 'There is no virtual service with the name mail. To see what there is: ipvs status\n',
    });
    expect(await run('status tcp:')).toMatchObject({ status: 2, stdout: '' });
  });

  test.each([
    ['up', 'ok', 0],
    ['starting', 'degraded', 0],
    ['draining', 'degraded', 0],
    ['maintenance', 'degraded', 0],
    ['down', 'degraded', 1],
    ['up', 'sorry', 1],
    ['down', 'fail-open', 1],
    ['maintenance', 'down', 1],
  ] as const)(
    'of a server that is %s in a service that is %s is %i',
    async (one, state, status) => {
      const agent = new FakeAgent();
      agent.services = [service('mark:7', [server('10.0.0.2:80', one)], { state })];
      const run = await asking(agent);
      expect(await run('status')).toMatchObject({ status, stderr: '' });
    },
  );

  test('of an agent with a faulty file says what is wrong, and what to do', async () => {
    const agent = new FakeAgent();
    const problem = 'web.yaml:7:9: unknown key \u001b[2J';
    agent.agent = { ...agent.agent, configValid: false, problem };
    agent.services = well;
    const run = await asking(agent);
    expect(await run('status')).toMatchObject({
      status: 0,
      stderr:
        '/etc/ipvs/ipvs.yaml is faulty, so the agent keeps what it had. Correct it, then: ipvs agent reload\n' +
        'web.yaml:7:9: unknown key ?[2J\n',
    });
  });

  test('of an agent without services is a line', async () => {
    const agent = new FakeAgent();
    agent.services = [];
    const run = await asking(agent);
    expect(await run('status')).toEqual({
      status: 0,
      stdout: 'Agent 0.1.0, PID 4711, for 3h, with /etc/ipvs/ipvs.yaml\n',
      stderr: '',
    });
  });

  test('shows what a check says, but not what would control the terminal', async () => {
    const agent = new FakeAgent();
    const reason = 'status 503\u001b]0;x\u0007, expected 200-299';
    agent.services = [service('mark:7', [server('10.0.0.2:80', 'down', { reason })])];
    const run = await asking(agent);
    expect((await run('status')).stdout).toContain('status 503?]0;x?, expected 200-299\n');
  });
});

describe('where no agent is running', () => {
  test.each([
    'status',
    'status --json',
    'events',
    'events --follow',
    'maintenance on 10.0.0.2:80',
    'maintenance off 10.0.0.2:80',
    'agent reload',
  ])('ipvs %s says how to start it, with status 2', async (line) => {
    const socket = socketPath();
    expect(await ipvs([...line.split(' '), '--socket', socket])).toEqual({
      status: 2,
      stdout: '',
      stderr: `No agent is running: nothing answers at ${socket}. To start it: systemctl start ipvs-agent\n`,
    });
  });
});

describe('ipvs events', () => {
  const eventful = () => {
    const agent = new FakeAgent();
    agent.events.add({ type: 'agent', severity: 'info', reason: 'started' });
    agent.events.add({
      ...{ type: 'server', severity: 'warning', service: 'tcp:192.0.2.1:80' },
      ...{ server: '10.0.0.2:80', from: 'up', to: 'down', reason: 'connection refused' },
    });
    agent.events.add({ type: 'service', severity: 'error', service: 'mark:7', to: 'fail-open' });
    return agent;
  };

  test('shows a line for each, with its number and time', async () => {
    const run = await asking(eventful());
    const time = '2026-11-29T13:00:07.000Z';
    expect(await run('events')).toEqual({
      status: 0,
      stdout: lines(
        `${time}      1 info    agent       started`,
        `${time}      2 warning server      tcp:192.0.2.1:80 10.0.0.2:80 up -> down: connection refused`,
        `${time}      3 error   service     mark:7 fail-open`,
      ),
      stderr: '',
    });
  });

  test('for programs are the objects of the socket, behind a number if one is given', async () => {
    const agent = eventful();
    const run = await asking(agent);
    const all = agent.events.since(0);
    const ndjson = (await run('events --since 1 -o ndjson')).stdout;
    expect(ndjson).toBe(lines(...all.slice(1).map((event) => JSON.stringify(event))));
    const json = JSON.parse((await run('events --json')).stdout) as unknown;
    expect(json).toEqual({ schemaVersion: 1, events: all });
  });

  test('with --follow go on until a signal comes', async () => {
    const agent = eventful();
    const { socket } = await serveFakeAgent(agent);
    const controller = new AbortController();
    const following = ipvs(['events', '--follow', '-o', 'ndjson', '--socket', socket], {
      signal: controller.signal,
    });
    // Whoever follows has seen what there was.
    const subscribe = vi.spyOn(agent.events, 'subscribe');
    await expect.poll(() => subscribe.mock.calls.length, PATIENT).toBe(1);
    agent.events.add({ type: 'drain', severity: 'info', server: '10.0.0.2:80' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    controller.abort(130);
    const { status, stdout, stderr } = await following;
    expect([status, stderr, stdout.split('\n').length]).toEqual([130, '', 5]);
  });

  test.each(['events --since x', 'events --since -1', 'events --follow --json'])(
    '%s is a usage error',
    async (line) => {
      const run = await asking();
      expect(await run(line)).toMatchObject({ status: 2, stdout: '' });
    },
  );
});

describe('ipvs maintenance', () => {
  test('takes servers out, with a reason, and in again', async () => {
    const agent = new FakeAgent();
    const { socket } = await serveFakeAgent(agent);
    const on = await ipvs([
      ...['maintenance', 'on', '10.0.0.2:8080', '[2001:db8:0::2]:53', '10.0.0.9'],
      ...['--service', 'web', '--service', 'TCP:192.0.2.1:80', '--reason', 'new disk'],
      ...['--socket', socket],
    ]);
    expect(on).toMatchObject({ status: 0, stderr: '' });
    expect(on.stdout.split('\n')[0]).toBe(
      '10.0.0.2:8080 is in maintenance. To end that: ipvs maintenance off 10.0.0.2:8080',
    );
    const off = await ipvs(['maintenance', 'off', '10.0.0.2:8080', '--socket', socket]);
    expect(off).toEqual({
      status: 0,
      stdout: '10.0.0.2:8080 is no longer in maintenance.\n',
      stderr: '',
    });
    expect(agent.calls).toEqual([
      [
        'startMaintenance',
        {
          servers: ['10.0.0.2:8080', '[2001:db8::2]:53', '10.0.0.9'],
          services: ['web', 'tcp:192.0.2.1:80'],
          reason: 'new disk',
        },
      ],
      ['endMaintenance', { servers: ['10.0.0.2:8080'] }],
    ]);
  });

  test('says what the agent refuses: 3, and 2 where something is not there', async () => {
    const agent = new FakeAgent();
    const run = await asking(agent);
    agent.refusal = new ControlError('none of these is in maintenance');
    expect(await run('maintenance off 10.0.0.2:80')).toEqual({
      status: 3,
      stdout: '',
      stderr: 'The agent refuses: none of these is in maintenance.\n',
    });
    agent.refusal = new ControlError('no service has 10.0.0.9:80', 'unknown');
    expect(await run('maintenance on 10.0.0.9:80')).toMatchObject({ status: 2 });
  });

  test.each(['maintenance on', 'maintenance on web', 'maintenance on 10.0.0.2 --service 10.0.0.3'])(
    'ipvs %s is a usage error, and asks nothing',
    async (line) => {
      const agent = new FakeAgent();
      const run = await asking(agent);
      expect([await run(line), agent.calls]).toMatchObject([{ status: 2, stdout: '' }, []]);
    },
  );
});

describe('ipvs agent reload', () => {
  test('says that the files are read again, or what is wrong with them', async () => {
    const agent = new FakeAgent();
    const run = await asking(agent);
    expect(await run('agent reload')).toEqual({ status: 0, stdout: 'Reloaded.\n', stderr: '' });
    expect(await run('agent reload -q')).toEqual({ status: 0, stdout: '', stderr: '' });
    agent.reloaded = { configValid: false, problem: 'web.yaml:7:9: unknown key "intervall"' };
    expect(await run('agent reload')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'web.yaml:7:9: unknown key "intervall"\n' +
        'Nothing was changed: the agent keeps what it had. Correct this, then: ipvs agent reload\n',
    });
  });
});

describe('ipvs agent check', () => {
  function file(text: string): string {
    const path = join(dirname(socketPath()), 'web.yaml');
    writeFileSync(path, text);
    return path;
  }
  const stateFile = (check: string) =>
    file(`services:
  - name: web
    service: tcp:192.0.2.1:80
    check: ${check}
    servers: [10.0.0.2:8080, 10.0.0.3:8080]
  - service: tcp:192.0.2.1:81
    check: ${check}
    servers: [10.0.0.2:8080]
`);

  test('says that a file is good, and how many checks would run', async () => {
    const path = stateFile('{type: http, path: /healthz, expectBody: "^ok"}');
    expect(await ipvs(['agent', 'check', '-f', path])).toEqual({
      status: 0,
      stdout: `${path} is good: 2 services, 3 servers, 2 checks.\n`,
      stderr: '',
    });
  });

  test('says where a file is wrong, as ipvs apply does', async () => {
    const path = stateFile('{type: http, intervall: 2s}');
    const checked = await ipvs(['agent', 'check', '-f', path]);
    expect([checked.status, checked.stdout]).toEqual([2, '']);
    expect(checked.stderr).toContain(`${path}:4:25: unknown key "intervall"`);
  });

  test('says which check cannot work on this machine, and where it stands', async () => {
    const path = stateFile('{type: https, ca: /nonexistent/ca.pem}');
    expect(await ipvs(['agent', 'check', '-f', path])).toEqual({
      status: 2,
      stdout: '',
      stderr: lines(
        `${path}:4:12: cannot read /nonexistent/ca.pem: no such file`,
        `${path}:7:12: cannot read /nonexistent/ca.pem: no such file`,
      ),
    });
  });

  test('warns of what does not do what it seems to do, and the file is good all the same', async () => {
    const path = stateFile('{type: tcp, minDaysLeft: 7}');
    const { status, stdout, stderr } = await ipvs(['agent', 'check', '-f', path]);
    expect([status, stdout]).toEqual([0, `${path} is good: 2 services, 3 servers, 2 checks.\n`]);
    expect(stderr).toContain(`${path}:4:12: warning: minDaysLeft is of no use`);
  });

  test('says how ping works here, where a check needs it', async () => {
    const path = stateFile('{type: ping}');
    const range = (text: string) =>
      fakeMachine({ files: { '/proc/sys/net/ipv4/ping_group_range': text } });
    const { status, stdout, stderr } = await ipvs(['agent', 'check', '-f', path], {
      host: range('0\t2147483647\n'),
    });
    if (status === 0) {
      expect(stdout).toMatch(/ping, which needs no privilege in the groups 0-2147483647/);
      const needing = await ipvs(['agent', 'check', '-f', path], { host: range('1\t0\n') });
      expect(needing.stdout).toMatch(/ping, which needs CAP_NET_RAW/);
    } else expect(stderr).toContain('apt install iputils-ping');
  });
});

/** What the commands say when the kernel or the socket misbehaves, and with which status they end. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { command } from '../support/command.js';
import type { Outcome } from '../support/command.js';
import { errnoOf } from '../../src/testing/fake-kernel.js';
import type { ErrnoName } from '../../src/testing/fake-kernel.js';
import { faulty } from '../support/faulty-socket.js';
import type { Faults } from '../support/faulty-socket.js';
import { ipvs } from '../support/ipvs-command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const services = [
  {
    service: { firewallMark: 1 },
    destinations: [{ destination: { address: '10.0.0.2', port: 0 } }],
  },
  {
    service: { firewallMark: 2 },
    destinations: [{ destination: { address: '10.0.0.3', port: 0 } }],
  },
];

const socketError = (code: ErrnoName) => () => errnoOf(code);

interface Fault {
  readonly name: string;
  readonly text: string;
  readonly harm: Faults;
}

const everyFault: readonly Fault[] = [
  {
    name: 'lost replies',
    text: 'No buffer space available',
    harm: { receive: socketError('ENOBUFS') },
  },
  {
    name: 'a datagram longer than the buffer',
    text: 'Module is wrong version',
    harm: { receive: socketError('EMSGSIZE') },
  },
  {
    name: 'a datagram cut short',
    text: 'Bad message',
    harm: { receive: (datagram) => datagram.subarray(0, -2) },
  },
  {
    name: 'a kernel that says nothing',
    text: 'No data available',
    harm: { receive: () => undefined },
  },
  {
    name: 'a socket that takes nothing',
    text: 'Resource temporarily unavailable',
    harm: { send: () => constants.errno.EAGAIN },
  },
  {
    name: 'a socket that is busy',
    text: 'Device or resource busy',
    harm: { send: () => constants.errno.EBUSY },
  },
];

/** A kernel that goes well for so many exchanges: the look-up of the family and what it is are the first two. */
function failingAfter(exchanges: number, { send, receive }: Faults) {
  const kernel = tableKernel({ services, daemons: [{ state: 'backup', interface: 'eth0' }] });
  let sent = 0;
  let received = 0;
  const socket = faulty(kernel, {
    send: () => ((sent += 1) > exchanges ? send?.() : undefined),
    receive: (datagram) => {
      received += 1;
      return received > exchanges && receive !== undefined ? receive(datagram) : datagram;
    },
  });
  return { kernel, socket };
}

/** Waits for a command, and sees that it leaves nothing behind. */
async function ended(outcome: Promise<Outcome>, kernel: { readonly closed: boolean }) {
  const settled = await outcome;
  expect(kernel.closed).toBe(true);
  return settled;
}

const changes = [
  '-A -f 9',
  '-E -f 1 -s rr',
  '-D -f 1',
  '-a -f 1 -r 10.0.0.4',
  '-e -f 1 -r 10.0.0.2 -w 7',
  '-d -f 1 -r 10.0.0.2',
  '-C',
  '-Z',
  '-Z -f 1',
  '--set 1 2 3',
  '--start-daemon master',
  '--stop-daemon backup',
];
const lists = ['-Ln', '-Ln -f 1', '-Sn', '-L --timeout', '-L --daemon'];

describe.each(everyFault)('$name', ({ text, harm }) => {
  test.each(changes)('makes %s fail with words and status 255', async (line) => {
    const { kernel, socket } = failingAfter(2, harm);
    const outcome = await ended(command(line, { kernel: socket }), kernel);
    expect(outcome).toEqual({ status: 255, stdout: '', stderr: `${text}\n` });
  });

  test.each(lists)('makes %s fail with words and status 1, and list nothing', async (line) => {
    const { kernel, socket } = failingAfter(2, harm);
    const outcome = await ended(command(line, { kernel: socket }), kernel);
    expect(outcome).toEqual({ status: 1, stdout: '', stderr: `${text}\n` });
  });

  test.each([0, 1])('behind %i exchanges is IPVS that cannot be reached', async (exchanges) => {
    const { kernel, socket } = failingAfter(exchanges, harm);
    const { status, stdout, stderr } = await ended(command('-Ln', { kernel: socket }), kernel);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')[0]).toBe(`Can't initialize ipvs: ${text}`);
  });

  test('within a list ends it, behind what is known', async () => {
    // Behind the services and the real servers of the first.
    const { kernel, socket } = failingAfter(4, harm);
    const { status, stdout, stderr } = await ended(command('-Ln', { kernel: socket }), kernel);
    expect([status, stderr]).toEqual([1, `${text}\n`]);
    expect(stdout.split('\n').slice(3)).toEqual([
      'FWM  1 wlc',
      expect.stringMatching(/^ {2}-> 10\.0\.0\.2:0 /),
      '',
    ]);
  });

  test('within a save is status 1: what was written is not the table', async () => {
    const { kernel, socket } = failingAfter(4, harm);
    const saving = command('-n', { kernel: socket, program: 'ipvsadm-save' });
    expect(await ended(saving, kernel)).toEqual({
      status: 1,
      stdout: '-A -f 1 -s wlc\n-a -f 1 -r 10.0.0.2:0 -g -w 1\n',
      stderr: `${text}\n`,
    });
  });

  test.each([
    ['ipvsadm', '-R'],
    ['ipvsadm-restore', ''],
  ] as const)(
    'makes the outcome of the restore of %s %s unknown, with words and status 255',
    async (program, line) => {
      const { kernel, socket } = failingAfter(2, harm);
      const restoring = command(line, { kernel: socket, program, stdin: '-A -f 9\n-A -f 10\n' });
      expect(await ended(restoring, kernel)).toEqual({
        status: 255,
        stdout: '',
        stderr: `lines 1 to 2: ${text}; what took effect is not known, and the rest was not tried\n`,
      });
    },
  );

  test('makes the clearing of ipvsadm-restore fail with words and status 255', async () => {
    const { kernel, socket } = failingAfter(2, harm);
    const restoring = command('', { kernel: socket, program: 'ipvsadm-restore' });
    const outcome = await ended(restoring, kernel);
    expect(outcome).toEqual({ status: 255, stdout: '', stderr: `${text}\n` });
  });

  test('makes a rule of a restore that stands alone fail with its line', async () => {
    const { kernel, socket } = failingAfter(2, harm);
    const restoring = command('-R', { kernel: socket, stdin: '\n--set 1 2 3\n' });
    expect(await ended(restoring, kernel)).toEqual({
      status: 255,
      stdout: '',
      stderr: `line 2: ${text}\n  --set 1 2 3\n`,
    });
  });
});

describe.each(['EAGAIN', 'EBUSY', 'ENOBUFS'] satisfies ErrnoName[])(
  'a kernel that answers %s',
  (code) => {
    const texts = {
      EAGAIN: 'Resource temporarily unavailable',
      EBUSY: 'Device or resource busy',
      ENOBUFS: 'No buffer space available',
    };
    const refusing = () =>
      tableKernel({
        services,
        refuse: ({ command: name }) => (name === 'GET_INFO' ? undefined : code),
      });

    test.each([
      ...changes.map((line) => [line, 255] as const),
      ...lists.map((line) => [line, 1] as const),
    ])('to %s is reported, with status %i', async (line, status) => {
      const outcome = await command(line, { kernel: refusing() });
      expect(outcome).toEqual({ status, stdout: '', stderr: `${texts[code]}\n` });
    });
  },
);

describe('ipvs rules', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvs-faults-'));
    file = join(folder, 'rules');
    await writeFile(file, '-A -f 3\n');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test.each(everyFault)('load says that the outcome is not known with $name', async ({ harm }) => {
    const { kernel, socket } = failingAfter(5, harm);
    const loading = ipvs(['rules', 'load', '-f', file], { kernel: socket });
    const { status, stdout, stderr } = await ended(loading, kernel);
    expect([status, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      /^cannot apply a batch of changes: .+ \(E[A-Z]+\)\nWhat took effect is not known\. .*\n$/,
    );
  });

  test.each(everyFault)('save keeps the file where there is $name', async ({ harm }) => {
    const { kernel, socket } = failingAfter(4, harm);
    const saving = ipvs(['rules', 'save', '-f', file], { kernel: socket });
    const { status, stdout, stderr } = await ended(saving, kernel);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(
      /^cannot read the real servers of the service mark:2: .+ \(E[A-Z]+\)\n$/,
    );
    expect(await readFile(file, 'utf8')).toBe('-A -f 3\n');
  });
});

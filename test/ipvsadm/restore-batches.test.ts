/** A restore goes to the kernel in batches: what becomes of it when one fails, or a signal comes between two. */
import { describe, expect, test } from 'vitest';
import { command, silence } from '../support/command.js';

import { errnoOf } from '../../src/testing/fake-kernel.js';
import type { ErrnoName, FakeRequest } from '../../src/testing/fake-kernel.js';
import { faulty } from '../support/faulty-socket.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

/** Rules that go to the kernel together. */
const BATCH = 512;

const rule = (mark: number) => `-A -f ${mark}\n`;
/** So many rules, one a line, with the marks from 1 on. */
const rules = (count: number) => Array.from({ length: count }, (_, index) => rule(index + 1));

const markOf = ({ attributes }: FakeRequest) => attributes.SERVICE?.FWMARK;

/** A kernel to which a signal comes with the rule for a mark. */
function interruptedAt(mark: number, status = 130) {
  const controller = new AbortController();
  const kernel = tableKernel({
    refuse: (request) => {
      if (markOf(request) === mark) controller.abort(status);
      return undefined;
    },
  });
  return { kernel, interruption: controller.signal };
}

/** A kernel whose answer to the rule for a mark is lost. */
function losing(mark: number, code: ErrnoName) {
  let harm = false;
  const kernel = tableKernel({
    refuse: (request) => {
      harm ||= markOf(request) === mark;
      return undefined;
    },
  });
  const socket = faulty(kernel, {
    receive: (datagram) => (harm ? errnoOf(code) : datagram),
  });
  return { kernel, socket };
}

test('thousands of rules go in order, in few datagrams', async () => {
  const kernel = tableKernel();
  const stdin = rules(3000);
  expect(await command('', { kernel, stdin, program: 'ipvsadm-restore' })).toEqual(silence);
  const [, cleared, ...added] = kernel.requests;
  expect(cleared?.command).toBe('FLUSH');
  expect(added.map(markOf)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  expect(kernel.datagrams.length).toBeLessThanOrEqual(20);
});

test('refusals have the numbers of their lines, in every batch', async () => {
  const refused = [1, BATCH, BATCH + 1, 1500];
  const kernel = tableKernel({
    refuse: (request) => (refused.includes(markOf(request) ?? 0) ? 'ENOMEM' : undefined),
  });
  const { status, stderr } = await command('-R', { kernel, stdin: ['# first\n', ...rules(1500)] });
  expect(status).toBe(255);
  expect(stderr).toBe(
    refused.map((mark) => `line ${mark + 1}: Memory allocation problem\n  ${rule(mark)}`).join(''),
  );
  expect(kernel.table()).toHaveLength(1500 - refused.length);
});

describe('a signal', () => {
  test('between two batches ends it there, and says how far it is', async () => {
    const { kernel, interruption } = interruptedAt(1);
    const stdin = ['\n', ...rules(2000)];
    expect(await command('-R', { kernel, interruption, stdin })).toEqual({
      status: 130,
      stdout: '',
      stderr: `interrupted: ${BATCH} of 2000 rules applied, up to line ${BATCH + 1}\n`,
    });
    expect(kernel.table()).toHaveLength(BATCH);
  });

  test('within a batch lets the batch end', async () => {
    const { kernel, interruption } = interruptedAt(BATCH + 7, 143);
    const { status, stderr } = await command('-R', { kernel, interruption, stdin: rules(2000) });
    expect([status, stderr]).toEqual([
      143,
      `interrupted: ${2 * BATCH} of 2000 rules applied, up to line ${2 * BATCH}\n`,
    ]);
    expect(kernel.table()).toHaveLength(2 * BATCH);
  });

  test('before the first change: nothing is done, also not the clearing', async () => {
    const kernel = tableKernel({ services: [{ service: { firewallMark: 7 } }] });
    const setting = { kernel, stdin: rules(3), interruption: AbortSignal.abort(130) };
    expect(await command('', { ...setting, program: 'ipvsadm-restore' })).toEqual({
      status: 130,
      stdout: '',
      stderr: 'interrupted: 0 of 3 rules applied\n',
    });
    expect(kernel.table()).toHaveLength(1);
  });

  test('counts what the kernel has refused as not applied', async () => {
    const { kernel, interruption } = interruptedAt(2);
    const stdin = [rule(1), ...rules(1000)];
    const { status, stderr } = await command('-R', { kernel, interruption, stdin });
    expect([status, stderr]).toEqual([
      130,
      'line 2: Service already exists\n  -A -f 1\n' +
        `interrupted: ${BATCH - 1} of 1001 rules applied, up to line ${BATCH}\n`,
    ]);
  });

  test('behind a clearing that was refused counts the rules alone', async () => {
    const controller = new AbortController();
    const kernel = tableKernel({
      refuse: ({ command: name }) => {
        if (name !== 'FLUSH') return undefined;
        controller.abort(130);
        return 'ENOMEM';
      },
    });
    const setting = { kernel, interruption: controller.signal, stdin: rules(1000) };
    const { stderr } = await command('', { ...setting, program: 'ipvsadm-restore' });
    // The clearing is the first of its batch.
    expect(stderr).toBe(
      `Memory allocation problem\ninterrupted: ${BATCH - 1} of 1000 rules applied, up to line ${BATCH - 1}\n`,
    );
    expect(kernel.table()).toHaveLength(BATCH - 1);
  });

  test('within the last batch changes nothing any more', async () => {
    const { kernel, interruption } = interruptedAt(5);
    expect(await command('-R', { kernel, interruption, stdin: rules(10) })).toEqual(silence);
    expect(kernel.table()).toHaveLength(10);
  });

  test('between rules that stand alone ends it there', async () => {
    const controller = new AbortController();
    const kernel = tableKernel({
      refuse: ({ command: name }) => {
        if (name === 'SET_CONFIG') controller.abort(130);
        return undefined;
      },
    });
    const setting = { kernel, interruption: controller.signal };
    const stdin = '-A -f 1\n--set 1 2 3\n--set 4 5 6\n-A -f 2\n';
    expect(await command('-R', { ...setting, stdin })).toEqual({
      status: 130,
      stdout: '',
      stderr: 'interrupted: 2 of 4 rules applied, up to line 2\n',
    });
    expect(kernel.timeouts()).toEqual({ tcpSeconds: 1, tcpFinSeconds: 2, udpSeconds: 3 });
  });

  test('is not waited for when the input is faulty', async () => {
    const setting = { interruption: AbortSignal.abort(130), stdin: 'rubbish\n' };
    expect((await command('-R', setting)).status).toBe(2);
  });
});

describe('a batch that gets no answer', () => {
  test.each([
    ['ENOBUFS', 'No buffer space available'],
    ['EMSGSIZE', 'Module is wrong version'],
  ] satisfies [ErrnoName, string][])(
    'for %s ends it: which lines is said, and that their outcome is unknown',
    async (code, text) => {
      const { kernel, socket } = losing(BATCH + 1, code);
      const stdin = ['# first\n', ...rules(2000)];
      expect(await command('-R', { kernel: socket, stdin })).toEqual({
        status: 255,
        stdout: '',
        stderr: `lines ${BATCH + 2} to ${2 * BATCH + 1}: ${text}; what took effect is not known, and the rest was not tried\n`,
      });
      expect(kernel.requests.map(markOf)).not.toContain(2 * BATCH + 1);
    },
  );

  test('after one with refusals reports these too', async () => {
    const { socket } = losing(BATCH + 1, 'ENOBUFS');
    const stdin = [rule(1), ...rules(2000)];
    const { status, stderr } = await command('-R', { kernel: socket, stdin });
    expect(status).toBe(255);
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'line 2: Service already exists',
      '  -A -f 1',
      expect.stringMatching(/^lines 513 to 1024: No buffer space available; /),
    ]);
  });

  test('of one line names the line alone', async () => {
    const { socket } = losing(1, 'ENOBUFS');
    const { stderr } = await command('-R', { kernel: socket, stdin: '\n-A -f 1\n--set 1 2 3\n' });
    expect(stderr).toBe(
      'line 2: No buffer space available; what took effect is not known, and the rest was not tried\n',
    );
  });
});

test('the refusals of a kernel that refuses everything are reported line by line', async () => {
  const kernel = tableKernel({
    refuse: ({ command: name }) => (name === 'GET_INFO' ? undefined : 'EPERM'),
  });
  const { status, stderr } = await command('-R', { kernel, stdin: rules(1000) });
  expect(status).toBe(255);
  expect(stderr.match(/^line \d+: Permission denied \(you must be root\)$/gm)).toHaveLength(1000);
});

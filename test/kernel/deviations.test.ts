import { describe, expect, test } from 'vitest';
import { ourCommand, ourCommandLine } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';
import type { CommandResult } from '../lab/lab.js';

/**
 * Where ours differs from the genuine 1.31 on purpose: each test runs both and says what each does. Everything else agrees:
 * see agreement/. Deviations 7, 11 to 15 and a part of 6 are in deviations/.
 */

const ours = useNamespace('ours');
const genuine = useNamespace('genuine');

interface Sysctl {
  readonly before?: string;
  readonly stdin?: string;
  readonly program?: 'ipvsadm' | 'ipvsadm-save' | 'ipvsadm-restore';
}

/** Runs a line with both programs on tables that are alike. */
async function both(
  line: string,
  { before = '', ...options }: Sysctl = {},
): Promise<{ ours: CommandResult; genuine: CommandResult }> {
  for (const namespace of [ours(), genuine()]) {
    await namespace.genuine(['-C']);
    if (before !== '') await namespace.genuine(['-R'], { stdin: before });
  }
  const words = line === '' ? [] : line.split(' ');
  return {
    ours: await ours().ipvsadm(words, options),
    genuine: await genuine().genuine(words, options),
  };
}

const rulesOf = async (namespace: ReturnType<typeof ours>) =>
  (await namespace.genuine(['-Sn'])).stdout.split('\n').slice(0, -1);
const ok = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: '' });

describe('deviation 1: nothing is lost between save and restore', () => {
  const before =
    '-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.1.1 -m -x 10 -y 5\n-a -t 10.0.0.1:80 -r 10.0.1.2 -m -x 10';

  test('thresholds are saved, where there are any', async () => {
    const saved = await both('-Sn', { before });
    expect(saved.genuine.stdout).not.toContain('-x');
    expect(saved.ours.stdout.split('\n').slice(1)).toEqual([
      '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1 -x 10 -y 5',
      '-a -t 10.0.0.1:80 -r 10.0.1.2:80 -m -w 1 -x 10',
      '',
    ]);
    await genuine().genuine(['-C']);
    expect(await genuine().genuine(['-R'], { stdin: saved.ours.stdout })).toEqual(ok(''));
    const thresholds = ['-Ln', '--thresholds'];
    expect(await genuine().genuine(thresholds)).toEqual(await ours().genuine(thresholds));
  });

  test('a flag that sh and mh have no name for is saved', async () => {
    const saved = await both('-Sn', { before: '-A -t 10.0.0.1:80 -s sh -b flag-3,sh-port' });
    expect(saved.genuine.stdout).toBe('-A -t 10.0.0.1:80 -s sh -b sh-port\n');
    expect(saved.ours.stdout).toBe('-A -t 10.0.0.1:80 -s sh -b sh-port,flag-3\n');
    const alone = await both('-Sn', { before: '-A -t 10.0.0.1:80 -s sh -b flag-3' });
    expect(alone.genuine.stdout).toBe('-A -t 10.0.0.1:80 -s sh -b \n');
    expect(alone.ours.stdout).toBe('-A -t 10.0.0.1:80 -s sh -b flag-3\n');
  });
});

describe('deviation 2: a restore is checked as a whole', () => {
  test('every faulty line is named, and nothing applied', async () => {
    const stdin = '-A -f 1\n-A -f x\n-A -f 2 -q\n-A -f 3\n';
    const restored = await both('-R', { stdin });
    expect(restored.genuine).toEqual({
      code: 2,
      stdout: '',
      stderr: "invalid fwmark value `x' specified\n",
    });
    expect(await rulesOf(genuine())).toEqual(['-A -f 1 -s wlc']);
    expect(restored.ours).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "line 2: invalid fwmark value `x' specified\n  -A -f x\nline 3: -q: unknown option\n  -A -f 2 -q\n",
    });
    expect(await rulesOf(ours())).toEqual([]);
  });

  test('a refused rule is reported with its line, and gives 255 wherever it stands', async () => {
    const restored = await both('-R', { stdin: '-A -f 1\n-A -f 1\n-A -f 2\n' });
    expect(restored.genuine).toEqual({ code: 0, stdout: '', stderr: 'Service already exists\n' });
    expect(restored.ours).toEqual({
      code: 255,
      stdout: '',
      stderr: 'line 2: Service already exists\n  -A -f 1\n',
    });
    expect(await rulesOf(ours())).toEqual(await rulesOf(genuine()));
  });

  test('comments are no faults', async () => {
    const restored = await both('-R', { stdin: '# rules\n-A -f 1\n' });
    expect(restored.genuine.code).toBe(255);
    expect(restored.ours).toEqual(ok(''));
  });
});

describe('deviation 3: ipvsadm-restore checks before it clears', () => {
  test('faulty rules leave the running table as it is', async () => {
    const setting = {
      before: '-A -f 9',
      stdin: '-A -f 1\n-A -f x\n',
      program: 'ipvsadm-restore',
    } as const;
    const restored = await both('', setting);
    expect([restored.ours.code, restored.genuine.code]).toEqual([2, 2]);
    expect(await rulesOf(genuine())).toEqual(['-A -f 1 -s wlc']);
    expect(await rulesOf(ours())).toEqual(['-A -f 9 -s wlc']);
  });
});

describe('deviation 4: options may stand in any order, and brackets keep a port', () => {
  test.each([
    ['-A -t [10.0.0.1]:8080', '', '-A -t 10.0.0.1:8080 -s wlc'],
    ['-A -6 -f 7', '', '-A -f 7 -6 -s wlc'],
    ['-A -p 30 -M 64 -t [2001:db8::1]:80', '', '-A -t [2001:db8::1]:80 -s wlc -p 30 -M 64'],
    [
      '-a -r 10.0.1.1 -t 10.0.0.1:80 -m',
      '-A -t 10.0.0.1:80',
      '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1',
    ],
    [
      '-a -r 10.0.1.1:http-alt -t 10.0.0.1:80 -m',
      '-A -t 10.0.0.1:80',
      '-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 1',
    ],
  ])('ipvsadm %s', async (line, before, rule) => {
    const result = await both(line, { before });
    expect(result.ours).toEqual(ok(''));
    expect((await rulesOf(ours())).at(-1)).toBe(rule);
    expect(await rulesOf(genuine())).not.toContain(rule);
  });
});

describe('deviation 5: firewall marks are unsigned', () => {
  const before = '-A -f 4294967295 -s rr\n-A -f 2147483648 -6';

  test('in lists, and sorted as such', async () => {
    const listed = await both('-Ln', { before });
    expect(listed.genuine.stdout).toContain('FWM  -1 rr\n');
    expect(listed.ours.stdout.split('\n').slice(3)).toEqual([
      'FWM  2147483648 IPv6 wlc',
      'FWM  4294967295 rr',
      '',
    ]);
  });

  test('and in rules, which can be restored', async () => {
    const saved = await both('-Sn', { before });
    expect((await both('-R', { stdin: saved.genuine.stdout })).genuine.code).toBe(2);
    expect((await both('-R', { stdin: saved.ours.stdout })).ours).toEqual(ok(''));
    expect((await ours().ipvsadm(['-Sn'])).stdout).toBe(saved.ours.stdout);
  });
});

describe('deviation 6: sorting is by number', () => {
  test('however far apart addresses of real servers are', async () => {
    const before =
      '-A -f 1\n-a -f 1 -r 192.0.2.1:54 -m\n-a -f 1 -r 10.0.1.9:53 -m\n-a -f 1 -r 192.0.2.1:53 -m';
    const listed = await both('-Ln', { before });
    const servers = ({ stdout }: CommandResult) => stdout.match(/\d+\.\d+\.\d+\.\d+:\d+/g);
    expect(servers(listed.genuine)).toEqual(['192.0.2.1:53', '192.0.2.1:54', '10.0.1.9:53']);
    expect(servers(listed.ours)).toEqual(['10.0.1.9:53', '192.0.2.1:53', '192.0.2.1:54']);
  });

  test('however far apart addresses of services are', async () => {
    const before = '-A -t 10.0.0.1:80\n-A -t 192.0.2.1:80';
    const listed = await both('-Ln', { before });
    const services = ({ stdout }: CommandResult) => stdout.match(/^TCP .*:80/gm);
    expect(services(listed.genuine)).toEqual(['TCP  192.0.2.1:80', 'TCP  10.0.0.1:80']);
    expect(services(listed.ours)).toEqual(['TCP  10.0.0.1:80', 'TCP  192.0.2.1:80']);
  });
});

describe('deviation 8: help, version and usage errors need neither root nor the module', () => {
  test.each(['-h', '-v', '-A', '-L -q'])('ipvsadm %s', async (line) => {
    const unprivileged = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const theirs = await genuine().run([...unprivileged, '/sbin/ipvsadm', ...line.split(' ')]);
    expect(theirs.stderr).toContain(
      "Can't initialize ipvs: Permission denied (you must be root)\n",
    );
    const mine = await ours().run([...unprivileged, ...ourCommand('ipvsadm'), ...line.split(' ')]);
    expect(mine.stderr).not.toContain('initialize');
    expect(mine.code).toBe(line === '-A' ? 2 : line === '-L -q' ? 255 : 0);
  });
});

describe('deviation 9: no crash, and no failure in silence', () => {
  test.each([
    // The genuine program takes the one for no flags at all, and ends by SIGSEGV at the other.
    ['', 0],
    [',', 139],
  ])('scheduler flags %j are an error', async (flags, code) => {
    await both('-C');
    const words = ['-A', '-t', '10.0.0.1:80', '-b', flags];
    const line = `ipvsadm ${words.map((word) => `'${word}'`).join(' ')}`;
    const theirs = await genuine().run(['sh', '-c', `PATH=/sbin:$PATH; ${line} 2>&1; echo $?`]);
    expect(theirs.stdout).toMatch(new RegExp(`${code}\n$`));
    expect(await ours().ipvsadm(words)).toEqual({
      code: 2,
      stdout: '',
      stderr: "invalid scheduler flag `'\n",
    });
  });

  test('a list that cannot be written is an error', async () => {
    const full = (command: string) => ours().run(['sh', '-c', `${command} -Ln >/dev/full`]);
    expect(await full('/sbin/ipvsadm')).toEqual(ok(''));
    expect(await full(ourCommandLine('ipvsadm'))).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ipvsadm: cannot write: No space left on device\n',
    });
  });
});

describe('deviation 10: zeroing one service zeroes no other', () => {
  test('when there is no service at 0.0.0.0:0', async () => {
    const zeroed = await both('-Z -t 0.0.0.0:0', { before: '-A -t 10.0.0.1:80' });
    expect(zeroed.genuine).toEqual(ok(''));
    expect(zeroed.ours).toEqual({ code: 255, stdout: '', stderr: 'No such service\n' });
  });
});

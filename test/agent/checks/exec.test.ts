import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { CheckTarget } from '../../../src/agent/config/config.js';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { exec } from '../../../src/agent/checks/exec.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { targetOf } from './probe-target.js';

const server = (more: Partial<CheckTarget> = {}) => targetOf('10.0.0.2', 8080, more);

const runWords = (
  command: readonly string[],
  settings: Readonly<Record<string, unknown>> = {},
  target = server(),
) => exec.prepare(target, { command, weight: false, ...settings }).run();

/** What a script of the shell comes to. The shell takes the first word after the script as its own name. */
const run = (script: string, ...more: [Readonly<Record<string, unknown>>?, CheckTarget?]) =>
  runWords(['/bin/sh', '-c', script, 'check'], ...more);

function processExists(id: string): boolean {
  return existsSync(`/proc/${id}`);
}

/** Whether a process runs; one that has ended and that nobody has asked about does not. */
function isRunning(id: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a program', () => {
  test.each([
    ['exit 0', true, 'exit status 0'],
    ['echo all is well', true, 'exit status 0: all is well'],
    ['exit 3', false, 'exit status 3'],
    ['echo no database; echo more; exit 1', false, 'exit status 1: no database'],
    ['echo no such thing >&2; exit 2', false, 'exit status 2: no such thing'],
    ['echo >&2 noise; echo; echo "  word "; exit 2', false, 'exit status 2: word'],
    ['kill -TERM $$', false, 'ended by SIGTERM'],
    ['echo going; kill -SEGV $$', false, 'ended by SIGSEGV: going'],
    ["printf '\\033[31mred\\a\\r\\n'; exit 1", false, 'exit status 1: ?[31mred?'],
    ["printf '\\377\\376'; exit 1", false, 'exit status 1: \ufffd\ufffd'],
    ['cat; exit 4', false, 'exit status 4'],
    ['while :; do echo no end; done', false, 'killed, since it printed more than 64 KiB: no end'],
    [
      'while :; do echo no end >&2; done',
      false,
      'killed, since it printed more than 64 KiB: no end',
    ],
  ])('%s', async (script, passing, reason) => {
    expect(await run(script)).toEqual({ passing, reason });
  });

  test.each([
    ['/nonexistent/check', 'cannot start: No such file or directory'],
    ['no-such-check', 'cannot start: No such file or directory'],
    ['/etc/passwd', 'cannot start: Permission denied'],
    ['/', 'cannot start: Permission denied'],
  ])('that cannot be started fails with the reason: %s', async (program, reason) => {
    expect(await runWords([program])).toEqual({ passing: false, reason });
  });

  test('is found in the usual folders', async () => {
    expect(await runWords(['true'])).toEqual({ passing: true, reason: 'exit status 0' });
  });

  test('with more words than the system takes fails with the reason', async () => {
    const word = 'x'.repeat(131_071);
    expect(await runWords(['true', ...Array<string>(64).fill(word)])).toEqual({
      passing: false,
      reason: 'cannot start: Argument list too long',
    });
  });

  test('whose first line is long is quoted in part', async () => {
    const { reason } = await run(`printf '%01000d' 0; exit 1`);
    expect(reason).toBe(`exit status 1: ${'0'.repeat(200)}…`);
  });

  test('reads no input, and begins in the root folder', async () => {
    expect(await run('read line || pwd')).toMatchObject({ reason: 'exit status 0: /' });
  });

  test('is not read by a shell', async () => {
    expect(await runWords(['/bin/echo', '$(id); `id` > /tmp/x | cat'])).toMatchObject({
      reason: 'exit status 0: $(id); `id` > /tmp/x | cat',
    });
  });
});

describe('a program is told what to check', () => {
  test('by arguments, if it has none of its own: service, port, server, port', async () => {
    const tells = async (target?: CheckTarget) => (await runWords(['echo'], {}, target)).reason;
    expect(await tells()).toBe('exit status 0: 192.0.2.1 80 10.0.0.2 8080');
    const service = { firewallMark: 7, family: 'ipv4' } as const;
    expect(await tells(server({ service }))).toBe('exit status 0: 7 0 10.0.0.2 8080');
    const ipv6 = targetOf('2001:db8::2', 443, { address: IpAddress.parse('2001:db8::9') });
    expect(await tells(ipv6)).toBe('exit status 0: 192.0.2.1 80 2001:db8::9 443');
  });

  test.each([
    ['$IPVS_SERVICE $IPVS_SERVICE_NAME', 'tcp:192.0.2.1:80 web'],
    ['$IPVS_SERVICE_PROTOCOL $IPVS_SERVICE_ADDRESS $IPVS_SERVICE_PORT', 'tcp 192.0.2.1 80'],
    ['$IPVS_SERVER $IPVS_SERVER_ADDRESS $IPVS_SERVER_PORT', '10.0.0.2:8080 10.0.0.2 8080'],
    ['$IPVS_CHECK_ADDRESS $IPVS_CHECK_PORT', '10.0.0.9 9'],
    ['$IPVS_CHECK_TIMEOUT_MS', '60000'],
    ['$PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ])('by its environment: %s', async (variables, values) => {
    const target = server({ address: IpAddress.parse('10.0.0.9'), port: 9 });
    expect(await run(`echo "${variables}"`, {}, target)).toMatchObject({
      reason: `exit status 0: ${values}`,
    });
  });

  test('by its environment: a mark, of a service that has one', async () => {
    const target = server({
      service: { firewallMark: 7, family: 'ipv6' },
      serviceName: undefined,
    });
    expect(
      await run('echo "$IPVS_SERVICE,$IPVS_SERVICE_MARK,$IPVS_SERVICE_NAME"', {}, target),
    ).toMatchObject({ reason: 'exit status 0: mark:7/ipv6,7,' });
  });

  test('and there is nothing else in its environment', async () => {
    const { reason } = await run("env | grep -v '^IPVS_' | cut -d= -f1 | sort | tr '\\n' ' '");
    const names = reason.replace('exit status 0: ', '').split(' ');
    // The shell adds some of its own.
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name))).toEqual([
      'PATH',
    ]);
  });
});

describe('a program that hangs', () => {
  const soon = server({ timeoutMs: 500 });

  test('is killed when its time is up', async () => {
    expect(await run('while :; do sleep 1000; done', {}, soon)).toEqual({
      passing: false,
      reason: 'killed after 0.5 s',
    });
  });

  test('is killed also if it ignores signals', async () => {
    expect(await run("trap '' TERM INT HUP; while :; do sleep 1000; done", {}, soon)).toMatchObject(
      {
        reason: 'killed after 0.5 s',
      },
    );
  });

  test('is killed with what it has started', async () => {
    const target = server({ timeoutMs: 5000 });
    const { reason } = await run('sleep 1000 & echo $! $$; wait', {}, target);
    const [, background = '', itself = ''] = /^killed after 5 s: (\d+) (\d+)$/.exec(reason) ?? [];
    await expect.poll(() => isRunning(background)).toBe(false);
    await expect.poll(() => isRunning(itself)).toBe(false);
  });

  test('is killed when the check is closed', async () => {
    const probe = exec.prepare(server(), { command: ['/bin/sleep', '1000'] });
    const outcome = probe.run();
    probe.close?.();
    expect(await outcome).toEqual({ passing: false, reason: 'the check has ended' });
  });

  test('leaves the next run to begin anew', async () => {
    const probe = exec.prepare(soon, { command: ['/bin/sh', '-c', 'sleep 1000'] });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await probe.run()).toMatchObject({ reason: 'killed after 0.5 s' });
    }
  });
});

describe('what a program leaves behind', () => {
  test('does not delay the outcome, and is killed', async () => {
    const { reason } = await run('sleep 1000 & echo $!');
    const [, background = ''] = /^exit status 0: (\d+)$/.exec(reason) ?? [];
    await expect.poll(() => isRunning(background)).toBe(false);
  });

  test('does not delay the outcome if it has left the group and keeps the output open', async () => {
    const { reason } = await run(
      'setsid --fork sh -c "echo \\$\\$; exec sleep 1000"; sleep 1; exit 5',
    );
    const [, background = ''] = /^exit status 5: (\d+)$/.exec(reason) ?? [];
    expect(isRunning(background)).toBe(true);
    process.kill(Number(background), 'SIGKILL');
  });

  test('is no zombie', async () => {
    const { reason } = await run('echo $$; exit 1');
    const [, id = ''] = /^exit status 1: (\d+)$/.exec(reason) ?? [];
    await expect.poll(() => processExists(id)).toBe(false);
  });
});

describe('a program may take the weight', () => {
  const weigh = (script: string) => run(script, { weight: true });

  test.each([
    ['ready', true, { kind: 'ready' }],
    ['drain', true, { kind: 'drain' }],
    ['down', false, { kind: 'down' }],
    ['75%', true, { kind: 'share', percent: 75 }],
    ['0%', true, { kind: 'share', percent: 0 }],
    ['100%', true, { kind: 'share', percent: 100 }],
  ])('by printing %s', async (word, passing, request) => {
    expect(await weigh(`echo ${word}`)).toEqual({
      passing,
      reason: `the server says ${word}`,
      request,
    });
  });

  test('by the last line that it prints', async () => {
    expect(await weigh('echo load 0.4; echo; echo "  50%  "; echo; echo; echo done >&2')).toEqual({
      passing: true,
      reason: 'the server says 50%',
      request: { kind: 'share', percent: 50 },
    });
  });

  test.each([
    ['', 'nothing'],
    ['echo 101%', "'101%'"],
    ['echo -1%', "'-1%'"],
    ['echo 75', "'75'"],
    ['echo 7.5%', "'7.5%'"],
    ['echo READY', "'READY'"],
    ['echo up', "'up'"],
    ['echo ready 75%', "'ready 75%'"],
    ["printf '\\033c'", "'?c'"],
    ['echo ready >&2', 'nothing'],
  ])('and fails if it prints something else: %s', async (script, shown) => {
    expect(await weigh(script)).toEqual({
      passing: false,
      reason: `printed ${shown}, expected ready, drain, down or a share such as 75%`,
    });
  });

  test('and fails with another exit status, whatever it prints', async () => {
    expect(await weigh('echo 75%; exit 1')).toEqual({
      passing: false,
      reason: 'exit status 1: 75%',
    });
  });
});

describe('a program may run as a user', () => {
  test('who has to exist', () => {
    const prepare = () => exec.prepare(server(), { command: ['true'], user: 'no-such\u001b' });
    expect(prepare).toThrow(CheckError);
    expect(prepare).toThrow("there is no user 'no-such?' in /etc/passwd");
  });

  test.runIf(userInfo().uid === 0)('with the own group of that user and no other', async () => {
    expect(await run('echo $(id -u) $(id -g) $(id -G)', { user: 'daemon' })).toMatchObject({
      reason: 'exit status 0: 1 1 1',
    });
  });
});

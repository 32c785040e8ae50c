import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { ping, pingMethod, pingProbe } from '../../../src/agent/checks/ping.js';
import type { CheckTarget } from '../../../src/agent/config/config.js';
import { installedProgram } from '../../../src/host/installed-program.js';
import { linuxHost } from '../../../src/host/linux.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { targetOf } from './probe-target.js';

/** A program that is called as ping is, and does what a script says. */
function pingThat(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ping-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'ping');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const runPing = (script: string, more: Partial<CheckTarget> = {}, count?: number) =>
  pingProbe(pingThat(script), targetOf('10.0.0.2', 0, more), count).run();

const failed = (reason: string) => ({ passing: false, reason });
const REPLIED = { passing: true, reason: 'echo reply' };
const REPLY = 'echo "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.1 ms"';

describe('what the program says', () => {
  test.each([
    ['a reply', `${REPLY}; exit 0`, REPLIED],
    ['one of several replies', `${REPLY}; exit 1`, REPLIED],
    [
      'no reply',
      'echo; echo "1 packets transmitted, 0 received"; exit 1',
      failed('no answer in 60 s'),
    ],
    [
      'an unreachable network',
      'echo "From 192.0.2.9 icmp_seq=1 Destination Net Unreachable"; exit 1',
      failed('destination net unreachable'),
    ],
    [
      'an unreachable address of IPv6',
      'echo "From fe80::1%eth0 icmp_seq=1 Destination unreachable: Address unreachable"; exit 1',
      failed('destination unreachable: address unreachable'),
    ],
    [
      'that it may not',
      'echo "ping: socket: Operation not permitted" >&2; exit 2',
      failed('ping: socket: Operation not permitted'),
    ],
    ['nothing', 'exit 2', failed('ping: exit status 2')],
    ['control characters', "printf '\\033[2J\\n' >&2; exit 2", failed('?[2J')],
    [
      'something without end',
      'while :; do echo noise; done',
      failed('ping: killed, since it printed more than 64 KiB'),
    ],
  ])('%s', async (_what, script, outcome) => {
    expect(await runPing(script)).toEqual(outcome);
  });

  test('nothing, when its time is up', async () => {
    expect(await runPing('exec sleep 1000', { timeoutMs: 300 })).toEqual(
      failed('no answer in 0.3 s'),
    );
  });

  test('a reply, while it waits for others when its time is up', async () => {
    expect(await runPing(`${REPLY}; exec sleep 1000`, { timeoutMs: 5000 }, 10)).toEqual(REPLIED);
  });

  test('nothing, when it cannot be started', async () => {
    const probe = pingProbe('/nonexistent/ping', targetOf('10.0.0.2', 0));
    expect(await probe.run()).toEqual(failed('ping: cannot start: No such file or directory'));
  });
});

describe('the program is told', () => {
  const wordsFor = async (target: CheckTarget, count?: number) => {
    const probe = pingProbe(pingThat('echo "$@" $LC_ALL >&2; exit 2'), target, count);
    return (await probe.run()).reason;
  };

  test('whom to ask, and how often and for how long', async () => {
    expect(await wordsFor(targetOf('10.0.0.2', 8080, { timeoutMs: 20_000 }))).toBe(
      '-4 -n -c 1 -i 10 -W 20 10.0.0.2 C',
    );
    expect(await wordsFor(targetOf('2001:db8::2', 8080, { timeoutMs: 20_500 }), 10)).toBe(
      '-6 -n -c 10 -i 1.025 -W 21 2001:db8::2 C',
    );
  });

  test('where from', async () => {
    const source = IpAddress.parse('10.0.0.9');
    expect(await wordsFor(targetOf('10.0.0.2', 0, { source }), 5)).toBe(
      '-4 -n -c 5 -i 6 -W 60 -I 10.0.0.9 10.0.0.2 C',
    );
  });
});

const isInstalled = installedProgram('ping') !== undefined;

test.runIf(isInstalled).each(['127.0.0.1', '::1'])('the real one: %s replies', async (address) => {
  expect(await ping.prepare(targetOf(address, 0), { count: 2 }).run()).toEqual(REPLIED);
});

test.runIf(!isInstalled)('a check is refused with advice when it is not installed', () => {
  const prepare = () => ping.prepare(targetOf('127.0.0.1', 0), {});
  expect(prepare).toThrow(CheckError);
  expect(prepare).toThrow('the program ping is not installed: apt install iputils-ping');
});

describe('who may ping without a privilege', () => {
  const withRange = (range: string | undefined) =>
    pingMethod({ ...linuxHost, read: () => Promise.resolve(range) });

  test.each([
    ['0\t2147483647\n', '0-2147483647'],
    ['1\t0\n', undefined],
    ['7\t7\n', '7-7'],
    [undefined, undefined],
  ])('%j', async (range, groups) => {
    expect(await withRange(range)).toEqual({ program: installedProgram('ping'), groups });
  });
});

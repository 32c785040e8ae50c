import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ourCommand } from '../lab/our-commands.js';
import type { CommandResult } from '../lab/lab.js';
import { useOwnLab } from '../support/director.js';
import { finding, fix } from '../support/doctor.js';
import { PATIENCE_MS } from '../lab/patience.js';

/** A kernel without IPVS, and no way to load it: in a lab of its own, since modules are one for all namespaces. */

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const PROGRAMS = { ours: ourCommand('ipvsadm'), genuine: ['/sbin/ipvsadm'] };

const UNLOAD =
  'lsmod | sed -n "s/^\\(ip_vs_[a-z]*\\) .*/\\1/p" | xargs -r rmmod; [ ! -e /sys/module/ip_vs ] || rmmod ip_vs';

const lab = useOwnLab();

beforeAll(unload);

/** A namespace that was closed is gone a moment later, and its IPVS with it. */
async function unload(): Promise<void> {
  const gone = async () => {
    expect(await run(['sh', '-c', UNLOAD])).toMatchObject({ code: 0 });
  };
  await vi.waitFor(gone, { timeout: PATIENCE_MS });
}

function run(argv: readonly string[]): Promise<CommandResult> {
  return lab().run(argv);
}

describe('ipvs doctor', () => {
  afterAll(unload);

  test('module-missing: a real server needs no IPVS', async () => {
    await using realServer = await lab().namespace();
    await realServer.run(['ip', 'address', 'add', '192.0.2.1/32', 'dev', 'lo']);
    expect(await finding(realServer, 'module-missing')).toBeUndefined();
  });

  test('module-missing: the doctor finds a machine without IPVS that is not a real server, and its fix loads the module', async () => {
    await using director = await lab().namespace();
    const found = await finding(director, 'module-missing');
    expect(found).toMatchObject({
      severity: 'error',
      occurrences: [{ evidence: '/proc/net/ip_vs does not exist', fix: ['modprobe ip_vs'] }],
    });
    expect(await finding(director, 'module-missing', '--vip', '127.0.0.1')).toBeUndefined();
    // Looking has not loaded it.
    expect((await run(['lsmod'])).stdout).not.toContain('ip_vs');
    if (found !== undefined) await fix(director, found);
    expect(await finding(director, 'module-missing')).toBeUndefined();
  });
});

describe('deviation 8: without the module', () => {
  beforeAll(async () => {
    // Neither the kernel by itself nor modprobe may find it again.
    await run(['sh', '-c', 'echo /bin/false > /proc/sys/kernel/modprobe']);
    await run(['sh', '-c', '! [ -d /lib/modules ] || mount -t tmpfs none /lib/modules']);
  });

  test.each([
    ['root', []],
    ['who is not root', NOBODY],
  ])('%s gets the error that the genuine program prints', async (_who, prefix) => {
    for (const line of [['-Ln'], ['-L'], [], ['-C'], ['-S'], ['-A', '-f', '1'], ['-R']]) {
      const theirs = await run([...prefix, ...PROGRAMS.genuine, ...line]);
      const mine = await run([...prefix, ...PROGRAMS.ours, ...line]);
      expect([line, mine]).toEqual([line, theirs]);
      expect(mine.code).toBe(2);
      expect(mine.stderr).toContain("Can't initialize ipvs: ");
    }
  });

  test('help, version and usage errors are as ever, while the genuine program has none of them', async () => {
    for (const line of [['-h'], ['-v'], ['-A', '-t', '10.0.0.1']]) {
      const { code, stderr } = await run([...PROGRAMS.genuine, ...line]);
      expect([line, code, stderr]).toEqual([line, 2, expect.stringContaining('initialize ipvs')]);
    }
    expect((await run([...PROGRAMS.ours, '-h'])).code).toBe(0);
    expect((await run([...PROGRAMS.ours, '-v'])).stdout).toMatch(/^ipvsadm v1\.31 /);
    expect(await run([...PROGRAMS.ours, '-A', '-t', '10.0.0.1'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Zero port specified for non-persistent service\n',
    });
  });
});

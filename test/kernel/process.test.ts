import { describe, expect, test } from 'vitest';
import { ourCommandLine, testsExecutable } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';

/** The real binary as a process: pipes, users, and what is not there. */

const director = useNamespace();
const ipvsadm = ourCommandLine('ipvsadm');
const save = ourCommandLine('ipvsadm-save');
const restore = ourCommandLine('ipvsadm-restore');

/** A line of shell in the director's namespace. */
function sh(line: string) {
  return director().run(['bash', '-c', line]);
}

describe('ipvsadm as a process', () => {
  test('applies a command line, and lists the result', async () => {
    const { code, stdout, stderr } = await sh(
      `${ipvsadm} -A -t 10.0.0.1:80 -s rr && ${ipvsadm} -a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 3 && ${ipvsadm} -Ln`,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe((await director().genuine(['-Ln'])).stdout);
    expect(stdout).toContain(
      '  -> 10.0.1.1:8080                Masq    3      0          0         \n',
    );
  });

  test('saves and restores through pipes and files', async () => {
    const before = await director().genuine(['-Sn']);
    const rules = '/run/tmp/process.rules';
    const { code, stderr } = await sh(
      `${save} -n > ${rules} && ${ipvsadm} -C && ${restore} < ${rules} && cat ${rules} | ${restore}`,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(await director().genuine(['-Sn'])).toEqual(before);
  });

  test('ends quietly when its reader goes away', async () => {
    const { stdout, stderr } = await sh(`${ipvsadm} -h | head -1; echo \${PIPESTATUS[0]}`);
    expect(stdout).toMatch(/^ipvsadm v1\.31 .*\n(?:0|141)\n$/);
    expect(stderr).toBe('');
    const closed = await sh(`set -o pipefail; ${ipvsadm} -Ln | true`);
    expect(closed).toEqual({ code: 141, stdout: '', stderr: '' });
  });

  // The executable does not start without /proc: see ENVIRONMENT in ipvs(8).
  test.skipIf(testsExecutable)(
    'says what the genuine program says when there is no table of connections',
    async () => {
      // Each process in a namespace has mounts of its own: nobody else loses /proc.
      const without = (program: string) =>
        sh(`mount -t tmpfs none /proc && mkdir /proc/net && ${program} -Lnc`);
      const mine = await without(ipvsadm);
      expect(mine).toEqual({
        code: 1,
        stdout: '',
        stderr: 'cannot open file /proc/net/ip_vs_conn\n',
      });
      expect(await without('/sbin/ipvsadm')).toEqual(mine);
    },
  );

  test('says so when its output cannot be written', async () => {
    const { code, stdout, stderr } = await sh(`${save} -n > /dev/full`);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('ipvsadm-save: cannot write: No space left on device\n');
  });

  test('does all its work when nobody reads its complaints', async () => {
    const add = (mark: number) => `-A -f ${mark}`;
    const stdin = [add(1), ...Array.from({ length: 1500 }, (_, mark) => add(mark + 1))].join('\n');
    for (const nobody of ['2>/dev/full', '2>&1 | true']) {
      const line = `${restore} ${nobody}; echo "\${PIPESTATUS[0]}"`;
      const { stdout } = await director().run(['bash', '-c', line], { stdin });
      expect(stdout).toBe('255\n');
      const { stdout: count } = await sh('/sbin/ipvsadm -Sn | wc -l');
      expect(count).toBe('1500\n');
    }
  });

  test('works with its standard streams closed', async () => {
    expect((await sh(`${ipvsadm} -Ln >&-`)).code).toBe(0);
    expect((await sh(`${ipvsadm} -A <&- >&- 2>&-`)).code).toBe(2);
    expect((await sh(`${ipvsadm} -R <&-`)).code).toBe(0);
  });

  test('does not take a folder for empty rules, which would clear the table', async () => {
    const { code, stderr } = await sh(`${restore} < /run`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ipvsadm-restore: Is a directory\n$/);
  });
});

import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Where ours differs from the genuine 1.31 on purpose: what a restore or a reader does not get. */

const director = useNamespace();
const GUEST = join(import.meta.dirname, 'guest.ts');
const OURS = ourCommandLine('ipvsadm');
const GENUINE = '/sbin/ipvsadm';

beforeEach(async () => {
  await director().genuine(['-C']);
});

describe('deviation 14: a save reports what a restore will not bring back', () => {
  test('with status 1; what it prints is what the genuine program prints, and that refuses it', async () => {
    await director().call(GUEST, 'addUnrestorable');
    const saved = await director().ipvsadm(['-Sn']);
    const service = '-A -t 10.0.0.9:0 -s rr';
    const server = '-a -t 10.0.0.9:0 -r 10.0.1.9:0 -m -w 1';
    expect(saved).toEqual({
      code: 1,
      stdout: `${service}\n${server} -x 2147483648\n`,
      stderr:
        `ipvsadm-restore cannot restore this rule (Zero port specified for non-persistent service): ${service}\n` +
        `ipvsadm-restore cannot restore this rule (illegal u_threshold specified): ${server} -x 2147483648\n`,
    });
    const theirs = await director().genuine(['-Sn']);
    expect(theirs).toEqual({ code: 0, stdout: `${service}\n${server}\n`, stderr: '' });
    await director().genuine(['-C']);
    const restored = await director().genuine(['-R'], { stdin: theirs.stdout });
    expect(restored.stderr).toContain('Zero port specified for non-persistent service');
  });
});

describe('a listing whose reader closes the pipe early', () => {
  test.each([
    ['141 as usual', '', '141\n'],
    ['0 where the caller ignores SIGPIPE, as systemd does', "trap '' PIPE;", '0\n'],
  ])('ends with the status of the genuine program: %s', async (_what, trap, status) => {
    const stdin = ['-A -f 1', ...Array.from({ length: 2000 }, (_, index) => rule(index))];
    expect(await director().ipvsadm(['-R'], { stdin: stdin.join('\n') })).toMatchObject({
      code: 0,
    });
    const statusOf = async (program: string) => {
      const line = `${trap} ${program} -Ln 2>/dev/null | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
      return (await director().run(['bash', '-c', line], { deadlineMs: PATIENCE_MS })).stdout;
    };
    expect([await statusOf(GENUINE), await statusOf(OURS)]).toEqual([status, status]);
  });
});

const rule = (index: number) => `-a -f 1 -r 10.1.${index >> 8}.${index & 255} -m`;

import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CommandResult } from '../lab/lab.js';
import { useLab } from '../support/director.js';
import { runProcess } from '../support/run-process.js';

/** What `npm run demo` and `npm run lab` start, without a terminal. */

const PROJECT = join(import.meta.dirname, '../..');

const resting = useLab();

function runFile(file: string, stdin = ''): Promise<CommandResult> {
  const env = { ...process.env, IPVS_LAB_CPU: String(resting().cpu) };
  const words = [process.execPath, 'scripts/run.js', `test/lab/${file}`] as const;
  return runProcess(words, { cwd: PROJECT, env, stdin });
}

// It starts some thirty programs, one after the other.
const TIME = { timeout: 400_000, tags: 'long' };

test(
  'the demo sees our ipvsadm balance, drain, clear and restore, the doctor find a fault, and the agent help, in plain text',
  TIME,
  async () => {
    const { code, stdout, stderr } = await runFile('demo.ts');
    expect(stdout).toMatch(/\nAll went as expected, in \d+ s\. /);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\ndirector# ipvsadm -A -t [\d.]+:80 -s wrr\n/);
    expect(stdout).toMatch(/^error .* \[forwarding-off\]$/m);
    expect(stdout).toMatch(/^ +192\.168\.10\.11:80 +down .* connection refused *$/m);
    expect(stdout).toMatch(/^tcp:[\d.]+:80 +web +sorry /m);
    expect(stdout).toMatch(/^ok: the sorry server answers all$/m);
    expect(stdout.match(/^ok: /gm)?.length).toBeGreaterThan(18);
    expect(stdout).not.toContain('\u001b');
  },
);

test('the lab gives a shell with both programs, and ends with its status', async () => {
  const { code, stdout } = await runFile(
    'shell.ts',
    'ipvsadm -A -f 7 && ipvsadm-genuine -Sn && ipvsadm -v\nexit 5\n',
  );
  expect(code).toBe(5);
  expect(stdout).toMatch(/^-A -f 7 -s wlc\nipvsadm v1\.31 \(package ipvs /m);
});

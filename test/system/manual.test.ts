/** The manual as readers' programs see it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { project } from '../support/sources.js';
import { readText } from '../docs/markdown.js';

const run = promisify(execFile);
const { man: pages } = JSON.parse(readText('package.json')) as { readonly man: readonly string[] };

/** What a program prints, whatever its status. */
async function outputOf(program: string, words: readonly string[]) {
  const env = { ...process.env, LANG: 'C.UTF-8', MANWIDTH: '80' };
  const running = run(program, words, { cwd: project, env });
  return running.catch((error: unknown) => error as { stdout: string; stderr: string });
}

describe.each(pages)('%s', (page) => {
  test('has no fault that mandoc finds', async () => {
    const { stdout } = await outputOf('mandoc', ['-T', 'lint', page]);
    // Which other manuals there are depends on the machine.
    const faults = stdout
      .split('\n')
      .filter((line) => !line.includes('referenced manual not found'));
    expect(faults.join('\n')).toBe('');
  });

  test('is shown by man without a warning, within 80 columns', async () => {
    const { stdout, stderr } = await outputOf('man', ['--warnings', '-E', 'UTF-8', '-l', page]);
    expect(stderr).toBe('');
    expect(stdout).toContain(page.endsWith('.5') ? 'EXAMPLES' : 'EXIT STATUS');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';

/** What scripts read must not depend on where it goes: no colour, no other width, on a terminal or not. */

const director = useNamespace();
const OURS = ourCommandLine('ipvsadm');
const LINES = ['-Ln', '-Ln --stats', '-h', '-Ln --nosuch'];

/** All that the lines print, errors too, with the status of each. */
const script = (program: string, lines: readonly string[]) =>
  lines.map((line) => `${program} ${line} 2>&1; echo "status $?"`).join('\n');

async function onPipe(program: string, env: Record<string, string>, lines = LINES) {
  return (await director().run(['sh', '-c', script(program, lines)], { env })).stdout;
}

/** The same on a terminal, which makes CR LF of an end of line. */
async function onTerminal(program: string, env: Record<string, string>, lines = LINES) {
  const argv = ['script', '-qec', script(program, lines), '/dev/null'];
  return (await director().run(argv, { env })).stdout.replaceAll('\r\n', '\n');
}

describe('output is plain text, and the same', () => {
  let plain = '';

  beforeAll(async () => {
    const stdin = '-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.1.1 -m\n';
    expect((await director().genuine(['-R'], { stdin })).code).toBe(0);
    plain = await onPipe(OURS, {});
    expect(plain.match(/^status \d+$/gm)).toEqual([
      'status 0',
      'status 0',
      'status 0',
      'status 255',
    ]);
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(plain).toMatch(/^[^\x00-\x09\x0b-\x1f\x7f]+$/);
  });

  test.each([
    ['on a terminal', { TERM: 'xterm-256color', COLORTERM: 'truecolor' }],
    ['on a terminal that asks for colour', { TERM: 'xterm-256color', FORCE_COLOR: '1' }],
    ['on a terminal without colour', { TERM: 'xterm-256color', NO_COLOR: '1' }],
  ])('%s', async (_where, env) => {
    expect(await onTerminal(OURS, env)).toBe(plain);
  });

  test('on a pipe that asks for colour', async () => {
    expect(await onPipe(OURS, { FORCE_COLOR: '1' })).toBe(plain);
  });

  test('as the genuine program prints, on a narrow terminal too', async () => {
    const lines = ['-Ln', '-Ln --stats'];
    const env = { TERM: 'xterm-256color', COLUMNS: '20' };
    expect(await onTerminal(OURS, env, lines)).toBe(await onTerminal('/sbin/ipvsadm', env, lines));
  });
});

/** The live view of the command as users start it, on a terminal, with a real kernel. What else it does: test/system/. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';
import { TmuxTerminal } from '../support/tmux.js';

const director = useNamespace();
const OURS = ourCommandLine('ipvs');

beforeAll(async () => {
  const stdin = [
    '-A -t 192.0.2.1:80 -s wrr -p 360',
    '-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3',
    '-A -t [2001:db8:85a3:8d3:1319:8a2e:370:7348]:65535 -s rr',
    '',
  ].join('\n');
  expect((await director().genuine(['-R'], { stdin })).code).toBe(0);
});

test('frames are printed as plain text', async () => {
  const { stdout } = await director().ipvs(['top', '-b', '-n', '2', '--interval', '0.5']);
  expect(stdout.match(/^ipvs top {2}/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^tcp:\[2001:db8:85a3:8d3:1319:8a2e:370:7348\]:65535 +0 +0/m);
});

test('a service that is named alone has its real servers; one that does not exist has status 1', async () => {
  const { stdout } = await director().ipvs(['top', '-b', '-n', '1', 'tcp:192.0.2.1:80']);
  expect(stdout).toMatch(/^10\.0\.0\.2:8080 +nat +3 /m);
  expect(await director().ipvs(['top', '-b', 'tcp:192.0.2.9:80'])).toMatchObject({
    code: 1,
    stdout: '',
  });
});

describe.each([
  ['80 x 24', { columns: 80, rows: 24 }],
  ['160 x 50', { columns: 160, rows: 50 }],
])('on a terminal of %s', (_name, size) => {
  test('one looks at a service and leaves, and the terminal is as before', async () => {
    const run = (argv: readonly string[]) => director().run(argv);
    await using terminal = await TmuxTerminal.open(size, { run, where: '/run' });
    const before = terminal.path('before');
    await terminal.type(`stty -a >${before}; ${OURS} top; echo "status $?"`);
    await terminal.sees(/^> tcp:192\.0\.2\.1:80/m);
    await terminal.press('Enter');
    await terminal.sees(/^> 10\.0\.0\.2:8080/m);
    await terminal.press('C-c');
    await terminal.sees(/^status 130$/m);
    await terminal.type(`stty -a | cmp - ${before} && echo as""before`);
    await terminal.sees(/^asbefore$/m);
  });
});

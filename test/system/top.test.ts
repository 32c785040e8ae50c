/** The live view on a real terminal, with a kernel that is a function. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../src/common/error-code.js';
import { shellQuoted } from '../../src/common/shell-quoted.js';
import { bundle, leaveBundler, useBundler } from '../lab/bundle.js';
import { projectFolder } from '../lab/project.js';
import { runProcess } from '../support/run-process.js';
import { PATIENCE, TmuxTerminal } from '../support/tmux.js';
import type { TmuxSize } from '../support/tmux.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 160, rows: 50 };
/** While rates are those of the first reading: the counters stand still. */
const FIRST_SERVICE = /^> tcp:192\.0\.2\.40:80/m;
let folder = '';
let program = '';

beforeAll(async () => {
  useBundler();
  // Inside node_modules, so that packages are found.
  const cache = join(projectFolder, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'ipvs-top-'));
  const file = await bundle(join(projectFolder, 'test/system/fixtures/top.ts'), folder);
  program = [process.execPath, file].map(shellQuoted).join(' ');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await leaveBundler();
});

/** Runs the live view, and says afterwards how it ended and whether the terminal is as before. */
async function onTerminal(
  size: TmuxSize,
  work: (terminal: TmuxTerminal, pid: () => Promise<number>) => Promise<void>,
  words = 'top --interval 60',
): Promise<void> {
  await using terminal = await TmuxTerminal.open(size);
  const before = terminal.path('before');
  const pidFile = terminal.path('pid');
  await terminal.type(`echo above; stty -a >${before}`);
  // exec keeps the number of the shell that has written it.
  await terminal.type(
    `sh -c 'echo $$ >${pidFile}; exec "$@"' sh ${program} ${words}; echo "status $?"`,
  );
  await work(terminal, async () => Number(await readFile(pidFile, 'utf8')));
}

async function expectRestored(terminal: TmuxTerminal, status: number): Promise<void> {
  const screen = await terminal.sees(new RegExp(`^status ${status}$`, 'm'));
  expect(screen).toContain('above');
  expect(screen).not.toContain('ipvs top  ');
  await terminal.type(`stty -a | cmp - ${terminal.path('before')} && echo as""before`);
  await terminal.sees(/^asbefore$/m);
  // The cursor can be seen.
  await terminal.type('echo typed');
  await terminal.sees(/^typed$/m);
}

describe.each([
  ['80 x 24', SMALL],
  ['160 x 50', LARGE],
])('on a terminal of %s', (_name, size) => {
  test('one looks, sorts, filters, opens a service, goes back and leaves', async () => {
    await onTerminal(size, async (terminal) => {
      const first = await terminal.sees(FIRST_SERVICE);
      expect(first).toMatch(/^ipvs top .* 41 services$/m);
      expect(first.trimEnd().split('\n')).toHaveLength(size.rows);
      await terminal.press('i');
      await terminal.sees(/^> tcp:192\.0\.2\.1:80/m);
      await terminal.press('r');
      await terminal.sees(/^> tcp:\[2001:db8:85a3:8d3:1319:8a2e:370:7348\]:65535 /m);
      await terminal.press('/');
      await terminal.paste('2.3');
      await terminal.sees(/^Filter: 2\.3_/m);
      await terminal.press('9', 'Enter');
      await terminal.sees(/1 of 41 services/);
      await terminal.press('Enter');
      await terminal.sees(/^> 10\.0\.39\.1:8080 .*draining/m);
      await terminal.press('Escape');
      await terminal.sees(/^Filter: 2\.39$/m);
      await terminal.press('Escape');
      // All of them: a key that follows Escape too soon is taken for one with Alt.
      await terminal.sees(/ {2}41 services$/m);
      await terminal.press('q');
      await expectRestored(terminal, 0);
    });
  });
});

test('it follows the size of the terminal', async () => {
  await onTerminal(SMALL, async (terminal) => {
    const small = await terminal.sees(FIRST_SERVICE);
    expect(small).not.toContain('192.0.2.3:80');
    await terminal.resize(LARGE);
    await terminal.sees(/192\.0\.2\.3:80/);
    const large = await terminal.sees(/HISTORY/);
    expect(large).toMatch(FIRST_SERVICE);
    await terminal.resize({ columns: 40, rows: 10 });
    await terminal.sees(/Too narrow: at least 50 columns/);
    await terminal.resize(SMALL);
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('q');
    await expectRestored(terminal, 0);
  });
});

test('what is pasted is no command', async () => {
  await onTerminal(SMALL, async (terminal) => {
    await terminal.sees(FIRST_SERVICE);
    await terminal.paste('qqq');
    await terminal.press('?');
    await terminal.sees(/^Keys of ipvs top$/m);
    await terminal.press('q');
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('q');
    await expectRestored(terminal, 0);
  });
});

test('Ctrl-C interrupts it', async () => {
  await onTerminal(SMALL, async (terminal) => {
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('C-c');
    await expectRestored(terminal, 130);
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s ends it, also when it comes twice', async (signal, status) => {
  await onTerminal(SMALL, async (terminal, pid) => {
    await terminal.sees(FIRST_SERVICE);
    const number = await pid();
    process.kill(number, signal);
    try {
      process.kill(number, signal);
    } catch (error) {
      // It may have ended by the first one already.
      if (codeOf(error) !== 'ESRCH') throw error;
    }
    await expectRestored(terminal, status);
  });
});

test('Ctrl-Z gives the terminal back, and fg goes on', async () => {
  await onTerminal(SMALL, async (terminal) => {
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('C-z');
    const screen = await terminal.sees(/Stopped/);
    expect(screen).toContain('above');
    await terminal.type(`stty -a | cmp - ${terminal.path('before')} && echo as""before`);
    await terminal.sees(/^asbefore$/m);
    await terminal.type('fg');
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('q');
    await terminal.type(`echo "then ""$?"`);
    await terminal.sees(/^then 0$/m);
  });
});

test('it ends with its terminal, and with the status of SIGHUP', async () => {
  await onTerminal(SMALL, async (terminal) => {
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('q');
    // A shell that outlives the terminal notes how the command ends.
    const ended = terminal.path('ended');
    await terminal.type(`(trap '' HUP; ${program} top --interval 60; echo $? >${ended})`);
    await terminal.sees(FIRST_SERVICE);
    await terminal.close();
    await expect.poll(() => readFile(ended, 'utf8').catch(() => ''), PATIENCE).toBe('129\n');
  });
});

test('with -n it ends by itself', async () => {
  await onTerminal(
    SMALL,
    async (terminal) => {
      await expectRestored(terminal, 0);
    },
    'top -n 3 --interval 0.1',
  );
});

test('without colours, without a locale, it is plain ASCII', async () => {
  await onTerminal(SMALL, async (terminal) => {
    await terminal.sees(FIRST_SERVICE);
    await terminal.press('q');
    await terminal.type(`LC_ALL=C NO_COLOR=1 ${program} top --interval 60`);
    // eslint-disable-next-line no-control-regex -- what is beyond ASCII must not be there
    expect(await terminal.sees(/CONN\/Sv/)).toMatch(/^[\x00-\x7F]*$/);
  });
});

test('without a terminal it says how to print plain text', async () => {
  const words = ['-c', `${program} top --interval 60`];
  const { code, stdout, stderr } = await runProcess(['sh', ...words]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'The live view needs a terminal. To print it as plain text: ipvs top -b -n 1\n',
  );
});

test('a terminal that can do nothing gets the same advice', async () => {
  await using terminal = await TmuxTerminal.open(SMALL);
  await terminal.type(`TERM=dumb ${program} top --interval 60`);
  await terminal.sees(/The live view needs a terminal/);
});

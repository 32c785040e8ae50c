// Runs the tests of the commands with the single executable instead of the commands that need Node:
// node scripts/test-executable.js [FILTER...], with filters of vitest; by default all tests below. --part: those that CI runs.
// What the agent has inside, such as its HTTP servers, is tested by vitest in Bun.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bunFor } from './bun.js';

/**
 * Folders and files of test/ that start our programs through test/lab/our-commands.ts. New ones join by being listed. The
 * checks of real servers are carried out by Bun itself, so that they can be asked one by one: test/support/bun/.
 */
const TESTS = [
  'agent/checks',
  'executable',
  'kernel/agent',
  'kernel/agreement',
  'kernel/apply',
  'kernel/demo',
  'kernel/deviations',
  'kernel/event-loop',
  'kernel/faults/input',
  'kernel/faults/killed',
  'kernel/faults/pipes',
  'kernel/ha',
  'kernel/import',
  'kernel/list',
  'kernel/look',
  'kernel/module',
  'kernel/neighbours',
  'kernel/no-module',
  'kernel/privileges',
  'kernel/process',
  'kernel/readers',
  'kernel/readme',
  'kernel/scenarios',
  'kernel/service',
  'kernel/setup',
  'kernel/smoke',
  'kernel/terminal',
  'kernel/top',
  'kernel/traffic',
  'kernel/doctor',
];

/** About a thousand of the command lines that are compared with the genuine program, and what differs most from Node. */
const PART = [
  'agent/checks',
  'executable',
  'kernel/agent/listener',
  'kernel/agreement/addresses',
  'kernel/agreement/grammar',
  'kernel/agreement/listings',
  'kernel/agreement/messages',
  'kernel/agreement/refusals',
  'kernel/agreement/restore',
  'kernel/faults/pipes',
  'kernel/list',
  'kernel/privileges',
  'kernel/process',
  'kernel/service',
  'kernel/smoke',
];

/** Folders of unit tests that Bun can run as Node does: those of the agent that start none of our programs. */
const IN_BUN = [
  'agent/config',
  'agent/control',
  'agent/health',
  'agent/hooks',
  'agent/listener',
  'agent/path',
  'agent/quorum',
  'agent/reports',
  'agent/run',
];

const project = join(import.meta.dirname, '..');
const words = process.argv.slice(2);

const inFolder = (names) => names.map((name) => `test/${name}`);
const ofProjects = (names) => names.flatMap((name) => ['--project', name]);

const bun = (filters) => [bunFor(process.arch), ...ofProjects(['unit']), ...filters];
const node = (filters) => [
  process.execPath,
  ...ofProjects(['bun', 'executable', 'kernel']),
  ...filters,
];

/** @returns the runtimes that are to run vitest, with its arguments. */
function runs() {
  if (words[0] === '--part') {
    const short = ['--tags-filter', '!long'];
    return [bun([...inFolder(IN_BUN), ...short]), node([...inFolder(PART), ...short])];
  }
  if (words.length === 0) return [bun(inFolder(IN_BUN)), node(inFolder(TESTS))];
  const [filter = ''] = words;
  const isInBun = IN_BUN.some((folder) => filter.replace(/^test\//, '').startsWith(folder));
  return [isInBun ? bun(words) : node(words)];
}

function statusOf([runtime, ...args]) {
  const { status } = spawnSync(runtime, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
    cwd: project,
    stdio: 'inherit',
    env: {
      ...process.env,
      IPVS_EXECUTABLE: `dist/executable/${process.arch}`,
      IPVS_BUN: bunFor(process.arch),
    },
  });
  return status ?? 1;
}

process.exit(Math.max(...runs().map(statusOf)));

// Runs the tests of the commands with the single executable instead of the commands that need Node:
// node scripts/test-executable.js [FILTER...], with filters of vitest; by default all tests below. --part: those that CI runs.
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

const project = join(import.meta.dirname, '..');
const words = process.argv.slice(2);
const inFolder = (names) => names.map((name) => `test/${name}`);
function filtersFor() {
  if (words.length === 0) return inFolder(TESTS);
  if (words[0] !== '--part') return words;
  return [...inFolder(PART), '--tags-filter', '!long'];
}

const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'bun',
    '--project',
    'executable',
    '--project',
    'kernel',
    ...filtersFor(),
  ],
  {
    cwd: project,
    stdio: 'inherit',
    env: {
      ...process.env,
      IPVS_EXECUTABLE: `dist/executable/${process.arch}`,
      IPVS_BUN: bunFor(process.arch),
    },
  },
);
process.exit(status ?? 1);

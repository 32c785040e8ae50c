// Runs tests of what users start with the single executable in the place of the commands that need Node:
// node scripts/test-executable.js [FILTER...]; vitest's filters, by default all tests below.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Folders and files of test/ that start our programs through test/lab/our-commands.ts. New ones join by being listed. */
const TESTS = [
  'executable',
  'kernel/agreement',
  'kernel/demo',
  'kernel/deviations',
  'kernel/event-loop',
  'kernel/faults/input',
  'kernel/faults/killed',
  'kernel/faults/pipes',
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
  'kernel/traffic',
  'kernel/doctor',
];

const project = join(import.meta.dirname, '..');
const filters =
  process.argv.length > 2 ? process.argv.slice(2) : TESTS.map((test) => `test/${test}`);
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'executable',
    '--project',
    'kernel',
    ...filters,
  ],
  {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, IPVS_EXECUTABLE: `dist/executable/${process.arch}` },
  },
);
process.exit(status ?? 1);

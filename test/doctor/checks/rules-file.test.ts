import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runChecks } from '../../../src/doctor/examine.js';
import { rulesFileFaulty } from '../../../src/doctor/checks/rules-file.js';
import { serviceEmpty } from '../../../src/doctor/checks/services.js';
import { loadRulesFile } from '../../../src/state/load-rules.js';
import { CliError } from '../../../src/terminal/cli-error.js';
import { Session } from '../../../src/terminal/session.js';
import { noNames } from '../../support/command.js';
import { factsOf, runCheck } from '../../support/doctor-facts.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What is seen of a file, and what was printed meanwhile. */
async function seen(...lines: string[]) {
  const file = join(folder, 'rules');
  await writeFile(file, lines.join('\n'));
  let printed = '';
  const sink = { write: (text: string) => void (printed += text) };
  const io = { stdin: [] as never, stdout: sink, stderr: sink, resolver: noNames };
  const rules = await loadRulesFile(new Session(io, undefined).reading, file);
  const occurrences = await runCheck(rulesFileFaulty, { rules: { ...rules, file: 'FILE' } });
  return { occurrences, printed };
}

test('a file that is right is no finding, and neither is none', async () => {
  const lines = [
    '# ours',
    '',
    '-A -t 192.0.2.1:80 -s rr',
    '-a -t 192.0.2.1:80 -r 192.0.2.11:80 -g',
  ];
  expect(await seen(...lines)).toEqual({ occurrences: [], printed: '' });
  expect(await runCheck(rulesFileFaulty, {})).toEqual([]);
});

test('lines that cannot be parsed, and lines that contradict earlier ones, are reported with their numbers', async () => {
  const { occurrences, printed } = await seen(
    '-A -t 192.0.2.1:80 -s rr',
    '-a -t 192.0.2.1:80 -r 192.0.2.11 -w many',
    '-A -t 192.0.2.1:80',
    '-a -t 192.0.2.2:80 -r 192.0.2.11',
    '--frobnicate',
  );
  expect(printed).toBe('');
  expect(occurrences.map(({ evidence }) => evidence)).toEqual([
    'FILE, line 2: illegal weight specified (-a -t 192.0.2.1:80 -r 192.0.2.11 -w many)',
    'FILE, line 5: not a rule: a line begins with a command such as -A or -a (--frobnicate)',
    'FILE, line 3: cannot add the service tcp:192.0.2.1:80: it already exists (EEXIST) (-A -t 192.0.2.1:80)',
    'FILE, line 4: cannot add the real server 192.0.2.11:80 to the service tcp:192.0.2.2:80: there is no such service (ESRCH) (-a -t 192.0.2.2:80 -r 192.0.2.11)',
  ]);
  expect(occurrences[0]?.fix).toEqual(['Fix line 2 of FILE.']);
});

test('control characters of a line do not reach a terminal', async () => {
  const { occurrences } = await seen('-A -t \u001b[2J\u0007');
  expect(occurrences).toHaveLength(1);
  // eslint-disable-next-line no-control-regex
  expect(occurrences[0]?.evidence).not.toMatch(/[\u0000-\u001f]/);
});

test('a file of the system that cannot be read keeps nothing else from being looked at', async () => {
  const services = [{ service: { firewallMark: 1 } }];
  const snapshot = Object.assign(factsOf({ services, run: () => '' }), {
    savedRules: () => Promise.reject(new CliError('Cannot read /etc/ipvsadm.rules: denied')),
  });
  const checks = [rulesFileFaulty, serviceEmpty];
  const report = await runChecks(checks, snapshot, { active: false, ignored: new Set<string>() });
  expect(report.findings.map(({ check: { id } }) => id)).toEqual(['service-empty']);
  expect(report.skipped).toEqual([
    { check: rulesFileFaulty, reason: 'Cannot read /etc/ipvsadm.rules: denied' },
  ]);
});

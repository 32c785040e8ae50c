import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');

/** Words that send a reader to the dictionary where the field has one of its own. */
const banned = /\b(?:mend|mends|anew|told|deed|knock)\b/i;
/** Such a comment cannot be read alone, as an editor shows it. */
const leaning = /(?:\/\/|\/\*\*?|^\s*\*)\s*The same\b/m;

/** Files that still have such words: take a file out when its sentences are rewritten, and add none. */
const notYetRewritten: readonly string[] = [
  'CONTRIBUTING.md',
  'README.md',
  'man/ipvs.8',
  'src/cli/commands/director.ts',
  'src/cli/commands/doctor.ts',
  'src/cli/commands/load-rules.ts',
  'src/cli/program.ts',
  'src/doctor/check.ts',
  'src/doctor/checks.ts',
  'src/doctor/checks/addresses.ts',
  'src/doctor/checks/answers.ts',
  'src/doctor/checks/arp.ts',
  'src/doctor/checks/connection-table.ts',
  'src/doctor/checks/firewall.ts',
  'src/doctor/checks/routes.ts',
  'src/doctor/checks/rules-file.ts',
  'src/doctor/checks/schedulers.ts',
  'src/doctor/checks/stale.ts',
  'src/doctor/examine.ts',
  'src/doctor/firewall/rules.ts',
  'src/doctor/fixes.ts',
  'src/doctor/report.ts',
  'src/doctor/stale.ts',
  'src/ipvs/client/client.ts',
  'src/ipvs/client/kernel.ts',
  'src/ipvs/client/operations.ts',
  'src/ipvsadm/kernel-errors.ts',
  'src/ipvsadm/restore.ts',
  'src/netlink/connection.ts',
  'src/netlink/direct-socket.ts',
  'src/netlink/genetlink.ts',
  'src/netlink/patience.ts',
  'src/netlink/socket.ts',
  'src/netlink/waiters.ts',
  'src/rules/format-rules.ts',
  'src/setup/changes.ts',
  'src/setup/journal.ts',
  'src/setup/routes.ts',
  'src/setup/sysctl-steps.ts',
  'src/setup/targets.ts',
  'src/setup/transaction.ts',
  'src/state/diff.ts',
  'src/state/table.ts',
  'src/terminal/io.ts',
];

function filesOf(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
}

const offending = [...filesOf('src'), ...filesOf('man'), 'README.md', 'CONTRIBUTING.md'].filter(
  (path) => {
    const text = readFileSync(join(project, path), 'utf8');
    return banned.test(text) || (path.startsWith('src/') && leaning.test(text));
  },
);

test('no text uses a banned word, and no comment begins with "The same"', () => {
  expect(offending.filter((path) => !notYetRewritten.includes(path))).toEqual([]);
});

test('every file that is excused from the word list still needs it', () => {
  expect(notYetRewritten.filter((path) => !offending.includes(path))).toEqual([]);
});

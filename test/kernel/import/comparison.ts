import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { folderOf, read, write } from '../../support/programs.js';

/** The table of another program beside the one that its imported configuration comes to, as users import it. */

/** As long as a machine with other work needs: Perl starts anew, and ipvsadm for each line of a table. */
const PATIENCE_MS = 400_000;
const INTERVAL_MS = 1000;
/** Longer than the checks of the configurations take, of which one starts each second. */
const EQUAL_READINGS = 4;

/** What a namespace's kernel holds: the table as the genuine program shows it, and by ours what that leaves out. */
async function contents(namespace: Namespace): Promise<readonly string[]> {
  const rules = await namespace.genuine(['-Sn']);
  const tunnels = await namespace.genuine(['-Ln', '--tun-info']);
  const own = [
    ['-Ln', '--thresholds'],
    ['-L', '--timeout'],
    ['-L', '--daemon'],
  ];
  const ours = await Promise.all(own.map((words) => namespace.ipvsadm(words)));
  const views = [rules, tunnels, ...ours].map(({ code, stdout, stderr }) => {
    expect([code, stderr]).toEqual([0, '']);
    // Servers stand where they were added, and numbers of connections change.
    return stdout
      .split('\n')
      .map((line) => line.replace(/\d+ +\d+ +$/, '').trim())
      .sort();
  });
  return views.flat();
}

/** Empties a namespace, for the next configuration. */
export async function reset(namespace: Namespace): Promise<void> {
  for (const words of ['-C', '--set 900 120 300']) {
    expect((await namespace.ipvsadm(words.split(' '))).code).toBe(0);
  }
  for (const state of ['master', 'backup']) await namespace.ipvsadm(['--stop-daemon', state]);
}

/**
 * Imports a configuration, and makes the table what the result says.
 * @returns what a state file cannot express of it.
 */
export async function importInto(
  namespace: Namespace,
  words: readonly string[],
): Promise<readonly string[]> {
  const imported = await namespace.ipvs(['import', ...words]);
  expect(imported.code, imported.stderr).toBe(0);
  await write(namespace, 'state.yaml', imported.stdout);
  const file = `${folderOf(namespace)}/state.yaml`;
  const applied = await namespace.ipvs(['apply', '-q', '-f', file, '--prune', 'all']);
  expect(applied).toEqual({ code: 0, stdout: '', stderr: '' });
  return imported.stderr.split('\n').flatMap((note) => / warning: (.*)/.exec(note)?.[1] ?? []);
}

/** Waits until another program's table is the imported one, and stays so. */
export async function expectSameTable(theirs: Namespace, ours: Namespace): Promise<void> {
  const wanted = await contents(ours);
  const deadline = Date.now() + PATIENCE_MS;
  let found: readonly string[] = [];
  let equal = 0;
  while (equal < EQUAL_READINGS && Date.now() < deadline) {
    found = await contents(theirs);
    equal = isDeepStrictEqual(found, wanted) ? equal + 1 : 0;
    await delay(INTERVAL_MS);
  }
  expect(found, `its log:\n${await read(theirs, 'log')}`).toEqual(wanted);
  expect(equal).toBe(EQUAL_READINGS);
}

/** The results of a file's configurations, printed at its end. */
export function useResults(program: string): (name: string, kinds: string) => Result {
  const results: Result[] = [];
  afterAll(() => {
    const head = `${program}: configuration | settings | same table | what could not be expressed`;
    const rows = results.map(({ name, kinds, same, lost }) =>
      [name, kinds, same ? 'yes' : 'no', [...new Set(lost)].join('; ')].join(' | '),
    );
    process.stdout.write(`\n${[head, ...rows].join('\n')}\n`);
  });
  return (name, kinds) => {
    const result: Result = { name, kinds, same: false, lost: [] };
    results.push(result);
    return result;
  };
}

interface Result {
  readonly name: string;
  readonly kinds: string;
  same: boolean;
  lost: readonly string[];
}

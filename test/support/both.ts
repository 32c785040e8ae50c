import { join } from 'node:path';
import { expect } from 'vitest';
import type { CommandResult, Namespace } from '../lab/lab.js';
import { useNamespace } from './director.js';

const OUTCOMES = join(import.meta.dirname, '../kernel/fixtures/outcomes.ts');

/** A command line for both programs, in namespaces whose tables are alike. */
export interface Case {
  readonly words: readonly string[];
  readonly stdin?: string;
  readonly program?: 'ipvsadm' | 'ipvsadm-save' | 'ipvsadm-restore';
}

/** Two namespaces: in one the genuine program does everything, in the other ours does. */
export function useBoth() {
  const ours = useNamespace('ours');
  const genuine = useNamespace('genuine');

  /** The whole table as the genuine program sees it. */
  async function tables(): Promise<{ ours: string; genuine: string }> {
    const [a, b] = await Promise.all([snapshot(ours()), snapshot(genuine())]);
    return { ours: a, genuine: b };
  }

  return {
    ours,
    genuine,
    /** Gives both the same table, through the genuine program. */
    async load(rules: string): Promise<void> {
      for (const namespace of [ours(), genuine()]) {
        const cleared = await namespace.genuine(['-C']);
        const loaded = await namespace.genuine(['-R'], { stdin: rules });
        expect([cleared, loaded]).toEqual([silent, silent]);
      }
    },
    /** Runs every case with both, and fails with all that differ; then with the tables if these do. */
    async agree(cases: readonly Case[]): Promise<void> {
      const theirs = await runAllGenuine(genuine(), cases);
      const differences: string[] = [];
      for (const [index, { words, ...options }] of cases.entries()) {
        const mine = await ours().ipvsadm(words, options);
        const difference = compare(mine, theirs[index] ?? silent);
        if (difference === '') continue;
        const line = [options.program ?? 'ipvsadm', ...words.map(quoted)].join(' ');
        differences.push(`${line}\n${difference}`);
      }
      expect(differences.join('\n')).toBe('');
      const { ours: a, genuine: b } = await tables();
      expect(a).toBe(b);
    },
  };
}

const silent: CommandResult = { code: 0, stdout: '', stderr: '' };

/** Runs all with the genuine program, from one shell: a process each is dear in the guest. */
async function runAllGenuine(
  namespace: Namespace,
  cases: readonly Case[],
): Promise<CommandResult[]> {
  const folder = `/run/tmp/genuine-${namespace.name}`;
  const script = cases.map(({ words, stdin = '', program = 'ipvsadm' }, index) => {
    const line = [program, ...words].map(shellQuoted).join(' ');
    const streams = `> ${index}.stdout 2> ${index}.stderr`;
    return `printf %s ${shellQuoted(stdin)} | ${line} ${streams}; echo $? > ${index}.code`;
  });
  // Texts quote the name as it was called.
  const all = [`PATH=/sbin:$PATH; mkdir -p ${folder} && cd ${folder}`, ...script].join('\n');
  await namespace.run(['sh', '-s'], { stdin: all, deadlineMs: 60_000 });
  return (await namespace.call(OUTCOMES, 'outcomes', folder, cases.length)) as CommandResult[];
}

function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Command lines from a text, one per line; words are divided by blanks, and `''` is an empty one. */
export function lines(text: string): Case[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({ words: line.split(/ +/).map((word) => (word === "''" ? '' : word)) }));
}

async function snapshot(namespace: Namespace): Promise<string> {
  const views = [
    ['-S', '-n'],
    ['-L', '-n', '--thresholds'],
    ['-L', '--timeout'],
    ['-L', '--daemon'],
  ];
  const results = await Promise.all(views.map((words) => namespace.genuine(words)));
  return results.map(({ stdout }) => stdout).join('\n');
}

/** What differs, the first line of each stream where it does; empty when nothing does. */
function compare(ours: CommandResult, genuine: CommandResult): string {
  const found: string[] = [];
  if (ours.code !== genuine.code) {
    found.push(`  status: ours ${ours.code}, genuine ${genuine.code}`);
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const a = ours[stream].split('\n');
    const b = genuine[stream].split('\n');
    const at = a.findIndex((line, index) => line !== b[index]);
    const place = at < 0 && a.length < b.length ? a.length : at;
    if (place < 0) continue;
    found.push(`  ${stream} line ${place + 1}, ours:    ${JSON.stringify(a[place])}`);
    found.push(`  ${stream} line ${place + 1}, genuine: ${JSON.stringify(b[place])}`);
  }
  return found.join('\n');
}

function quoted(word: string): string {
  return /^[\w.,:=/[\]-]+$/.test(word) ? word : JSON.stringify(word);
}

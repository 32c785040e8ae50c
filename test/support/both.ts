import { join } from 'node:path';
import { beforeEach, expect } from 'vitest';
import type { TaskMeta } from 'vitest';
import { shellQuoted } from '../../src/common/shell-quoted.js';
import type { Outcomes } from '../kernel/agreement/guest.js';
import type { CommandResult } from '../lab/lab.js';
import { kernelOfEnvironment } from '../lab/launch.js';
import { installOurCommands, ourCommands } from '../lab/our-commands.js';
import { useLab, useNamespace } from './director.js';
import type { Case } from './lines.js';

declare module 'vitest' {
  interface TaskMeta {
    /** Command lines that the test has run with both programs, for the totals at the end of the run. */
    comparedLines?: number;
    /** How many of them did not agree. */
    differingLines?: number;
  }
}

const GUEST = join(import.meta.dirname, '../kernel/agreement/guest.ts');
/** Only what hangs comes near. */
const DEADLINE_MS = kernelOfEnvironment() === 'stock' ? 240_000 : 100_000;

/** What of the tables is compared, as the genuine program shows it. */
const VIEWS = [
  ['-S', '-n'],
  ['-L', '-n', '--thresholds'],
  ['-L', '-n', '--tun-info'],
  ['-L', '--timeout'],
  ['-L', '--daemon'],
].map((words) => ({ words }));

const silent: CommandResult = { code: 0, stdout: '', stderr: '' };

export interface BothOptions {
  /** Starts our programs as users do, a process per line: needs `npm run build`, and time. */
  readonly asProcesses?: boolean;
}

/** Two namespaces: in one the genuine program does everything, in the other ours does. */
export function useBoth({ asProcesses = false }: BothOptions = {}) {
  const lab = useLab();
  const ours = useNamespace('ours');
  const genuine = useNamespace('genuine');
  let meta: TaskMeta = {};
  beforeEach(({ task }) => {
    meta = task.meta;
  });

  /**
   * Runs lines with both, and looks at both tables. Processes are dear in the guest: one shell starts all of the genuine
   * program's.
   */
  async function runBoth(cases: readonly Case[]): Promise<Ran> {
    const mine = asProcesses ? await startOurs(cases) : await callOurs(cases);
    const folder = `/run/tmp/${genuine().name}`;
    const views = VIEWS.map(processLine).join('\n');
    const script = [
      `PATH=/sbin:$PATH; mkdir -p ${folder}/views && cd ${folder}`,
      ...[...cases, ...VIEWS].map(processLine),
      `cd views; ip netns exec ${ours().name} sh -c ${shellQuoted(views)}`,
    ].join('\n');
    await genuine().run(['sh', '-s'], { stdin: script, deadlineMs: DEADLINE_MS });
    const read = ours().call(GUEST, 'outcomes', folder, cases.length + VIEWS.length, VIEWS.length);
    const { theirs, views: ourViews } = (await read) as Outcomes;
    const all = [...mine, ...ourViews];
    const results = theirs.slice(0, cases.length);
    return { results, differences: differencesOf([...cases, ...VIEWS], all, theirs) };
  }

  async function callOurs(cases: readonly Case[]): Promise<readonly CommandResult[]> {
    const called = await ours().callWithin(DEADLINE_MS, GUEST, 'commands', cases);
    return called as CommandResult[];
  }

  async function startOurs(cases: readonly Case[]): Promise<readonly CommandResult[]> {
    await installOurCommands(lab());
    const folder = `/run/tmp/${ours().name}`;
    const script = [
      `PATH=${ourCommands}:$PATH; mkdir -p ${folder}/views && cd ${folder}`,
      ...cases.map(processLine),
    ].join('\n');
    await ours().run(['sh', '-s'], { stdin: script, deadlineMs: DEADLINE_MS });
    return ((await ours().call(GUEST, 'outcomes', folder, cases.length, 0)) as Outcomes).theirs;
  }

  return {
    ours,
    genuine,
    /** Runs a shell script in both namespaces: interfaces, say. */
    async prepare(script: string): Promise<void> {
      for (const namespace of [ours(), genuine()]) {
        expect(await namespace.run(['sh', '-ec', script])).toEqual(silent);
      }
    },
    /** Gives both the same table, through the genuine program. */
    async load(rules: string): Promise<void> {
      // The rules are quoted once for the shell, and once more for the shell in the other namespace.
      const one = `/sbin/ipvsadm -C && printf %s ${shellQuoted(rules)} | /sbin/ipvsadm -R`;
      const script = `${one}; ip netns exec ${ours().name} sh -ec ${shellQuoted(one)}`;
      expect(await genuine().run(['sh', '-ec', script])).toEqual(silent);
    },
    /**
     * Runs every line with both, and fails with all that differ; then with the tables if these do.
     * @returns what the genuine program made of them.
     */
    async agree(cases: readonly Case[]): Promise<readonly CommandResult[]> {
      const { results, differences } = await runBoth(cases);
      const lines = differences.filter(({ index }) => index < cases.length);
      meta.comparedLines = (meta.comparedLines ?? 0) + cases.length;
      meta.differingLines = (meta.differingLines ?? 0) + lines.length;
      // The tables differ when the outcomes do: these alone are news.
      const told = lines.length > 0 ? lines : differences;
      expect(told.map(({ text }) => text).join('\n')).toBe('');
      return results;
    },
  };
}

interface Ran {
  readonly results: readonly CommandResult[];
  readonly differences: readonly Difference[];
}

interface Difference {
  readonly index: number;
  readonly text: string;
}

function processLine({ words, stdin, program = 'ipvsadm' }: Case, index: number): string {
  // Texts quote the name as it was called.
  const line = [program, ...words].map(shellQuoted).join(' ');
  const feed = stdin === undefined ? '' : `printf %s ${shellQuoted(stdin)} >in; `;
  const input = stdin === undefined ? '/dev/null' : 'in';
  return `${feed}${line} <${input} >${index}.stdout 2>${index}.stderr; echo $? >${index}.code`;
}

function differencesOf(
  cases: readonly Case[],
  ours: readonly CommandResult[],
  genuine: readonly CommandResult[],
): Difference[] {
  return cases.flatMap(({ words, program = 'ipvsadm' }, index) => {
    const comparable = words.includes('--nosort') ? ordered : same;
    const found = compare(
      comparable(ours[index] ?? silent),
      comparable(genuine[index] ?? { ...silent, code: -1 }),
    );
    if (found === '') return [];
    return { index, text: `${[program, ...words.map(quoted)].join(' ')}\n${found}` };
  });
}

const same = (result: CommandResult): CommandResult => result;

/**
 * A listing in the kernel's order, which is that of a hash with a key of the namespace's own: compared as the set of its
 * services, each with its real servers.
 */
function ordered({ stdout, ...rest }: CommandResult): CommandResult {
  const blocks = stdout.split(/\n(?! {2}->)/);
  return { ...rest, stdout: blocks.sort().join('\n') };
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

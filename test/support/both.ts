import { join } from 'node:path';
import { beforeEach, expect } from 'vitest';
import type { TaskMeta } from 'vitest';
import { shellQuoted } from '../../src/common/shell-quoted.js';
import type { Job, Outcomes } from '../kernel/agreement/guest.js';
import type { CommandResult } from '../lab/lab.js';
import { installOurCommands, ourCommands, testsExecutable } from '../lab/our-commands.js';
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
/** Only what hangs comes near: of the whole, and of each line that is a process. */
const DEADLINE_MS = 240_000;
const LINE_DEADLINE_MS = 3_000;

/** What of the tables is compared, as the genuine program shows it, and the words that may have changed it. */
const VIEWS = [
  { words: ['-S', '-n'], changedBy: /^/ },
  { words: ['-L', '-n', '--thresholds'], changedBy: /(?:^|\s)(?:-\w*[xy]|--[ul])/ },
  { words: ['-L', '--timeout'], changedBy: /--se/ },
  { words: ['-L', '--daemon'], changedBy: /daemon/ },
];

/** Rules as the genuine program saves them hold all but thresholds, timeouts and daemons. */
function viewsFor(words: string): readonly Case[] {
  return VIEWS.filter(({ changedBy }) => changedBy.test(words));
}

function loadScript(rules: string): string {
  const restore = `printf %s ${shellQuoted(rules)} | /sbin/ipvsadm -R`;
  return `/sbin/ipvsadm -C${rules === '' ? '' : ` && ${restore}`} || exit 1`;
}

/** Runs lines one after the other, each as a process, and leaves what they say in the folder. */
function script(path: string, folder: string, cases: readonly Case[]): string {
  const begin = `PATH=${path}:$PATH; mkdir -p ${folder} && cd ${folder} || exit 1`;
  return [begin, ...cases.map(processLine)].join('\n');
}

const silent: CommandResult = { code: 0, stdout: '', stderr: '' };

export interface BothOptions {
  /** Starts our programs as users do, a process per line: needs `npm run build`, and time. */
  readonly asProcesses?: boolean;
}

/** Two namespaces: in one the genuine program does everything, in the other ours does. */
export function useBoth({ asProcesses = testsExecutable }: BothOptions = {}) {
  const lab = useLab();
  const ours = useNamespace('ours');
  const genuine = useNamespace('genuine');
  let meta: TaskMeta = {};
  beforeEach(({ task }) => {
    meta = task.meta;
  });

  /** Rules that both tables are to hold before the next lines run. */
  let pending: string | undefined;

  /** All in one request to the guest, from which each round trip costs as much as a few processes. */
  async function inGuest(cases: readonly Case[], views: readonly Case[]): Promise<Outcomes> {
    const folder = `/run/tmp/${genuine().name}`;
    const loading = pending === undefined ? '' : loadScript(pending);
    pending = undefined;
    const job: Job = {
      folder,
      loading,
      cases: asProcesses ? [] : cases,
      ours: asProcesses ? script(ourCommands, `${folder}/ours`, cases) : '',
      ourViews: script('/sbin', `${folder}/views`, views),
      genuine: `${loading}\n${script('/sbin', `${folder}/genuine`, [...cases, ...views])}`,
      namespace: genuine().name,
    };
    const deadline = DEADLINE_MS + (asProcesses ? cases.length * LINE_DEADLINE_MS : 0);
    return (await ours().callWithin(deadline, GUEST, 'runBoth', job, {
      lines: cases.length,
      views: views.length,
    })) as Outcomes;
  }

  /** Runs lines with both, and looks at both tables. */
  async function runBoth(cases: readonly Case[]): Promise<Ran> {
    if (asProcesses) await installOurCommands(lab());
    const said = cases.flatMap(({ words, stdin = '' }) => [...words, stdin]);
    const views = viewsFor([pending ?? '', ...said].join(' '));
    const { ours: mine, theirs, ourViews } = await inGuest(cases, views);
    const results = theirs.slice(0, cases.length);
    const differences = differencesOf([...cases, ...views], [...mine, ...ourViews], theirs);
    return { results, differences };
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
    /** Gives both the same table, through the genuine program, when the next lines run. */
    load(rules: string): void {
      pending = rules;
    },
    /** Gives both the table at once, for tests that look at it themselves. */
    async loadNow(rules: string): Promise<void> {
      pending = rules;
      await runBoth([]);
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
      const reported = lines.length > 0 ? lines : differences;
      expect(reported.map(({ text }) => text).join('\n')).toBe('');
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

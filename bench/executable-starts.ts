/** Starts of the single executable, in turn with those of the genuine program and of ours on every Node. */
import type { Measure } from './host.js';
import { memories, wallTimes, type Measured } from './measured.js';
import { versionOf } from './nodes.js';
import { executable, genuine, ours } from './programs.js';
import type { Result, Target } from './result.js';
import { inTurn, type Bench } from './row.js';

const RUNS = 21;
const LOOP_RUNS = 3;
const TIMES = 100;
const LOOP = `n=0; while [ $n -lt ${TIMES} ]; do "$@" -v >/dev/null 2>&1; n=$((n + 1)); done`;
const LOOP_MS = 1400;

interface Program {
  readonly name: string;
  readonly words: readonly string[];
  /** The status of `-h` and of `-v`. */
  readonly status: number;
  /** What the executable's start may take, beside this one's. */
  readonly target?: Target;
  readonly note?: string;
}

/** On a machine without IPVS the genuine program fails whatever it is asked for. */
async function genuineProgram(measure: Measure): Promise<Program> {
  const known = { name: 'genuine', words: genuine, target: slower(3.5) };
  try {
    await measure([...genuine, '-v']);
    return { ...known, status: 0 };
  } catch {
    const note =
      'this machine has no IPVS: the time of the genuine program is that of asking for the module, and failing';
    return { ...known, status: 2, note };
  }
}

async function programOn(node: string): Promise<Program> {
  const version = await versionOf(node);
  const program = { name: `Node ${version}`, words: ours('ipvsadm', node), status: 0 };
  return version.startsWith('v20.') ? { ...program, target: slower(0.2) } : program;
}

const slower = (atMost: number): Target => ({ kind: 'slower', atMost });

/** Measures a command of every program: of each the first start, which fills caches, does not count. */
async function measureAll(
  bench: Bench,
  programs: readonly Program[],
  runs: number,
  run: (program: Program) => Promise<Measured>,
): Promise<(program: Program) => readonly Measured[]> {
  for (const program of programs) await run(program);
  const runners = programs.map((program) => [program.name, () => run(program)] as const);
  const quietly = { ...bench, step: () => undefined };
  const all = await inTurn<string, Measured>(quietly, runs, Object.fromEntries(runners));
  return ({ name }) => all[name] ?? [];
}

export async function executableStarts(
  bench: Bench,
  measure: Measure,
  nodes: readonly string[],
): Promise<Result[]> {
  const single: Program = { name: 'executable', words: executable, status: 0 };
  const others = [await genuineProgram(measure), ...(await Promise.all(nodes.map(programOn)))];
  const programs = [single, ...others];
  const results: Result[] = [];
  for (const option of ['-h', '-v']) {
    bench.step(`ipvsadm ${option}: ${programs.map(({ name }) => name).join(', ')}`);
    const measured = await measureAll(bench, programs, bench.runs(RUNS), ({ words, status }) =>
      measure([...words, option], status),
    );
    const what = `ipvsadm ${option}, executable`;
    for (const other of others) {
      const { name, target, note } = other;
      const [own, its] = [measured(single), measured(other)];
      const beside = { name, values: wallTimes(its) };
      results.push({ what, unit: 'ms', ours: wallTimes(own), other: beside, target, note });
      results.push({
        what: `memory of ${what}`,
        unit: 'MB',
        ours: memories(own),
        other: { name, values: memories(its) },
      });
    }
  }
  return [...results, ...(await loops(bench, measure, programs))];
}

/** A script that starts the command again and again, of every program. */
async function loops(
  bench: Bench,
  measure: Measure,
  programs: readonly Program[],
): Promise<Result[]> {
  bench.step(`${TIMES} times ipvsadm -v`);
  const measured = await measureAll(bench, programs, bench.runs(LOOP_RUNS), ({ words }) =>
    measure(['sh', '-c', LOOP, 'sh', ...words]),
  );
  return programs.map((program) => ({
    what: `${TIMES} times ipvsadm -v in a shell, ${program.name}`,
    unit: 'ms',
    ours: wallTimes(measured(program)),
    target: program.words === executable ? { kind: 'below', atMost: LOOP_MS } : undefined,
    note: program.note,
  }));
}

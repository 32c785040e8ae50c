import type { Session } from '../../ipvsadm/session.js';
import type { JsonRecord } from '../../machine/json.js';
import type { Machine } from '../../machine/machine.js';
import { Problem } from '../problem.js';
import type { Journal, JournalFile } from './journal.js';
import { kinds } from './kinds.js';
import { Look } from './look.js';
import { answeredFor, takenBack } from './merge.js';
import { CommandFailed, perform } from './perform.js';
import { byStep, keyOfStep } from './step.js';
import type { Command, Recorded, RecordsByStep, State, Step, StepKind } from './step.js';

/** What a set-up works on. */
export interface Scene {
  readonly machine: Machine;
  readonly session: Session;
  readonly file: JournalFile;
  /** Aborted when the administrator wants it to end; the reason is the exit status. */
  readonly signal: AbortSignal | undefined;
}

/** What is, or was, to be done about a step. */
export interface Change {
  readonly step: Step;
  readonly from: State;
  readonly to: State;
  readonly commands: readonly Command[];
  /** Whether it brings back what was found, rather than doing what is wanted. */
  readonly back: boolean;
  /** What somebody has changed since `up`, and stays. */
  readonly left: State;
}

/** Ended by a signal. */
class Interrupted extends Problem {}

export function checkInterruption({ signal }: Scene): void {
  if (signal?.aborted === true) throw new Interrupted('Interrupted.', Number(signal.reason));
}

/** What a step needs where things stand. */
export async function changeFor(
  step: Step,
  recorded: Recorded | undefined,
  look: Look,
): Promise<Change> {
  const kind = kinds[step.kind];
  const from = await kind.read(step, look);
  const change = { step, from, back: false, left: [] };
  if (kind.isRight?.(step, from) === true) return { ...change, to: from, commands: [] };
  const to = kind.wanted?.(step, from, recorded) ?? step.wanted;
  return { ...change, to, commands: foreseen(step, from, to, look) };
}

/** What it takes to bring back what was found. */
async function returnOf(record: Recorded, look: Look): Promise<Change> {
  const { step } = record;
  const kind = kinds[step.kind];
  const from = await kind.read(step, look);
  const { to, left } = takenBack(record, from, kind.keyOf);
  return { step, from, to, commands: foreseen(step, from, to, look), back: true, left };
}

/** The same for many. */
export async function returnsOf(records: readonly Recorded[], look: Look): Promise<Change[]> {
  const changes: Change[] = [];
  await prepare(
    records.map(({ step }) => step),
    look,
  );
  for (const record of records) changes.push(await returnOf(record, look));
  return changes;
}

function foreseen(step: Step, from: State, to: State, look: Look): readonly Command[] {
  const commands = kinds[step.kind].change(step, from, to);
  if (step.kind === 'setting' && commands.length > 0) {
    for (const line of to) {
      const end = line.indexOf('=');
      look.assume(line.slice(0, end), line.slice(end + 1));
    }
  }
  return commands;
}

/** A module brings its device with it: what is to be done with that can be read only then. */
export function stagesOf(steps: readonly Step[]): Step[][] {
  const modules = steps.filter(({ kind }) => kind === 'module');
  return [modules, steps.filter(({ kind }) => kind !== 'module')].filter(
    ({ length }) => length > 0,
  );
}

/** What is recorded, and wanted no more; the last first. */
export function unwanted(records: readonly Recorded[], steps: readonly Step[]): Recorded[] {
  const wanted = new Set(steps.map(keyOfStep));
  return records.filter(({ step }) => !wanted.has(keyOfStep(step))).reverse();
}

/** One run of `up`: what it has changed is taken back when it cannot be finished. */
export class Ascent {
  readonly changes: Change[] = [];
  readonly #scene: Scene;
  readonly #before: Journal | undefined;
  #journal: Journal;
  readonly #done: Recorded[] = [];
  /** The step that is being done. */
  #current: Step | undefined;

  constructor(scene: Scene, before: Journal | undefined, request: JsonRecord) {
    this.#scene = scene;
    this.#before = before;
    this.#journal = { request, records: before?.records ?? [] };
  }

  async run(steps: readonly Step[]): Promise<void> {
    try {
      for (const stage of stagesOf(steps)) await this.#rise(stage);
      await this.#drop(unwanted(this.#journal.records, steps));
    } catch (error) {
      throw await this.#undo(error);
    }
  }

  async #rise(steps: readonly Step[]): Promise<void> {
    const look = new Look(this.#scene.machine, this.#scene.session);
    const known = byStep(this.#journal.records);
    const planned: Change[] = [];
    await prepare(steps, look);
    for (const step of steps) {
      planned.push(await changeFor(step, known.get(keyOfStep(step)), look));
    }
    // All that was found is on record before anything is changed: whatever happens, it can be brought back.
    const records = planned
      .filter(({ commands }) => commands.length > 0)
      .map((one) => noted(one, known));
    const anew = byStep(records);
    const others = this.#journal.records.filter(({ step }) => !anew.has(keyOfStep(step)));
    checkInterruption(this.#scene);
    this.#journal = { ...this.#journal, records: [...others, ...records] };
    await this.#scene.file.write(this.#journal);
    for (const group of groupsOf(planned, ({ step }) => step)) await this.#make(group);
  }

  async #drop(records: readonly Recorded[]): Promise<void> {
    if (records.length === 0) return;
    const look = new Look(this.#scene.machine, this.#scene.session);
    for (const group of groupsOf(records, ({ step }) => step)) {
      await this.#make(await returnsOf(group, look));
      look.forgetNetwork();
    }
    const dropped = new Set(records);
    const rest = this.#journal.records.filter((record) => !dropped.has(record));
    this.#journal = { ...this.#journal, records: rest };
    await this.#scene.file.write(this.#journal);
  }

  async #make(group: readonly Change[]): Promise<void> {
    const { machine, session } = this.#scene;
    checkInterruption(this.#scene);
    this.changes.push(...group);
    const changes = group.filter(({ commands }) => commands.length > 0);
    if (changes.length === 0) return;
    await session.progress.show(() => `${this.changes.length} steps`);
    // Also of what fails a part may be done.
    this.#done.push(...changes.map(({ step, from, to }) => ({ step, found: from, set: to })));
    this.#current = changes[0]?.step;
    try {
      await perform(
        machine,
        session,
        changes.flatMap(({ commands }) => commands),
      );
    } catch (error) {
      if (error instanceof CommandFailed) {
        this.#current = changes.find(({ commands }) => commands.includes(error.command))?.step;
      }
      throw error;
    }
    this.#current = undefined;
  }

  async #undo(cause: unknown): Promise<unknown> {
    const { session, signal, file } = this.#scene;
    const { stayed } = await takeBack(this.#scene, this.#done);
    if (stayed.length === 0) {
      const writing = this.#before ? file.write(this.#before) : file.remove();
      // What is on record then is more than what is to be undone, and that does no harm.
      await writing.catch((error: unknown) => stayed.push(String(error)));
    }
    if (!(cause instanceof Error)) return cause;
    const failed = this.#current ? `${describe(this.#current)}\n  ` : '';
    const outcome = stayed.length === 0 ? UNDONE : `${NOT_UNDONE}${stayed.join('\n  ')}`;
    await session.output.flush();
    // The terminal's interruption reaches also the programs that were started.
    const status = signal?.aborted === true ? Number(signal.reason) : undefined;
    return new Problem(`${failed}${cause.message}\n${outcome}`, status);
  }
}

/** What is recorded of a step that is changed; what was found at first stays what was found. */
function noted({ step, from, to }: Change, known: RecordsByStep): Recorded {
  const old = known.get(keyOfStep(step));
  if (old === undefined) return { step, found: from, set: to };
  const record = { ...old, step };
  return { ...record, set: answeredFor(record, to, kinds[step.kind].keyOf) };
}

const UNDONE = 'Nothing is changed: what was done before has been undone.';
const NOT_UNDONE = 'What was done before has been undone, except:\n  ';

export function describe(step: Step): string {
  return kinds[step.kind].describe(step);
}

/** How taking back went. */
export interface TakenBack {
  readonly changes: readonly Change[];
  /** What could not be brought back, and why. */
  readonly stayed: string[];
  /** The records of that. */
  readonly rest: readonly Recorded[];
}

/** Brings back what was found, the last first. What cannot be brought back does not keep the rest from it. */
export async function takeBack(
  scene: Scene,
  records: readonly Recorded[],
  mayContinue: () => boolean = () => true,
): Promise<TakenBack> {
  const { machine, session } = scene;
  const changes: Change[] = [];
  const stayed: string[] = [];
  const rest: Recorded[] = [];
  let look = new Look(machine, session);
  const bringBack = async (group: readonly Recorded[]): Promise<void> => {
    const back = await returnsOf(group, look);
    await perform(
      machine,
      session,
      back.flatMap(({ commands }) => commands),
    );
    changes.push(...back);
    look.forgetNetwork();
  };
  for (const group of groupsOf(records.toReversed(), ({ step }) => step)) {
    if (!mayContinue()) {
      rest.unshift(...group.toReversed());
      continue;
    }
    await session.progress.show(() => `${changes.length} of ${records.length} steps undone`);
    if (group.length > 1 && (await succeeds(bringBack(group)))) continue;
    // One by one, for it must be known which.
    if (group.length > 1) look = new Look(machine, session);
    for (const record of group) {
      try {
        await bringBack([record]);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        stayed.push(`${describe(record.step)}: ${error.message}`);
        rest.unshift(record);
        look = new Look(machine, session);
      }
    }
  }
  return { changes, stayed, rest };
}

const succeeds = (deed: Promise<void>): Promise<boolean> =>
  deed.then(
    () => true,
    () => false,
  );

/** Steps that do not depend on each other where they follow each other, and so many of them at once. */
const TOGETHER: readonly StepKind[] = ['address', 'route', 'service'];
const MOST_TOGETHER = 256;

function groupsOf<T>(all: readonly T[], stepOf: (one: T) => Step): T[][] {
  const groups: T[][] = [];
  for (const one of all) {
    const last = groups.at(-1);
    const { kind } = stepOf(one);
    const joins =
      last?.[0] !== undefined &&
      last.length < MOST_TOGETHER &&
      TOGETHER.includes(kind) &&
      stepOf(last[0]).kind === kind;
    if (joins) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** Reads at once what the steps of a kind need. */
export async function prepare(steps: readonly Step[], look: Look): Promise<void> {
  for (const kind of new Set(steps.map((step) => step.kind))) {
    await kinds[kind].prepare?.(
      steps.filter((step) => step.kind === kind),
      look,
    );
  }
}

import type { JsonRecord } from '../../machine/json.js';
import { Problem } from '../problem.js';
import {
  changesFor,
  checkInterruption,
  describe,
  groupsOf,
  returnsOf,
  stagesOf,
  unwanted,
} from './changes.js';
import type { Change, Scene } from './changes.js';
import type { Journal } from './journal.js';
import { kinds } from './kinds.js';
import { Look } from './look.js';
import { answeredFor } from './merge.js';
import { CommandFailed, perform } from './perform.js';
import { byStep, keyOfStep } from './step.js';
import type { Recorded, RecordsByStep, Step } from './step.js';
import { takeBack } from './take-back.js';

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
    const planned = await changesFor(steps, known, look);
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

import type { JsonRecord } from '../common/json.js';
import { errorText } from '../common/system-errors.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import {
  changesFor,
  checkInterruption,
  describe,
  groupsOf,
  rollbackChanges,
  stagesOf,
  unwanted,
} from './changes.js';
import type { Change, SetupContext } from './changes.js';
import type { Journal } from './journal.js';
import { CommandFailed, perform } from './perform.js';
import { byStep, keyOfStep } from './step.js';
import type { Recorded, RecordedStep, RecordsByStep, Step } from './step.js';
import { rollback } from './rollback.js';

/** One run of `up`. If it fails, what it has changed is rolled back. */
export class Transaction {
  readonly changes: Change[] = [];
  readonly #context: SetupContext;
  readonly #before: Journal | undefined;
  #journal: Journal;
  readonly #done: Recorded[] = [];
  /** The step in progress. */
  #current: RecordedStep | undefined;

  constructor(context: SetupContext, before: Journal | undefined, request: JsonRecord) {
    this.#context = context;
    this.#before = before;
    this.#journal = { request, records: before?.records ?? [] };
  }

  async run(steps: readonly Step[]): Promise<void> {
    try {
      for (const stage of stagesOf(steps)) await this.#applyStage(stage);
      await this.#revertStale(unwanted(this.#journal.records, steps));
    } catch (error) {
      throw await this.#undo(error);
    }
  }

  async #applyStage(steps: readonly Step[]): Promise<void> {
    const known = byStep(this.#journal.records);
    const planned = await changesFor(steps, known, this.#context.snapshot);
    // All original states are on record before anything is changed: whatever happens, they can be restored.
    const records = planned
      .filter(({ commands }) => commands.length > 0)
      .map((one) => noted(one, known));
    const planning = byStep(records);
    const others = this.#journal.records.filter(({ step }) => !planning.has(keyOfStep(step)));
    checkInterruption(this.#context);
    this.#journal = { ...this.#journal, records: [...others, ...records] };
    await this.#context.file.write(this.#journal);
    for (const group of groupsOf(planned, ({ step }) => step)) await this.#run(group);
  }

  async #revertStale(records: readonly Recorded[]): Promise<void> {
    if (records.length === 0) return;
    for (const group of groupsOf(records, ({ step }) => step)) {
      await this.#run(await rollbackChanges(group, this.#context.snapshot));
    }
    const dropped = new Set(records);
    const rest = this.#journal.records.filter((record) => !dropped.has(record));
    this.#journal = { ...this.#journal, records: rest };
    await this.#context.file.write(this.#journal);
  }

  async #run(group: readonly Change[]): Promise<void> {
    const { snapshot, session } = this.#context;
    checkInterruption(this.#context);
    this.changes.push(...group);
    const changes = group.filter(({ commands }) => commands.length > 0);
    if (changes.length === 0) return;
    await session.progress.show(() => `${this.changes.length} steps`);
    // A group that fails may have been applied in part.
    this.#done.push(
      ...changes.map(({ step, from, to }) => ({ step, original: from, applied: to })),
    );
    this.#current = changes[0]?.step;
    try {
      await perform(
        snapshot.machine.host,
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
    snapshot.forgetMachine();
  }

  async #undo(cause: unknown): Promise<unknown> {
    const { session, signal, file, snapshot } = this.#context;
    snapshot.forget();
    const { stayed } = await rollback(this.#context, this.#done);
    if (stayed.length === 0) {
      const writing = this.#before ? file.write(this.#before) : file.remove();
      // The journal then records more than has to be undone, which is harmless.
      await writing.catch((error: unknown) => stayed.push(errorText(error)));
    }
    if (!(cause instanceof Error)) return cause;
    const failed = this.#current ? `${describe(this.#current)}\n  ` : '';
    const outcome = stayed.length === 0 ? UNDONE : `${NOT_UNDONE}${stayed.join('\n  ')}`;
    await session.output.flush();
    // Ctrl-C also reaches the programs that were started, which fail then.
    const refused = stayed.length === 0 ? exitStatus.refused : exitStatus.partly;
    const status = signal?.aborted === true ? Number(signal.reason) : refused;
    return new CliError(`${failed}${cause.message}\n${outcome}`, status);
  }
}

/** The record of a step that is changed; it keeps the original state, from before the first `up`. */
function noted({ step, from, applied }: Change, known: RecordsByStep): Recorded {
  return { step, original: known.get(keyOfStep(step))?.original ?? from, applied };
}

const UNDONE = 'Nothing was changed: the steps before it were rolled back.';
const NOT_UNDONE = 'What was done before has been undone, except:\n  ';

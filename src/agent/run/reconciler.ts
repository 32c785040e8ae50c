import type { IpvsClient } from '../../ipvs/client/client.js';
import type { IpvsError } from '../../ipvs/errors.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { errorText } from '../../common/system-errors.js';
import { currentService, currentTable } from '../../state/plan/current-table.js';
import { perform } from '../../state/plan/perform.js';
import { plan } from '../../state/plan/plan.js';
import type { CurrentService, PlanStep } from '../../state/plan/plan.js';
import { isRace } from '../../state/plan/send-steps.js';
import type { TableFailure } from '../../state/plan/send-steps.js';
import { settingSteps } from '../../state/plan/settings.js';
import type { WantedSettings } from '../../state/plan/settings.js';
import type { WantedService } from '../../state/table.js';
import type { Clock } from './clock.js';
import { driftOf } from './drift.js';
import type { Drift } from './drift.js';
import { OWNER } from './own-records.js';
import type { RecordChange, TableGuard } from './own-records.js';
import { writeSteps } from './table-writer.js';
import { effectiveOf } from './goal.js';
import type { ServiceGoal } from './goal.js';

/** What the reconciler brings about. */
export interface GoalSource {
  /** The keys of all services that there are goals about. */
  keys(): Iterable<string>;
  /** Undefined: it is none of the agent's. */
  goalFor(key: string): ServiceGoal | undefined;
  /** Timeouts and daemons, where the file names them. */
  settings(): WantedSettings;
}

/** What the reconciler has to tell. */
export interface ReconcileListener {
  onDrift(drift: Drift): void;
  /** Steps were carried out; or, in a dry run, would have been. */
  onWritten(steps: readonly PlanStep[]): void;
  onRefused(failure: TableFailure): void;
  onSettingRefused(error: IpvsError): void;
  /** The table cannot be read or written. It is tried again each second; this is called once. */
  onUnreachable(reason: string): void;
  onReachable(): void;
  /** The records beside the table cannot be written: the table is, all the same. Called once, until they are. */
  onUnrecorded(reason: string): void;
  /** A service that was to be removed is not there any more. */
  onGone(service: string): void;
}

export interface ReconcilerOptions {
  readonly clock: Clock;
  readonly source: GoalSource;
  readonly listener: ReconcileListener;
  readonly guard: TableGuard;
  /** Opens a client. */
  readonly open: () => Promise<IpvsClient>;
  /** Whether nothing is written. */
  readonly isDry: boolean;
}

/** What the reconciler has come to. */
export interface ReconcileProgress {
  /** How often the table was compared with the goals, and written where it differed. */
  readonly looks: number;
  /** When all of it was, by the monotonic clock. */
  readonly lastWholeMs: number | undefined;
  /** Why the table could not be read or written at the last try. */
  readonly trouble: string | undefined;
}

/** Decisions of so long are written together. */
const TOGETHER_MS = 10;
const RETRY_MS = 1000;
/** Of a large table, looking takes time: what is decided meanwhile waits for so many times as long, up to the latter. */
const PAUSE_PART = 3;
const LONGEST_PAUSE_MS = 1000;
/** Somebody who changes the table all the time is not raced for ever: the next look comes soon enough. */
const MOST_ROUNDS = 5;
/** Up to so many services are read one by one; of more, the whole table is. */
const MOST_SINGLE = 50;

/** Which services to look at: those, or all. */
type Scope = ReadonlySet<string> | 'all';
type Current = ReadonlyMap<string, CurrentService>;

/** What services are, and what they are to become. */
interface Look {
  readonly current: Current;
  readonly goals: ReadonlyMap<string, ServiceGoal>;
}

/** Goals may change while a batch is under way: this is what it was made for. */
interface Planned {
  readonly steps: readonly PlanStep[];
  /** What services become, by their keys. */
  readonly effective: ReadonlyMap<string, WantedService | undefined>;
}

/** Makes the kernel's table what is wanted: reads, plans, writes what differs, one batch after the other. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  /** How services were when they were last seen or written. What differs from it is somebody else's work. */
  readonly #known = new Map<string, WantedService>();
  /** What the records say already. */
  readonly #recorded = new Map<string, string>();
  #client: IpvsClient | undefined;
  #asked: Set<string> | 'all' | undefined;
  #working: Promise<void> | undefined;
  #callOff: (() => void) | undefined;
  /** Why the table could not be read or written at the last try. */
  #trouble: string | undefined;
  #looks = 0;
  #lastWholeMs: number | undefined;
  #isRecorded = true;
  /** Not before this, the next batch. */
  #earliestMs = -Infinity;
  #isStopped = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Looks at services soon, all by default, and writes what differs. */
  request(keys?: Iterable<string>): void {
    if (this.#isStopped) return;
    if (keys === undefined) this.#asked = 'all';
    else if (this.#asked !== 'all') {
      this.#asked ??= new Set();
      for (const key of keys) this.#asked.add(key);
    }
    if (this.#working === undefined) this.#workSoon();
  }

  /** Does now what was asked for, and waits until it is done, or cannot be done at present. */
  async flush(): Promise<void> {
    await this.#working;
    if (this.#asked === undefined) return;
    this.#callOff?.();
    this.#callOff = undefined;
    await this.#work();
  }

  /** How it has gone so far. */
  get progress(): ReconcileProgress {
    return { looks: this.#looks, lastWholeMs: this.#lastWholeMs, trouble: this.#trouble };
  }

  /** The kernel's services of the agent, with their connections. */
  async read(keys: ReadonlySet<string> | 'all'): Promise<Current> {
    return this.#read(await this.#open(), keys);
  }

  /** Ends after what is under way. Nothing more is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff?.();
    this.#callOff = undefined;
    await this.#working;
    this.#close();
  }

  /** At once after a rest: a server that died is to go now. What follows it is written together. */
  #workSoon(): void {
    this.#workIn(Math.max(0, this.#earliestMs - this.#options.clock.monotonicMs()));
  }

  #workIn(milliseconds: number): void {
    if (this.#callOff !== undefined || this.#isStopped) return;
    const { clock } = this.#options;
    this.#callOff = clock.at(clock.monotonicMs() + milliseconds, () => {
      this.#callOff = undefined;
      void this.#work();
    });
  }

  #work(): Promise<void> {
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    this.#working ??= this.#workOff().finally(() => {
      const endMs = clock.monotonicMs();
      const pauseMs = Math.max(TOGETHER_MS, PAUSE_PART * (endMs - startMs));
      this.#earliestMs = endMs + Math.min(LONGEST_PAUSE_MS, pauseMs);
      this.#working = undefined;
      if (this.#asked === undefined) return;
      if (this.#trouble === undefined) this.#workSoon();
      else this.#workIn(RETRY_MS);
    });
    return this.#working;
  }

  async #workOff(): Promise<void> {
    const scope = this.#asked;
    this.#asked = undefined;
    if (scope === undefined) return;
    try {
      await this.#reconcile(scope);
      this.#looks += 1;
      if (scope === 'all') this.#lastWholeMs = this.#options.clock.monotonicMs();
      if (this.#trouble !== undefined) this.#options.listener.onReachable();
      this.#trouble = undefined;
    } catch (error) {
      // Whatever it is, checks go on, and so do tries.
      this.#close();
      this.#asked = 'all';
      const before = this.#trouble;
      this.#trouble = errorText(error);
      if (before === undefined) this.#options.listener.onUnreachable(this.#trouble);
    }
  }

  async #reconcile(scope: Scope): Promise<void> {
    const client = await this.#open();
    if (scope === 'all' && this.#recorded.size > 0 && !(await this.#options.guard.exists())) {
      this.#recorded.clear();
    }
    const look = await this.#look(client, scope);
    const { steps } = planned(look);
    if (this.#options.isDry) {
      if (steps.length > 0) this.#options.listener.onWritten(steps);
      return;
    }
    if (steps.length > 0 || this.#recordChanges(look).length > 0) {
      await this.#options.guard.whileLocked(() => this.#converge(client, scope));
    }
    if (scope === 'all') await this.#set(client);
  }

  async #set(client: IpvsClient): Promise<void> {
    const { source, guard, listener } = this.#options;
    const steps = await settingSteps(client, source.settings());
    if (steps.length === 0) return;
    const { failures } = await guard.whileLocked(() => perform(client, steps));
    for (const { error } of failures) listener.onSettingRefused(error);
  }

  /** Nobody else who keeps to the lock writes meanwhile. Others may. */
  async #converge(client: IpvsClient, scope: Scope): Promise<void> {
    const { guard, listener } = this.#options;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const look = await this.#look(client, scope);
      const { steps, effective } = planned(look);
      // Before anything is done: who is killed in between has still made it.
      await this.#record(guard, this.#recordChanges(look));
      if (steps.length === 0) return;
      const { done, failures } = await writeSteps(client, steps);
      this.#remember(effective, failures);
      if (done.length > 0) listener.onWritten(done);
      const refused = failures.filter((failure) => !isRace(failure));
      for (const failure of refused) listener.onRefused(failure);
      if (failures.length === refused.length) {
        await this.#record(
          guard,
          [...effective].filter(isRemoved).map(([key]) => [key, undefined]),
        );
        return;
      }
    }
    this.request(scope === 'all' ? undefined : scope);
  }

  async #open(): Promise<IpvsClient> {
    this.#client ??= await this.#options.open();
    return this.#client;
  }

  #close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** Reads, and tells what others have changed. */
  async #look(client: IpvsClient, scope: Scope): Promise<Look> {
    const { listener } = this.#options;
    const current = await this.#read(client, scope);
    const goals = new Map(this.#goals(scope));
    for (const [key, goal] of goals) {
      const now = current.get(key);
      for (const drift of driftOf(goal, this.#known.get(key), now)) listener.onDrift(drift);
      if (now === undefined) this.#known.delete(key);
      else this.#known.set(key, now);
    }
    return { current, goals };
  }

  async #read(client: IpvsClient, scope: Scope): Promise<Current> {
    if (scope === 'all' || scope.size > MOST_SINGLE) {
      const table = (await currentTable(client)).map(
        (service) => [formatServiceId(service.id), service] as const,
      );
      return new Map(table);
    }
    const found = new Map<string, CurrentService>();
    for (const [key, { id }] of this.#goals(scope)) {
      const service = await currentService(client, id);
      if (service !== undefined) found.set(key, service);
    }
    return found;
  }

  *#goals(scope: Scope): Generator<readonly [string, ServiceGoal], void, undefined> {
    const { source } = this.#options;
    for (const key of scope === 'all' ? source.keys() : scope) {
      const goal = source.goalFor(key);
      if (goal !== undefined) yield [key, goal];
    }
  }

  /** What was written is known; of what was refused, the next look will tell. */
  #remember(effective: Planned['effective'], failures: readonly TableFailure[]): void {
    const refused = new Set(failures.map(({ step }) => formatServiceId(step.service)));
    for (const [key, service] of effective) {
      if (service === undefined || refused.has(key)) this.#known.delete(key);
      else this.#known.set(key, service);
    }
  }

  /** What the records lack: that a service is the agent's, and its name. */
  #recordChanges({ current, goals }: Look): RecordChange[] {
    const changes: RecordChange[] = [];
    for (const [key, goal] of goals) {
      if (goal.kind === 'remove' && !current.has(key)) changes.push([key, undefined]);
      if (goal.kind !== 'keep' || this.#recorded.get(key) === (goal.name ?? '')) continue;
      const { name } = goal;
      changes.push([key, { owner: OWNER, ...(name !== undefined && { name }) }]);
    }
    return changes;
  }

  async #record(guard: TableGuard, changes: readonly RecordChange[]): Promise<void> {
    if (changes.length === 0) return;
    try {
      await guard.record(changes);
      this.#isRecorded = true;
    } catch (error) {
      // Each look tries it again.
      if (this.#isRecorded) this.#options.listener.onUnrecorded(errorText(error));
      this.#isRecorded = false;
      return;
    }
    for (const [key, record] of changes) {
      if (record !== undefined) this.#recorded.set(key, record.name ?? '');
      else {
        this.#recorded.delete(key);
        this.#options.listener.onGone(key);
      }
    }
  }
}

function planned({ current, goals }: Look): Planned {
  const before: CurrentService[] = [];
  const effective = new Map<string, WantedService | undefined>();
  for (const [key, goal] of goals) {
    const now = current.get(key);
    if (now !== undefined) before.push(now);
    effective.set(key, effectiveOf(goal, now));
  }
  const wanted = [...effective.values()].filter((service) => service !== undefined);
  // Only services of the agent are in either list.
  return { steps: plan({ current: before, wanted, prune: 'all' }).steps, effective };
}

const isRemoved = ([, service]: readonly [string, WantedService | undefined]): boolean =>
  service === undefined;

import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { ServiceSelector } from '../../state/selection.js';
import type { AgentConfig, ServiceConfig } from '../config/config.js';
import type { AgentControl } from '../control/control.js';
import { EventRing } from '../control/event-ring.js';
import type { NewEvent } from '../control/shapes.js';
import type {
  DrainRequest,
  MaintenanceRequest,
  ReloadJson,
  ServiceStatusJson,
  StatusJson,
} from '../control/shapes.js';
import type { ObservedService } from '../health/adopt.js';
import { momentOf } from './clock.js';
import type { Clock } from './clock.js';
import { ConfigProblem } from './config-source.js';
import { Decider } from './decider.js';
import { DrainWatch } from './drain-watch.js';
import { HealthStore } from './health-store.js';
import { isWorthTelling, lateText, TableEvents } from './table-events.js';
import { Leaving, leaversOf } from './leaving.js';
import { Memory, remember } from './memory.js';
import type { Remembered } from './memory.js';
import { Overrides } from './overrides.js';
import { PathChecks } from './path-checks.js';
import type { PreparedChecks } from './path-checks.js';
import { Outputs } from './outputs.js';
import { Reconciler } from './reconciler.js';
import { failureOf } from '../reports/failure.js';
import { Reports } from '../reports/reports.js';
import { Scheduler } from './scheduler.js';
import { SetAside } from './set-aside.js';
import { configNamed, isoTime, serviceStatus } from './status.js';
import type { AgentOptions, OnExit, Settled } from './agent-options.js';
import { Goals } from './goals.js';
import { InconclusiveChecks } from './inconclusive.js';
import { waitUntilGone } from './wait-until-gone.js';

/** Checks real servers, and keeps the kernel's table what the file, health, drains and maintenance make it. */
export class Agent implements AgentControl {
  readonly events: EventRing;
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #store = new HealthStore();
  readonly #overrides = new Overrides();
  readonly #leaving: Leaving;
  readonly #scheduler: Scheduler;
  readonly #table: TableEvents;
  readonly #reconciler: Reconciler;
  readonly #drainWatch: DrainWatch;
  readonly #decider: Decider;
  readonly #setAside: SetAside;
  readonly #memory: Memory | undefined;
  readonly #startedWallMs: number;
  readonly #paths: PathChecks;
  /** Undefined where nothing is written. */
  readonly #outputs: Outputs | undefined;
  readonly reports: Reports;
  readonly #remembered: Remembered;
  #first: PreparedChecks = { checks: [], plan: { paths: [] } };
  #config: AgentConfig;
  #problem: string | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  #callOffReconcile: (() => void) | undefined;
  #onSettled: (() => void) | undefined;

  private constructor(options: AgentOptions, config: AgentConfig, remembered: Remembered) {
    const { clock, guard, open, isDry } = options;
    this.#options = options;
    this.#config = config;
    this.#remembered = remembered;
    this.#clock = clock;
    this.#startedWallMs = clock.wallMs();
    this.#leaving = remembered.leaving;
    const now = () => clock.wallMs();
    const tell = (event: NewEvent): void => {
      this.#tell(event);
    };
    const saying = (severity: NewEvent['severity']) => (reason: string) => {
      tell({ type: 'agent', severity, reason });
    };
    this.events = new EventRing({ startSeq: remembered.lastSeq, now });
    this.events.subscribe(options.onEvent);
    const inconclusive = new InconclusiveChecks(clock, tell);
    this.#paths = new PathChecks({
      ...{ clock, isDry, system: options.pathSystem, leaving: this.#leaving },
      table: () => this.#reconciler,
      tell,
    });
    const source = new Goals(
      ...([this.#store, this.#overrides, this.#leaving] as const),
      () => this.#config,
      () => this.#paths.services,
    );
    this.#table = new TableEvents({
      tell,
      forget: (service) => {
        this.#leaving.forget(service);
      },
      ...{ isDry, isOnce: options.isOnce },
    });
    const listener = this.#table;
    this.#reconciler = new Reconciler({ clock, source, listener, guard, open, isDry });
    this.reports = new Reports({
      ...{ clock, store: this.#store, open, table: listener, names: () => guard.names() },
      ...{ version: options.version, kernel: options.kernel, isListening: options.isListening },
      figures: () => ({
        reconciles: this.#reconciler.progress.looks,
        driftRepairs: listener.driftRepairs,
        isConfigValid: this.#problem === undefined,
        loopDelaySeconds: this.#scheduler.worstDelayMs / 1000,
      }),
      failure: () =>
        failureOf(this.#reconciler.progress, this.#config.reconcileMs, clock.monotonicMs()),
    });
    this.events.subscribe((event) => {
      this.reports.onEvent(event);
    });
    this.#scheduler = new Scheduler(clock, {
      onResult: (key, result) => {
        this.reports.onResult(key, this.#store.usersOf(key), result);
        const { delayMs, services } = this.#store.onResult(key, result);
        this.#decider.soon(services);
        if (services.length === 0) this.#outputs?.onResult(this.#store.usersOf(key));
        if (this.#onSettled !== undefined && this.#store.isSettled) this.#onSettled();
        return delayMs;
      },
      onInconclusive: (key, reason) => {
        inconclusive.report(key, reason);
      },
      onLate: (late) => {
        if (isWorthTelling(late)) saying('warning')(lateText(late));
      },
    });
    this.#decider = new Decider({
      ...{ clock, store: this.#store, overrides: this.#overrides },
      onEvent: tell,
      onDecided: (moved) => {
        if (moved.length > 0 && !options.isOnce) this.#reconciler.request(moved);
        this.#outputs?.decided();
        this.#memory?.healthChanged();
      },
    });
    this.#outputs =
      isDry || options.isOnce
        ? undefined
        : new Outputs({
            ...{ system: options.quorumSystem, store: this.#store, events: this.events },
            ...{ clock, tell },
            tableIsWritten: () => this.#reconciler.flush(),
          });
    this.#setAside = new SetAside({
      ...{ clock, overrides: this.#overrides },
      onEvent: tell,
      onMaintenance: () => this.#memory?.maintenanceChanged(),
      onChanged: async (services) => {
        this.#afterDrains(services);
        this.#drainWatch.wake();
        await this.#reconciler.flush();
      },
    });
    this.#drainWatch = new DrainWatch({
      ...{ clock, overrides: this.#overrides, leaving: this.#leaving },
      read: (keys) => this.#reconciler.read(keys),
      onEvent: tell,
      onEnded: (services) => {
        this.#afterDrains(services);
      },
    });
    this.#memory =
      isDry || options.isOnce
        ? undefined
        : new Memory({
            ...{ places: options.places, clock, store: this.#store },
            ...{ overrides: this.#overrides, leaving: this.#leaving },
            lastSeq: () => this.events.lastSeq,
            onFailure: saying('error'),
            onSuccess: saying('info'),
          });
  }

  /**
   * Reads the file, and what an agent before has left.
   * @throws ConfigProblem when the file is not good.
   */
  static async load(options: AgentOptions): Promise<Agent> {
    const config = await options.source.read();
    const agent = new Agent(options, config, await remember(options.places, options.clock));
    // A check that cannot work is found before anything begins.
    agent.#first = agent.#paths.prepare(config, () => false, options.prepare);
    return agent;
  }

  /** Takes over what is in the table and what is remembered, and checks from now on. */
  async begin(): Promise<void> {
    await this.#adopt(this.#remembered);
    const { checks, plan } = this.#first;
    await this.#paths.use(plan);
    // Private services are no part of what a run has come to.
    this.#table.takeSteps();
    this.#outputs?.use(this.#config);
    this.#scheduler.set(checks);
    this.reports.begin();
    this.#reconcileEach();
  }

  /** What the file calls a service. */
  nameOf(service: string): string | undefined {
    return this.#store.configs.get(service)?.name;
  }

  status(): StatusJson {
    const { version, pid, source } = this.#options;
    const problem = this.#problem;
    return {
      schemaVersion: 1,
      agent: {
        ...{ version, pid, since: isoTime(this.#startedWallMs), configFile: source.file },
        configValid: problem === undefined,
        ...(problem !== undefined && { problem }),
      },
      services: this.#config.services.flatMap((config) => this.#statusOf(config) ?? []),
    };
  }

  service(selector: ServiceSelector): ServiceStatusJson | undefined {
    const config = configNamed(selector, this.#config.services);
    return config && this.#statusOf(config);
  }

  #statusOf(config: ServiceConfig): ServiceStatusJson | undefined {
    return serviceStatus(config, this.#store, this.#leaving);
  }

  drain(request: DrainRequest): Promise<void> {
    return this.#setAside.drain(this.#config, request);
  }

  undrain(request: Pick<DrainRequest, 'servers' | 'services'>): Promise<void> {
    return this.#setAside.undrain(this.#config, request);
  }

  startMaintenance(request: MaintenanceRequest): Promise<void> {
    return this.#setAside.startMaintenance(this.#config, request);
  }

  endMaintenance(request: Omit<MaintenanceRequest, 'reason'>): Promise<void> {
    return this.#setAside.endMaintenance(this.#config, request);
  }

  /** Reads the file again. A faulty one changes nothing. */
  reload(): Promise<ReloadJson> {
    const done = this.#reloading.then(() => this.#reload());
    this.#reloading = done.catch(() => undefined);
    return done;
  }

  /** Waits until each check has a verdict, and writes the table. */
  async settled(): Promise<Settled> {
    if (!this.#store.isSettled) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
      this.#onSettled = undefined;
    }
    this.#decider.now();
    this.#reconciler.request();
    await this.#reconciler.flush();
    const servers = [...this.#store.decisions.values()].flatMap((one) => one.servers);
    const isAllUp = servers.every(({ state }) => state !== 'down' && state !== 'starting');
    return { isAllUp, steps: this.#table.takeSteps() };
  }

  /**
   * Ends: checks no more, and leaves the table as it is, or takes its services out of it.
   * @param hurry ends the wait for connections.
   */
  async stop(onExit: OnExit, hurry?: AbortSignal): Promise<void> {
    this.#scheduler.stop();
    this.#decider.stop();
    this.#callOffReconcile?.();
    await this.#reloading;
    await this.#paths.end();
    if (onExit !== 'leave') await this.#outputs?.withdraw();
    if (onExit !== 'leave') await this.#leaveAll(onExit, hurry);
    await this.#drainWatch.stop();
    await this.#reconciler.stop();
    await this.#memory?.close();
    await this.#outputs?.stop();
    await this.reports.stop();
  }

  async #reload(): Promise<ReloadJson> {
    try {
      const config = await this.#options.source.read();
      const isKnown = (key: string) => this.#scheduler.has(key);
      const { checks, plan } = this.#paths.prepare(config, isKnown, this.#options.prepare);
      await this.#paths.use(plan);
      this.#use(config);
      this.#scheduler.set(checks);
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      // A file may be read twice, for a signal and for its change.
      if (this.#problem !== error.message) {
        this.#tell({ type: 'config', severity: 'error', to: 'refused', reason: error.message });
      }
      this.#problem = error.message;
      return { configValid: false, problem: error.message };
    }
    const reason = `${this.#options.source.file} was read`;
    this.#tell({ type: 'config', severity: 'info', to: 'loaded', reason });
    return { configValid: true };
  }

  #use(config: AgentConfig): void {
    const leavers = leaversOf(this.#config, config, momentOf(this.#clock));
    for (const one of leavers.services) this.#leaving.addService(one);
    for (const one of leavers.servers) this.#leaving.addServer(one);
    for (const service of leavers.cut) this.#leaving.cutService(service);
    this.#leaving.keep(config.services);
    this.#config = config;
    this.#store.migrate(config);
    this.reports.configured(config);
    this.#decider.now(this.#store.configs.keys());
    this.#outputs?.use(config);
    this.#reconciler.request();
    this.#reconcileEach();
    this.#drainWatch.wake();
    this.#memory?.healthChanged();
  }

  /** Takes over the table, what is remembered, and what left the file while no agent ran. */
  async #adopt(remembered: Remembered): Promise<void> {
    const observed = new Map<string, ObservedService>();
    try {
      for (const [key, { destinations }] of await this.#reconciler.read('all')) {
        const servers = destinations.map(
          ({ id, settings }) => [formatDestinationId(id), settings.weight] as const,
        );
        observed.set(key, { servers: new Map(servers) });
      }
    } catch {
      // The reconciler tells it, and tries again.
    }
    for (const drain of remembered.drains) this.#overrides.setDrain(drain);
    for (const one of remembered.maintenance) this.#overrides.setMaintenance(one);
    this.#store.adopt(this.#config, observed, remembered.health, momentOf(this.#clock));
    const owned = this.#paths.adopt(await this.#options.guard.owned().catch((): string[] => []));
    this.#leaving.adopt(this.#config.services, { owned, ...remembered }, momentOf(this.#clock));
    this.#decider.now(this.#store.configs.keys());
    if (!this.#options.isOnce) this.#reconciler.request();
    this.#drainWatch.wake();
  }

  #tell(event: NewEvent): void {
    this.events.add(event);
  }

  #reconcileEach(): void {
    this.#callOffReconcile?.();
    if (this.#options.isOnce) return;
    const next = this.#clock.monotonicMs() + this.#config.reconcileMs;
    this.#callOffReconcile = this.#clock.at(next, () => {
      this.#reconciler.request();
      void this.#memory?.restore();
      this.#outputs?.refresh();
      this.#reconcileEach();
    });
  }

  #afterDrains(services: Iterable<string>): void {
    this.#decider.now(services);
    this.#reconciler.request(services);
    this.#memory?.drainsChanged();
  }

  async #leaveAll(onExit: 'drain' | 'remove', hurry: AbortSignal | undefined): Promise<void> {
    const { services, ...rest } = this.#config;
    const drained = onExit === 'drain' ? services : services.map((one) => ({ ...one, drainMs: 0 }));
    this.#config = { ...rest, services: drained };
    this.#use({ ...rest, services: [] });
    this.#callOffReconcile?.();
    await this.#reconciler.flush();
    await waitUntilGone(this.#leaving, this.#clock, hurry);
    this.#reconciler.request();
    await this.#reconciler.flush();
  }
}

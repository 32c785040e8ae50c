import { errorText } from '../../common/system-errors.js';
import { parseServiceId } from '../../ipvs/model/selectors.js';
import type { CurrentService } from '../../state/plan/plan.js';
import type { WantedService } from '../../state/table.js';
import { checksOf } from '../config/checks-of.js';
import type { AgentConfig } from '../config/config.js';
import type { NewEvent } from '../control/shapes.js';
import { isByPath, isPrivate } from '../path/paths.js';
import { PathSet } from '../path/path-set.js';
import type { PathPlan } from '../path/path-set.js';
import type { PathSystem } from '../path/path-system.js';
import type { Clock } from './clock.js';
import { ConfigProblem } from './config-source.js';
import type { Leaving } from './leaving.js';
import { prepareChecks } from './probe-set.js';
import type { PrepareProbe } from './probe-set.js';
import type { ScheduledCheck } from './scheduler.js';

/** What writes and reads the private services. */
interface PathTable {
  read(keys: ReadonlySet<string>): Promise<ReadonlyMap<string, CurrentService>>;
  request(keys: Iterable<string>): void;
  flush(): Promise<void>;
}

export interface PathChecksOptions {
  readonly clock: Clock;
  readonly system: PathSystem;
  readonly leaving: Leaving;
  readonly table: () => PathTable;
  readonly isDry: boolean;
  readonly tell: (event: NewEvent) => void;
}

/** Checks that are ready to be run, and the paths that they need. */
export interface PreparedChecks {
  readonly checks: readonly ScheduledCheck[];
  readonly plan: Pick<PathPlan, 'paths'>;
}

const DRY =
  'checks with through: path need a private service in the table, which a dry run does not write';

/** Makes checks ready, and the paths of those that ask the virtual address. */
export class PathChecks {
  readonly #options: PathChecksOptions;
  readonly #paths: PathSet;
  #left: readonly string[] = [];

  constructor(options: PathChecksOptions) {
    this.#options = options;
    const { clock, system, tell } = options;
    const reason =
      "somebody changed the firewall's rules, routes or private services of checks with through: path; repaired";
    this.#paths = new PathSet({
      ...{ clock, system },
      hasServices: (keys) => this.#hasServices(keys),
      onRepaired: () => {
        tell({ type: 'agent', severity: 'warning', reason });
      },
      onBroken: (why) => {
        tell({ type: 'agent', severity: 'error', reason: why });
      },
    });
  }

  /** The private services, by their keys. */
  get services(): ReadonlyMap<string, WantedService> {
    return this.#paths.services;
  }

  /**
   * Makes those checks ready that are new. Nothing of the machine is changed.
   * @throws ConfigProblem when one cannot work.
   */
  prepare(
    config: AgentConfig,
    isKnown: (key: string) => boolean,
    prepare: PrepareProbe,
  ): PreparedChecks {
    const checks = checksOf(config);
    if (this.#options.isDry && checks.some(isByPath)) throw new ConfigProblem(DRY);
    const plan = planned(() => this.#paths.plan(config));
    const prepareAny: PrepareProbe = (check) => {
      if (!isByPath(check)) return prepare(check);
      const target = { ...check.target, path: plan.endpointOf(check) };
      return this.#paths.guarded(prepare({ ...check, target }));
    };
    return { checks: prepareChecks(checks, isKnown, prepareAny), plan };
  }

  /**
   * Takes over what an agent before this one has left, because it was killed.
   * @param owned the services that were an agent's.
   * @returns those that are no private ones.
   */
  adopt(owned: readonly string[]): readonly string[] {
    this.#left = owned.filter((key) => isPrivate(parseServiceId(key)));
    return owned.filter((key) => !this.#left.includes(key));
  }

  /** Makes the paths. @throws ConfigProblem when that cannot be done; then they are as before. */
  async use(plan: Pick<PathPlan, 'paths'>): Promise<void> {
    const { leaving, system, table } = this.#options;
    let gone: readonly string[];
    try {
      if (this.#left.length > 0 && plan.paths.length === 0) await system.set([]);
      gone = await this.#paths.use(plan);
    } catch (error) {
      throw new ConfigProblem(errorText(error));
    }
    gone = [...gone, ...this.#left.filter((key) => !this.services.has(key))];
    this.#left = [];
    for (const key of gone) leaving.cutService(key);
    const keys = [...gone, ...this.services.keys()];
    if (keys.length === 0) return;
    table().request(keys);
    await table().flush();
  }

  /** Removes all of them. */
  async end(): Promise<void> {
    await this.use({ paths: [] }).catch((error: unknown) => {
      this.#options.tell({ type: 'agent', severity: 'error', reason: errorText(error) });
    });
  }

  async #hasServices(keys: readonly string[]): Promise<boolean> {
    const table = this.#options.table();
    const current = await table.read(new Set(keys));
    const missing = keys.filter((key) => current.get(key)?.destinations.length !== 1);
    if (missing.length > 0) table.request(missing);
    return missing.length === 0;
  }
}

function planned(plan: () => PathPlan): PathPlan {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigProblem(`through: ${error.message}`);
  }
}

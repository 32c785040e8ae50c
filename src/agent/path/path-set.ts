import { errorText } from '../../common/system-errors.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { WantedService } from '../../state/table.js';
import type { Probe, ProbeOutcome } from '../checks/check-type.js';
import type { AgentConfig, CheckConfig, PathEndpoint } from '../config/config.js';
import type { Clock } from '../run/clock.js';
import { pathKey, pathsOf, portsOf, privateServiceOf, probeAddressOf } from './paths.js';
import type { Path } from './paths.js';
import type { PathSystem } from './path-system.js';

export interface PathSetOptions {
  readonly clock: Clock;
  readonly system: PathSystem;
  /** Whether these private services are in the kernel's table. Asks for those that are missing to be added again. */
  readonly hasServices: (keys: readonly string[]) => Promise<boolean>;
  /** Rules, routes or services had been removed, and were restored. */
  readonly onRepaired: () => void;
  /** They cannot be restored. Called once, until they can. */
  readonly onBroken: (reason: string) => void;
}

/** Paths that have not been set up yet. */
export interface PathPlan {
  readonly paths: readonly Path[];
  endpointOf(check: CheckConfig): PathEndpoint;
}

/** How long a look that found everything in place is trusted. */
const TRUSTED_MS = 1000;

const NOT_ASKED: ProbeOutcome = {
  passing: false,
  isInconclusive: true,
  reason:
    "somebody changed the firewall's rules, routes or private services of checks with through: path",
};

/** The paths of the checks with `through: path`. */
export class PathSet {
  readonly #options: PathSetOptions;
  #paths: readonly Path[] = [];
  /** Private services, by their keys. */
  #services: ReadonlyMap<string, WantedService> = new Map();
  readonly #endpoints = new Map<string, PathEndpoint>();
  #looking: Promise<boolean> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #trustedUntilMs = -Infinity;
  /** When the last repair was done. Requests from before it may have gone nowhere. */
  #repairedMs = -Infinity;
  #isBroken = false;

  constructor(options: PathSetOptions) {
    this.#options = options;
  }

  /** The private services that are to be in the kernel's table, by their keys. */
  get services(): ReadonlyMap<string, WantedService> {
    return this.#services;
  }

  /** Plans without changing anything. @throws RangeError when there are too many paths. */
  plan(config: AgentConfig): PathPlan {
    const slots = new Map(this.#paths.map(({ key, slot }) => [key, slot]));
    const paths = pathsOf(config, slots);
    const byKey = new Map(paths.map((path) => [path.key, path]));
    return {
      paths,
      endpointOf: (check) => {
        const path = byKey.get(pathKey(check));
        if (path === undefined) throw new Error(`no path for ${check.key}`);
        return this.#endpointOf(path);
      },
    };
  }

  /**
   * Sets up the rules and routes of these paths, and removes all others.
   * @returns the keys of private services that are no longer needed.
   * @throws HostError when that cannot be done: then the paths are as before.
   */
  use({ paths }: Pick<PathPlan, 'paths'>): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      if (paths.length > 0 || this.#paths.length > 0) await this.#options.system.set(paths);
      const before = this.#services;
      this.#paths = paths;
      this.#services = new Map(
        paths.map(privateServiceOf).map((service) => [formatServiceId(service.id), service]),
      );
      const keys = new Set(paths.map(({ key }) => key));
      for (const key of this.#endpoints.keys()) if (!keys.has(key)) this.#endpoints.delete(key);
      return [...before.keys()].filter((key) => !this.#services.has(key));
    });
  }

  /** A probe whose failures count only while all that its path needs is there. */
  guarded(probe: Probe): Probe {
    return {
      run: async () => {
        const startMs = this.#options.clock.monotonicMs();
        const outcome = await probe.run();
        if (outcome.passing || outcome.isInconclusive === true) return outcome;
        const isIntact = await this.#isIntact();
        return isIntact && startMs >= this.#repairedMs ? outcome : NOT_ASKED;
      },
      close: () => probe.close?.(),
    };
  }

  #endpointOf(path: Path): PathEndpoint {
    const known = this.#endpoints.get(path.key);
    if (known !== undefined) return known;
    const { first, last } = portsOf(path);
    let next = first;
    const endpoint: PathEndpoint = {
      address: probeAddressOf(path),
      nextPort: () => {
        const port = next;
        next = port === last ? first : port + 1;
        return port;
      },
    };
    this.#endpoints.set(path.key, endpoint);
    return endpoint;
  }

  /** Looks, and restores what is missing. Checks that fail together share one look. */
  #isIntact(): Promise<boolean> {
    if (this.#options.clock.monotonicMs() < this.#trustedUntilMs) return Promise.resolve(true);
    this.#looking ??= this.#inTurn(() => this.#look()).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** One at a time: otherwise a look could restore what is being removed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #look(): Promise<boolean> {
    const { clock, system, hasServices, onRepaired, onBroken } = this.#options;
    try {
      const isSystemIntact = await system.isIntact();
      if (!isSystemIntact) await system.set(this.#paths);
      const isTableIntact = await hasServices([...this.#services.keys()]);
      const isIntact = isSystemIntact && isTableIntact;
      if (!isIntact) {
        this.#repairedMs = clock.monotonicMs();
        onRepaired();
      } else this.#trustedUntilMs = clock.monotonicMs() + TRUSTED_MS;
      this.#isBroken = false;
      return isIntact;
    } catch (error) {
      if (!this.#isBroken) onBroken(errorText(error));
      this.#isBroken = true;
      return false;
    }
  }
}

import { counted } from '../../common/plural.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { clientsOf } from '../../state/drain-rules.js';
import type { CurrentService } from '../../state/plan/plan.js';
import type { NewEvent } from '../control/shapes.js';
import type { Clock } from './clock.js';
import type { Leaving } from './leaving.js';
import type { Overrides } from './overrides.js';

export interface DrainWatchOptions {
  readonly clock: Clock;
  readonly overrides: Overrides;
  readonly leaving: Leaving;
  /** Reads services of the kernel. @throws when they cannot be read. */
  readonly read: (keys: ReadonlySet<string>) => Promise<ReadonlyMap<string, CurrentService>>;
  readonly onEvent: (event: NewEvent) => void;
  /** Something has ended: these services are to be decided about, and written. */
  readonly onEnded: (services: ReadonlySet<string>) => void;
}

const LOOK_MS = 1000;

/** Waits for the connections of all that is drained, and says when they have ended or the time is over. */
export class DrainWatch {
  readonly #options: DrainWatchOptions;
  #callOff: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: DrainWatchOptions) {
    this.#options = options;
  }

  /** Something is drained from now on, perhaps. */
  wake(): void {
    if (this.#isStopped || this.#callOff !== undefined || this.#waiting().size === 0) return;
    const { clock } = this.#options;
    this.#callOff = clock.at(clock.monotonicMs() + LOOK_MS, () => {
      this.#callOff = undefined;
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
        this.wake();
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff?.();
    await this.#looking;
  }

  #waiting(): Set<string> {
    const { overrides, leaving } = this.#options;
    const drains = overrides.drains.filter(({ outcome }) => outcome === 'waiting');
    return new Set(
      [...drains, ...leaving.servers, ...leaving.services].map(({ service }) => service),
    );
  }

  async #look(): Promise<void> {
    const waiting = this.#waiting();
    let current: ReadonlyMap<string, CurrentService>;
    try {
      current = await this.#options.read(waiting);
    } catch {
      // The reconciler tells that the table cannot be read; time passes all the same.
      return;
    }
    const ended = new Set<string>();
    this.#lookAtDrains(current, ended);
    this.#lookAtLeavers(current, ended);
    if (ended.size > 0) this.#options.onEnded(ended);
  }

  #lookAtDrains(current: ReadonlyMap<string, CurrentService>, ended: Set<string>): void {
    const { clock, overrides, onEvent } = this.#options;
    for (const drain of overrides.drains) {
      if (drain.outcome !== 'waiting') continue;
      const { service, server, untilMs = Infinity } = drain;
      const left = connectionsOf(current.get(service), server);
      if (left > 0 && clock.monotonicMs() < untilMs) continue;
      const outcome = left === 0 ? 'drained' : 'over';
      overrides.setDrain({ ...drain, outcome });
      ended.add(service);
      const isOut = drain.deletes && left === 0;
      onEvent({
        ...{ type: 'drain', severity: left === 0 ? 'info' : 'warning', service, server },
        ...(left === 0
          ? {
              to: 'drained',
              reason: isOut ? 'it has no connections, and is taken out' : 'it has no connections',
            }
          : { to: 'over', reason: `the time is over, and it has ${counted(left, 'connection')}` }),
      });
    }
  }

  #lookAtLeavers(current: ReadonlyMap<string, CurrentService>, ended: Set<string>): void {
    const { clock, leaving, onEvent } = this.#options;
    const now = clock.monotonicMs();
    for (const { service, server, untilMs } of leaving.servers) {
      const left = connectionsOf(current.get(service), server);
      if (left > 0 && now < untilMs) continue;
      leaving.endServer({ service, server });
      ended.add(service);
      onEvent({
        type: 'drain',
        severity: 'info',
        service,
        server,
        to: 'removed',
        reason: why(left),
      });
    }
    for (const { service, untilMs } of leaving.services) {
      const left = connectionsOf(current.get(service), undefined);
      if (left > 0 && now < untilMs) continue;
      leaving.endService(service);
      ended.add(service);
      onEvent({ type: 'drain', severity: 'info', service, to: 'removed', reason: why(left) });
    }
  }
}

function why(left: number): string {
  const file = 'it has left the file';
  return left === 0 ? file : `${file}; ${counted(left, 'connection')} had not ended in time`;
}

/** Connections of a server, or of all, and persistent clients who would come back. */
function connectionsOf(service: CurrentService | undefined, server: string | undefined): number {
  if (service === undefined) return 0;
  const isPersistent = service.settings.persistence !== undefined;
  return service.destinations
    .filter(({ id }) => server === undefined || formatDestinationId(id) === server)
    .map((one) => clientsOf(one, isPersistent))
    .reduce((sum, { active, inactive, templates }) => sum + active + inactive + templates, 0);
}

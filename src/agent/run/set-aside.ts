import type { AgentConfig } from '../config/config.js';
import { ControlError } from '../control/control.js';
import type { NewEvent } from '../control/shapes.js';
import type { DrainRequest, MaintenanceRequest } from '../control/shapes.js';
import type { Clock } from './clock.js';
import type { Overrides } from './overrides.js';
import { targetsOf } from './targets.js';
import type { Target } from './targets.js';

export interface SetAsideOptions {
  readonly clock: Clock;
  readonly overrides: Overrides;
  readonly onEvent: (event: NewEvent) => void;
  /** Maintenance is kept over restarts of the machine: settles when it is on the disk. */
  readonly onMaintenance: () => Promise<void> | undefined;
  /** Settles when the table is written, or cannot be at present. */
  readonly onChanged: (services: readonly string[]) => Promise<void>;
}

type Servers = Pick<DrainRequest, 'servers' | 'services'>;

/** Drains servers and puts them into maintenance, and takes that back. Each throws ControlError, and has changed nothing then. */
export class SetAside {
  readonly #options: SetAsideOptions;

  constructor(options: SetAsideOptions) {
    this.#options = options;
  }

  async drain(config: AgentConfig, request: DrainRequest): Promise<void> {
    const targets = targetsOf(config, request);
    const { timeoutSeconds, delete: deletes = false } = request;
    const { clock, overrides } = this.#options;
    const untilMs =
      timeoutSeconds === undefined ? undefined : clock.monotonicMs() + timeoutSeconds * 1000;
    const drain = { sinceWallMs: clock.wallMs(), untilMs, deletes, outcome: 'waiting' } as const;
    for (const target of targets) {
      overrides.setDrain({ ...target, ...drain });
      this.#tell('drain', target, 'draining');
    }
    await this.#options.onChanged(servicesOf(targets));
  }

  async undrain(config: AgentConfig, request: Servers): Promise<void> {
    const { overrides } = this.#options;
    const ended = targetsOf(config, request).filter((target) => overrides.endDrain(target));
    if (ended.length === 0) throw new ControlError('none of these is drained');
    for (const target of ended) this.#tell('drain', target, 'ended');
    await this.#options.onChanged(servicesOf(ended));
  }

  async startMaintenance(config: AgentConfig, request: MaintenanceRequest): Promise<void> {
    const targets = targetsOf(config, request);
    const { reason = 'on request' } = request;
    const { clock, overrides } = this.#options;
    for (const target of targets) {
      overrides.setMaintenance({ ...target, sinceWallMs: clock.wallMs(), reason });
      this.#tell('maintenance', target, 'on', reason);
    }
    await this.#options.onMaintenance();
    await this.#options.onChanged(servicesOf(targets));
  }

  async endMaintenance(config: AgentConfig, request: Servers): Promise<void> {
    const { overrides } = this.#options;
    const ended = targetsOf(config, request).filter((target) => overrides.endMaintenance(target));
    if (ended.length === 0) throw new ControlError('none of these is in maintenance');
    for (const target of ended) this.#tell('maintenance', target, 'off');
    await this.#options.onMaintenance();
    await this.#options.onChanged(servicesOf(ended));
  }

  #tell(type: 'drain' | 'maintenance', target: Target, to: string, reason?: string): void {
    const why = reason === undefined ? {} : { reason };
    this.#options.onEvent({ type, severity: 'info', ...target, to, ...why });
  }
}

const servicesOf = (targets: readonly Target[]): string[] => targets.map(({ service }) => service);

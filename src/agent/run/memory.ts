import { join } from 'node:path';
import { numberOf, jsonObjectIn } from '../../common/json.js';
import { readFileIfExists } from '../../common/read-if-exists.js';
import { formatHealth, parseHealth } from '../health/serialize.js';
import type { SavedHealth } from '../health/serialize.js';
import { momentOf } from './clock.js';
import type { Clock } from './clock.js';
import type { HealthStore } from './health-store.js';
import { readLeaving } from './leaving.js';
import type { Leaving } from './leaving.js';
import { MemoryFile } from './memory-file.js';
import { formatMaintenance, parseMaintenance, readDrains } from './overrides.js';
import type { Drain, Maintenance, Overrides } from './overrides.js';

/** Where the agent keeps what it knows. */
export interface MemoryPlaces {
  /** The records of this network namespace; a restart of the machine empties it. */
  readonly run: string;
  /** The file of maintenance, which is kept over restarts of the machine. */
  readonly maintenance: string;
}

/** What an agent before this one has left. */
export interface Remembered {
  /** Undefined: nothing, or it is too old. */
  readonly health: SavedHealth | undefined;
  /** Also of health that is too old: the servers that an agent has had, by their services. */
  readonly servers: ReadonlyMap<string, readonly string[]>;
  readonly drains: readonly Drain[];
  readonly maintenance: readonly Maintenance[];
  readonly leaving: Leaving;
  readonly lastSeq: number;
}

/** Health that is older says nothing about now. */
const OLDEST_HEALTH_MS = 10 * 60_000;
/** What does not change is written again so often, so that it is not taken for old. */
const REFRESH_MS = 60_000;
/** After an agent was killed, so many numbers of events may have been given that are not kept. */
const LOST_NUMBERS = 10_000;

const healthIn = (run: string): string => join(run, 'agent-health.json');
const drainsIn = (run: string): string => join(run, 'agent-drains.json');

/** Reads what is there. What is damaged counts as nothing. */
export async function remember(places: MemoryPlaces, clock: Clock): Promise<Remembered> {
  const read = async (path: string) => (await readFileIfExists(path).catch(() => undefined)) ?? '';
  const saved = parseHealth(await read(healthIn(places.run)));
  // A restart of the machine leaves nothing here, and the wall clock may have been set since.
  const ageMs = clock.monotonicMs() - (saved?.at.monotonicMs ?? 0);
  const more = jsonObjectIn(await read(drainsIn(places.run))) ?? {};
  const lastSeq = numberOf(more['lastSeq']) ?? 0;
  return {
    health: ageMs >= 0 && ageMs <= OLDEST_HEALTH_MS ? saved : undefined,
    servers: new Map(
      Array.from(saved?.services ?? [], ([service, { servers }]) => [service, [...servers.keys()]]),
    ),
    drains: readDrains(more['drains']),
    maintenance: parseMaintenance(await read(places.maintenance)) ?? [],
    leaving: readLeaving(more['leavingServers'], more['leavingServices']),
    lastSeq: more['isComplete'] === true || lastSeq === 0 ? lastSeq : lastSeq + LOST_NUMBERS,
  };
}

export interface MemoryOptions {
  readonly places: MemoryPlaces;
  readonly clock: Clock;
  readonly store: HealthStore;
  readonly overrides: Overrides;
  readonly leaving: Leaving;
  readonly lastSeq: () => number;
  readonly onFailure: (reason: string) => void;
  readonly onSuccess: (reason: string) => void;
}

/** Keeps what the agent knows in files, for an agent after this one. */
export class Memory {
  readonly #health: MemoryFile;
  readonly #drains: MemoryFile;
  readonly #maintenance: MemoryFile;
  readonly #clock: Clock;
  #isComplete = false;
  #callOff: (() => void) | undefined;

  constructor(options: MemoryOptions) {
    const { places, clock, store, overrides, leaving, lastSeq, onFailure, onSuccess } = options;
    const file = (path: string, text: () => string) =>
      new MemoryFile({ clock, path, text, onFailure, onSuccess });
    this.#clock = clock;
    this.#health = file(healthIn(places.run), () => {
      return formatHealth({ at: momentOf(clock), services: store.services, checks: store.checks });
    });
    this.#drains = file(drainsIn(places.run), () => {
      const { servers: leavingServers, services: leavingServices } = leaving;
      const { drains } = overrides;
      const facts = { isComplete: this.#isComplete, lastSeq: lastSeq(), drains };
      return `${JSON.stringify({ ...facts, leavingServers, leavingServices })}\n`;
    });
    this.#maintenance = file(places.maintenance, () => formatMaintenance(overrides.maintenance));
    this.#refresh();
  }

  healthChanged(): void {
    this.#health.changed();
    this.#drains.changed();
  }

  drainsChanged(): void {
    this.#drains.changed();
  }

  /** Waits until it is on the disk. */
  async maintenanceChanged(): Promise<void> {
    this.#maintenance.changed();
    await this.#maintenance.flush();
  }

  /** The agent ends. */
  async close(): Promise<void> {
    this.#callOff?.();
    this.#isComplete = true;
    this.healthChanged();
    await Promise.all(this.#files.map((file) => file.close()));
  }

  /** Writes again what somebody has removed. */
  async restore(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.restore()));
  }

  get #files(): readonly MemoryFile[] {
    return [this.#health, this.#drains, this.#maintenance];
  }

  #refresh(): void {
    this.#callOff = this.#clock.at(this.#clock.monotonicMs() + REFRESH_MS, () => {
      this.#health.changed();
      this.#refresh();
    });
  }
}

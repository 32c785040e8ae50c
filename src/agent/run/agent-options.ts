import type { IpvsClient } from '../../ipvs/client/client.js';
import type { PlanStep } from '../../state/plan/plan.js';
import type { EventJson } from '../control/shapes.js';
import type { PathSystem } from '../path/path-system.js';
import type { QuorumSystem } from '../quorum/quorum-system.js';
import type { Clock } from './clock.js';
import type { ConfigSource } from './config-source.js';
import type { MemoryPlaces } from './memory.js';
import type { TableGuard } from './own-records.js';
import type { PrepareProbe } from './probe-set.js';

export interface AgentOptions {
  readonly clock: Clock;
  readonly source: ConfigSource;
  readonly prepare: PrepareProbe;
  readonly open: () => Promise<IpvsClient>;
  readonly guard: TableGuard;
  readonly pathSystem: PathSystem;
  readonly quorumSystem: QuorumSystem;
  readonly places: MemoryPlaces;
  readonly version: string;
  /** The release of the kernel. */
  readonly kernel: string;
  /** Whether it answers at an address: what only the page and Prometheus ask for is counted then. */
  readonly isListening: boolean;
  readonly pid: number;
  /** Whether nothing is written, neither the table nor what is remembered. */
  readonly isDry: boolean;
  /** Whether the table is written only by {@link Agent.settled}. */
  readonly isOnce: boolean;
  /** Gets each event, from the first on. */
  readonly onEvent: (event: EventJson) => void;
}

/** What `--once` has come to. */
export interface Settled {
  readonly isAllUp: boolean;
  /** What was written, or would have been. */
  readonly steps: readonly PlanStep[];
}

/** What becomes of the services of the agent when it ends. */
export type OnExit = 'leave' | 'drain' | 'remove';

import type { ServiceSelector } from '../../state/selection.js';
import type {
  DrainRequest,
  EventJson,
  MaintenanceRequest,
  ReloadJson,
  ServiceStatusJson,
  StatusJson,
} from './shapes.js';
import type { TrafficJson } from './traffic-shapes.js';

/** Events since the agent started and before, as far as they are kept: a bounded ring. */
export interface EventSource {
  /** The last one's; 0: there is none. */
  readonly lastSeq: number;
  /** Those that are kept with a higher number, the oldest first. */
  since(seq: number): readonly EventJson[];
  /** Calls back for each new one. @returns what ends that. */
  subscribe(onEvent: (event: EventJson) => void): () => void;
}

/** What the agent measures. */
export interface AgentReports {
  /**
   * @param services with their histories and servers; undefined: all of the table, without.
   * @throws IpvsError when the table cannot be read.
   */
  traffic(services?: readonly string[]): Promise<TrafficJson>;
  /** Of the table and of health, in Prometheus' text format, in pieces. */
  metrics(): Promise<Iterable<string>>;
  /** Why the table is not what it should be at present, a sentence; undefined: it is kept so. */
  failure(): string | undefined;
}

/** What the socket can ask of the running agent. */
export interface AgentControl {
  readonly events: EventSource;
  readonly reports: AgentReports;
  status(): StatusJson;
  /** What it knows of one service. */
  service(selector: ServiceSelector): ServiceStatusJson | undefined;
  /** Begins a drain, which goes on after the answer. @throws ControlError */
  drain(request: DrainRequest): Promise<void>;
  /** Takes a drain back. @throws ControlError */
  undrain(request: Pick<DrainRequest, 'servers' | 'services'>): Promise<void>;
  /** @throws ControlError */
  startMaintenance(request: MaintenanceRequest): Promise<void>;
  /** @throws ControlError */
  endMaintenance(request: Omit<MaintenanceRequest, 'reason'>): Promise<void>;
  reload(): Promise<ReloadJson>;
}

/** The agent refuses: no such server, for instance. Nothing was changed. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  /** `unknown`: what was named is not there, and the socket answers 404; else 409. */
  readonly kind: 'unknown' | 'refused';

  constructor(message: string, kind: ControlError['kind'] = 'refused') {
    super(message);
    this.kind = kind;
  }
}

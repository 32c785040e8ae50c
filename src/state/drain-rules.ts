import type { DestinationId, DestinationState } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { ServiceId, ServiceSettings } from '../ipvs/model/service.js';

/** A real server of one virtual service. */
export interface DrainTarget {
  readonly service: ServiceId;
  readonly destination: DestinationId;
}

/** How far draining a real server of one virtual service is. */
export interface DrainedServer extends DrainTarget {
  /** Whether nothing is left of its clients. A server that is gone is drained. */
  readonly drained: boolean;
  /** Whether the service does not have it any more, or does not exist any more. */
  readonly gone: boolean;
  /** 0, unless somebody has given it a weight again: then it is not waited for any longer. */
  readonly weight: number;
  /** Connections that are established. */
  readonly active: number;
  /** Connections that are not, as those that have been closed and are kept for a while. */
  readonly inactive: number;
  /** Persistent clients that would come back to it; 0 where the service is not persistent. */
  readonly templates: number;
}

type Counts = Pick<
  DestinationState,
  'activeConnections' | 'inactiveConnections' | 'persistentConnections'
>;

/** What a server still has of its clients. */
export function clientsOf(
  found: Partial<Counts> | undefined,
  isPersistent: boolean,
): Pick<DrainedServer, 'active' | 'inactive' | 'templates'> {
  return {
    active: found?.activeConnections ?? 0,
    inactive: found?.inactiveConnections ?? 0,
    // Templates from when a service was persistent lead nobody to the server.
    templates: isPersistent ? (found?.persistentConnections ?? 0) : 0,
  };
}

/** How far it is. @param found the server as the kernel has it; undefined when it is gone. */
export function drainedServer(
  { service, destination }: DrainTarget,
  found: DestinationState | undefined,
  isPersistent: boolean,
): DrainedServer {
  const clients = clientsOf(found, isPersistent);
  const { active, inactive, templates } = clients;
  const weight = found?.settings.weight ?? 0;
  return {
    service,
    destination,
    drained: weight === 0 && active + inactive + templates === 0,
    gone: found === undefined,
    weight,
    ...clients,
  };
}

/** Whether there is something to wait for. */
export function isDraining({ drained, weight }: DrainedServer): boolean {
  return !drained && weight === 0;
}

const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 1000;

/** How long to wait for the next look: little at first, and never beyond the end. */
export function pauseBefore(elapsedMs: number, timeoutMs: number): number {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, elapsedMs / 10));
  return Math.max(0, Math.min(pauseMs, timeoutMs - elapsedMs));
}

/**
 * Why waiting may be in vain. `templatesStay`: new connections of persistent clients still go to the server, and renew their
 * templates. `templatesOutlive`: templates are kept for longer than is waited. `udp`: an entry has no end, and lives as
 * long as its client sends something.
 */
export type DrainObstacle = 'templatesStay' | 'templatesOutlive' | 'udp';

/** What decides whether waiting is in vain, beside what the server has. */
export interface DrainConditions {
  readonly settings: Pick<ServiceSettings, 'persistence'>;
  /** How long is waited. */
  readonly timeoutSeconds: number;
  /** net.ipv4.vs.expire_quiescent_template; undefined: not known. */
  readonly expireQuiescentTemplate: number | undefined;
}

/** What may keep a server from being drained in time. */
export function drainObstacles(
  server: DrainedServer,
  { settings: { persistence }, timeoutSeconds, expireQuiescentTemplate }: DrainConditions,
): readonly DrainObstacle[] {
  if (!isDraining(server)) return [];
  const { service, active, inactive, templates } = server;
  const obstacles: DrainObstacle[] = [];
  if (persistence !== undefined && expireQuiescentTemplate === 0) obstacles.push('templatesStay');
  else if (templates > 0 && (persistence?.timeoutSeconds ?? 0) > timeoutSeconds) {
    obstacles.push('templatesOutlive');
  }
  if (!isMark(service) && service.protocol === 'udp' && active + inactive > 0) {
    obstacles.push('udp');
  }
  return obstacles;
}

import type { DestinationId, DestinationState } from '../ipvs/model/destination.js';
import { formatDestinationId } from '../ipvs/model/destination.js';
import { isFull } from '../ipvs/model/overload.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { ServiceId, ServiceSettings } from '../ipvs/model/service.js';
import type { DestinationSettings, Tunnel } from '../ipvs/model/destination.js';
import type { Rates, Statistics } from '../ipvs/model/statistics.js';
import { savedFlags } from '../rules/grammar/scheduler-flags.js';

/** A virtual service in JSON: what `ipvs list --json` prints and a state file holds. */
export interface ServiceJson extends ServiceSettingsJson {
  /** As {@link formatServiceId} writes it. */
  readonly service: string;
  /** The name that a state file gave it. */
  readonly name?: string;
  /** Observed, as are rates. */
  readonly statistics?: CountersJson;
  readonly rates?: Rates;
  readonly servers?: readonly ServerJson[];
}

/** The settings of a virtual service in JSON; what has its default is left out, except the scheduler. */
export interface ServiceSettingsJson {
  readonly scheduler: string;
  readonly schedulerFlags?: readonly string[];
  readonly persistence?: PersistenceJson;
  readonly onePacket?: true;
}

export interface PersistenceJson {
  /** Absent where there is an engine, but no persistence. */
  readonly timeoutSeconds?: number;
  /** Of IPv4. */
  readonly netmask?: string;
  /** Of IPv6. */
  readonly prefixLength?: number;
  readonly engine?: string;
}

/** A real server in JSON. */
export interface ServerJson extends ServerSettingsJson {
  /** As {@link formatDestinationId} writes it. */
  readonly server: string;
  /** Observed, as is all that follows. */
  readonly connections?: ConnectionCountsJson;
  /** Whether it has as many connections as its upper threshold allows. */
  readonly overloaded?: true;
  readonly statistics?: CountersJson;
  readonly rates?: Rates;
}

/** The settings of a real server in JSON; thresholds and tunnel only where they are not the default. */
export interface ServerSettingsJson {
  readonly method: DestinationSettings['forwardingMethod'];
  readonly weight: number;
  readonly upperThreshold?: number;
  readonly lowerThreshold?: number;
  readonly tunnel?: Tunnel;
}

export interface ConnectionCountsJson {
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
}

/** Counters since the last zeroing. In JSON all are numbers of full length; here, those above 2⁵³ are bigints. */
export type CountersJson = {
  readonly [Key in keyof Omit<Statistics, 'rates' | 'toJSON'>]: number | bigint;
};

/** A virtual service as it is set, without its real servers. */
export function serviceSettingsJson({
  scheduler,
  schedulerFlags,
  persistence,
  persistenceEngine,
  onePacket,
}: ServiceSettings): ServiceSettingsJson {
  return {
    scheduler,
    ...(schedulerFlags.length > 0 && { schedulerFlags: savedFlags(scheduler, schedulerFlags) }),
    ...((persistence !== undefined || persistenceEngine !== undefined) && {
      persistence: persistenceJson(persistence, persistenceEngine),
    }),
    ...(onePacket && { onePacket }),
  };
}

function persistenceJson(
  persistence: ServiceSettings['persistence'],
  engine: string | undefined,
): PersistenceJson {
  const { timeoutSeconds, netmask, prefixLength } = persistence ?? {};
  return {
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(netmask !== undefined && { netmask: netmask.toString() }),
    ...(prefixLength !== undefined && { prefixLength }),
    ...(engine !== undefined && { engine }),
  };
}

/** A real server as it is set. */
export function serverSettingsJson({
  forwardingMethod,
  weight,
  upperThreshold,
  lowerThreshold,
  tunnel,
}: DestinationSettings): ServerSettingsJson {
  return {
    method: forwardingMethod,
    weight,
    ...(upperThreshold > 0 && { upperThreshold }),
    ...(lowerThreshold > 0 && { lowerThreshold }),
    ...(tunnel !== undefined && !isDefaultTunnel(tunnel) && { tunnel }),
  };
}

function isDefaultTunnel({ type, port, checksum }: Tunnel): boolean {
  return type === 'ipip' && port === 0 && checksum === 'none';
}

/** What a service is called and how it is set, with what is known of it besides. */
export interface ObservedService {
  readonly id: ServiceId;
  readonly settings: ServiceSettings;
  readonly statistics?: Statistics | undefined;
}

export interface ObservedServer extends Partial<DestinationState> {
  readonly id: DestinationId;
  readonly settings: DestinationSettings;
  readonly statistics?: Statistics | undefined;
}

/** A virtual service with its real servers, and whatever of its counters was read. */
export function serviceJson(
  service: ObservedService,
  servers: readonly ObservedServer[],
  name?: string,
): ServiceJson {
  return {
    service: formatServiceId(service.id),
    ...(name !== undefined && { name }),
    ...serviceSettingsJson(service.settings),
    ...statisticsJson(service.statistics),
    servers: servers.map(serverJson),
  };
}

export function serverJson(server: ObservedServer): ServerJson {
  return {
    server: formatDestinationId(server.id),
    ...serverSettingsJson(server.settings),
    ...observationsJson(server),
    ...statisticsJson(server.statistics),
  };
}

export const connectionCountsJson = ({
  activeConnections,
  inactiveConnections,
  persistentConnections,
}: Pick<
  DestinationState,
  'activeConnections' | 'inactiveConnections' | 'persistentConnections'
>): ConnectionCountsJson => ({
  active: activeConnections,
  inactive: inactiveConnections,
  persistent: persistentConnections,
});

function observationsJson(server: ObservedServer): Partial<ServerJson> {
  if (!isObserved(server)) return {};
  return {
    connections: connectionCountsJson(server),
    ...(isFull(server) && { overloaded: true }),
  };
}

const isObserved = (server: ObservedServer): server is DestinationState =>
  server.activeConnections !== undefined;

/** Counters and rates under their keys, in the order that they have in JSON. */
export function statisticsJson(
  statistics: Statistics | undefined,
): Pick<ServiceJson, 'statistics' | 'rates'> {
  if (statistics === undefined) return {};
  return { statistics: countersJson(statistics), rates: statistics.rates };
}

/** Counters under their keys, in the order that they have in JSON. */
export function countersJson({
  connections,
  incomingPackets,
  outgoingPackets,
  incomingBytes,
  outgoingBytes,
}: Omit<Statistics, 'rates' | 'toJSON'>): CountersJson {
  return {
    connections: exactNumber(connections),
    incomingPackets: exactNumber(incomingPackets),
    outgoingPackets: exactNumber(outgoingPackets),
    incomingBytes: exactNumber(incomingBytes),
    outgoingBytes: exactNumber(outgoingBytes),
  };
}

/** JSON.stringify is many times faster than what knows bigints. */
function exactNumber(counter: bigint): number | bigint {
  return counter <= Number.MAX_SAFE_INTEGER ? Number(counter) : counter;
}

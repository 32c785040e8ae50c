/** What a {@link TableKernel} has at the start. */
import { encodeDestination, toDestinationId } from '../ipvs/model/destination.js';
import { encodeService, toServiceId } from '../ipvs/model/service.js';
import type { Rates, Statistics } from '../ipvs/model/statistics.js';
import type {
  DestinationAttributes,
  ServiceAttributes,
  StatsAttributes,
} from '../ipvs/wire/schema.js';
import type { WantedDestinationInput, WantedServiceInput } from '../state/wanted-table.js';
import { overTheWire } from './over-the-wire.js';
import { asKept } from './releases.js';
import { stored } from './table-rules.js';
import type { Entry } from './table-rules.js';

/** Counters and rates at the start; those that are left out are 0. */
export interface PresetStatistics extends Partial<Omit<Statistics, 'rates' | 'toJSON'>> {
  readonly rates?: Partial<Rates> | undefined;
}

/** A real server that a {@link TableKernel} has at the start. */
export interface PresetDestination extends WantedDestinationInput {
  readonly activeConnections?: number | undefined;
  readonly inactiveConnections?: number | undefined;
  readonly persistentConnections?: number | undefined;
  readonly statistics?: PresetStatistics | undefined;
}

/** A virtual service that a {@link TableKernel} has at the start. */
export interface PresetService extends WantedServiceInput {
  readonly statistics?: PresetStatistics | undefined;
  readonly destinations?: readonly PresetDestination[] | undefined;
}

export function presetEntry({ service, settings, statistics, destinations }: PresetService): Entry {
  const { SERVICE = {} } = overTheWire({
    SERVICE: encodeService(toServiceId(service), settings ?? {}),
  });
  const attributes = stored(SERVICE);
  return {
    attributes: { ...attributes, STATS64: toAttributes(statistics) },
    destinations: (destinations ?? []).map((preset) => ({
      ...presetDestination(preset, attributes),
      ACTIVE_CONNS: preset.activeConnections ?? 0,
      INACT_CONNS: preset.inactiveConnections ?? 0,
      PERSIST_CONNS: preset.persistentConnections ?? 0,
      STATS64: toAttributes(preset.statistics),
    })),
  };
}

function presetDestination(
  { destination, settings }: PresetDestination,
  service: ServiceAttributes,
): DestinationAttributes {
  const encoded = encodeDestination(toDestinationId(destination), settings ?? {});
  return asKept(overTheWire({ DEST: encoded }).DEST ?? {}, service);
}

function toAttributes(statistics: PresetStatistics | undefined): StatsAttributes | undefined {
  if (statistics === undefined) return undefined;
  const { rates = {} } = statistics;
  const rate = (value: number | undefined) => (value === undefined ? undefined : BigInt(value));
  return {
    CONNS: statistics.connections,
    INPKTS: statistics.incomingPackets,
    OUTPKTS: statistics.outgoingPackets,
    INBYTES: statistics.incomingBytes,
    OUTBYTES: statistics.outgoingBytes,
    CPS: rate(rates.connectionsPerSecond),
    INPPS: rate(rates.incomingPacketsPerSecond),
    OUTPPS: rate(rates.outgoingPacketsPerSecond),
    INBPS: rate(rates.incomingBytesPerSecond),
    OUTBPS: rate(rates.outgoingBytesPerSecond),
  };
}

import type { Rates, Statistics } from '../ipvs/model/statistics.js';

/** Counters of a service or a real server at a moment, without the rates that the kernel estimates. */
export type Counters = Omit<Statistics, 'rates' | 'toJSON'>;

const NAMES = [
  'connections',
  'incomingPackets',
  'outgoingPackets',
  'incomingBytes',
  'outgoingBytes',
] as const satisfies readonly (keyof Counters)[];

function countersOf(value: (name: keyof Counters) => bigint): Counters {
  const [connections, incomingPackets, outgoingPackets, incomingBytes, outgoingBytes] =
    NAMES.map(value);
  return {
    connections: connections ?? 0n,
    incomingPackets: incomingPackets ?? 0n,
    outgoingPackets: outgoingPackets ?? 0n,
    incomingBytes: incomingBytes ?? 0n,
    outgoingBytes: outgoingBytes ?? 0n,
  };
}

export const noCounters: Counters = countersOf(() => 0n);

/**
 * What was counted between two readings. A counter that is less than before has been zeroed, or belongs to a new service of
 * the same address: it has counted from 0.
 */
export function counted(before: Counters, now: Counters): Counters {
  return countersOf((name) => (now[name] >= before[name] ? now[name] - before[name] : now[name]));
}

export function sumOfCounters(all: readonly Counters[]): Counters {
  return countersOf((name) => all.reduce((sum, one) => sum + one[name], 0n));
}

/** How much per second, in hundredths. */
export function ratesOver(growth: Counters, seconds: number): Rates {
  const rate = (name: keyof Counters) =>
    seconds > 0 ? Math.round((100 * Number(growth[name])) / seconds) / 100 : 0;
  return {
    connectionsPerSecond: rate('connections'),
    incomingPacketsPerSecond: rate('incomingPackets'),
    outgoingPacketsPerSecond: rate('outgoingPackets'),
    incomingBytesPerSecond: rate('incomingBytes'),
    outgoingBytesPerSecond: rate('outgoingBytes'),
  };
}

/** The sum of rates. */
export function sumOfRates(all: readonly Rates[]): Rates {
  const sum = (name: keyof Rates) => all.reduce((total, rates) => total + rates[name], 0);
  return {
    connectionsPerSecond: sum('connectionsPerSecond'),
    incomingPacketsPerSecond: sum('incomingPacketsPerSecond'),
    outgoingPacketsPerSecond: sum('outgoingPacketsPerSecond'),
    incomingBytesPerSecond: sum('incomingBytesPerSecond'),
    outgoingBytesPerSecond: sum('outgoingBytesPerSecond'),
  };
}

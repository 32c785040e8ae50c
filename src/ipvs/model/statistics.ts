import type { StatsAttributes } from '../wire/schema.js';

/** Counters since the last zeroing, and current rates. Counters are 64 bits wide where the kernel's are (since 4.1). */
export interface Statistics {
  /** Connections scheduled. */
  readonly connections: bigint;
  readonly incomingPackets: bigint;
  readonly outgoingPackets: bigint;
  readonly incomingBytes: bigint;
  readonly outgoingBytes: bigint;
  readonly rates: Rates;
  /** What `JSON.stringify` writes, which knows no bigint. */
  toJSON(): StatisticsJson;
}

/** Rates, which the kernel's estimator renews every two seconds. */
export interface Rates {
  readonly connectionsPerSecond: number;
  readonly incomingPacketsPerSecond: number;
  readonly outgoingPacketsPerSecond: number;
  readonly incomingBytesPerSecond: number;
  readonly outgoingBytesPerSecond: number;
}

/** A counter in JSON: a number up to 2⁵³−1, and above that its decimal digits as a string. Either way it is exact. */
export type CounterJson = number | string;

/** {@link Statistics} as they stand in JSON. `BigInt(counter)` reads either form of a counter back. */
export interface StatisticsJson {
  readonly connections: CounterJson;
  readonly incomingPackets: CounterJson;
  readonly outgoingPackets: CounterJson;
  readonly incomingBytes: CounterJson;
  readonly outgoingBytes: CounterJson;
  readonly rates: Rates;
}

class KernelStatistics implements Statistics {
  readonly connections: bigint;
  readonly incomingPackets: bigint;
  readonly outgoingPackets: bigint;
  readonly incomingBytes: bigint;
  readonly outgoingBytes: bigint;
  readonly rates: Rates;

  constructor(attributes: StatsAttributes) {
    this.connections = attributes.CONNS ?? 0n;
    this.incomingPackets = attributes.INPKTS ?? 0n;
    this.outgoingPackets = attributes.OUTPKTS ?? 0n;
    this.incomingBytes = attributes.INBYTES ?? 0n;
    this.outgoingBytes = attributes.OUTBYTES ?? 0n;
    this.rates = {
      connectionsPerSecond: Number(attributes.CPS ?? 0n),
      incomingPacketsPerSecond: Number(attributes.INPPS ?? 0n),
      outgoingPacketsPerSecond: Number(attributes.OUTPPS ?? 0n),
      incomingBytesPerSecond: Number(attributes.INBPS ?? 0n),
      outgoingBytesPerSecond: Number(attributes.OUTBPS ?? 0n),
    };
  }

  toJSON(): StatisticsJson {
    return {
      connections: toJson(this.connections),
      incomingPackets: toJson(this.incomingPackets),
      outgoingPackets: toJson(this.outgoingPackets),
      incomingBytes: toJson(this.incomingBytes),
      outgoingBytes: toJson(this.outgoingBytes),
      rates: this.rates,
    };
  }
}

function toJson(counter: bigint): CounterJson {
  return counter <= Number.MAX_SAFE_INTEGER ? Number(counter) : counter.toString();
}

export function toStatistics(attributes: StatsAttributes): Statistics {
  return new KernelStatistics(attributes);
}

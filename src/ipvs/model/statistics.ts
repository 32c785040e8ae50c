import type { StatsAttributes } from '../wire/schema.js';

/** Counters since the last zeroing, and current rates. They are 64 bits wide where the kernel's are (since 4.1). */
export interface Statistics {
  /** Connections scheduled. */
  readonly connections: bigint;
  readonly incomingPackets: bigint;
  readonly outgoingPackets: bigint;
  readonly incomingBytes: bigint;
  readonly outgoingBytes: bigint;
  /** Rates per second, which the kernel's estimator renews every two seconds. */
  readonly rates: {
    readonly connections: bigint;
    readonly incomingPackets: bigint;
    readonly outgoingPackets: bigint;
    readonly incomingBytes: bigint;
    readonly outgoingBytes: bigint;
  };
}

export function toStatistics(attributes: StatsAttributes): Statistics {
  return {
    connections: attributes.CONNS ?? 0n,
    incomingPackets: attributes.INPKTS ?? 0n,
    outgoingPackets: attributes.OUTPKTS ?? 0n,
    incomingBytes: attributes.INBYTES ?? 0n,
    outgoingBytes: attributes.OUTBYTES ?? 0n,
    rates: {
      connections: attributes.CPS ?? 0n,
      incomingPackets: attributes.INPPS ?? 0n,
      outgoingPackets: attributes.OUTPPS ?? 0n,
      incomingBytes: attributes.INBPS ?? 0n,
      outgoingBytes: attributes.OUTBPS ?? 0n,
    },
  };
}

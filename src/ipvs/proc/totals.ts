import type { Statistics } from '../model/statistics.js';

/** Counters of the whole director. */
export const TOTALS_FILE = '/proc/net/ip_vs_stats';

/** What all virtual services have counted together since the last zeroing, also those that are gone. */
export type Totals = Omit<Statistics, 'rates' | 'toJSON'>;

const HEADING_LINES = 2;

/**
 * Reads the text of /proc/net/ip_vs_stats; undefined when it is something else.
 * Source: net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_stats_show.
 */
export function parseTotals(text: string): Totals | undefined {
  const line = text.split('\n')[HEADING_LINES] ?? '';
  const words = line.trim().split(/\s+/);
  if (words.length !== 5 || !words.every((word) => /^[\dA-F]{1,16}$/i.test(word))) return undefined;
  const [connections = 0n, incomingPackets = 0n, outgoingPackets = 0n, ...bytes] = words.map(
    (word) => BigInt(`0x${word}`),
  );
  const [incomingBytes = 0n, outgoingBytes = 0n] = bytes;
  return { connections, incomingPackets, outgoingPackets, incomingBytes, outgoingBytes };
}

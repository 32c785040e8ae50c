import type { DestinationState } from './destination.js';

/**
 * Whether a real server certainly gets no connections because of its upper threshold. The kernel marks it as overloaded when
 * it reaches that, until it is below the lower one, and does not show the mark: in between, it may be overloaded or not.
 * Source: net/netfilter/ipvs/ip_vs_conn.c, ip_vs_dest_totalconns.
 */
export function isFull({
  settings: { upperThreshold },
  activeConnections,
  inactiveConnections,
}: DestinationState): boolean {
  return upperThreshold > 0 && activeConnections + inactiveConnections >= upperThreshold;
}

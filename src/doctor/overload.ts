import type { DestinationState } from '../ipvs/model/destination.js';

/**
 * Whether a real server is known to get no connections because of its upper threshold. It is set aside when it reaches it and
 * stays so until it is below the lower one, which the kernel does not tell: one in between may be either.
 * Source: net/netfilter/ipvs/ip_vs_conn.c, ip_vs_dest_totalconns.
 */
export function isFull({
  settings: { upperThreshold },
  activeConnections,
  inactiveConnections,
}: DestinationState): boolean {
  return upperThreshold > 0 && activeConnections + inactiveConnections >= upperThreshold;
}

import type { ServiceConfig } from '../config/config.js';

/** How many servers must be up: never more than there are, and one at least, for without servers nothing is served. */
export function quorumOf({ quorum, servers }: ServiceConfig): number {
  const asked = quorum.kind === 'servers' ? quorum.count : shareOf(quorum.percent, servers.length);
  return Math.max(1, Math.min(asked, servers.length));
}

/** Whether too few servers are up. Once they were, hysteresis asks for more than the quorum, but not for more than there are. */
export function isQuorumLost(config: ServiceConfig, up: number, wasLost: boolean): boolean {
  const quorum = quorumOf(config);
  if (!wasLost) return up < quorum;
  return up < Math.max(quorum, Math.min(quorum + config.hysteresis, config.servers.length));
}

/** A share of a number of servers, rounded up. */
export function shareOf(percent: number, count: number): number {
  return Math.ceil((percent * count) / 100);
}

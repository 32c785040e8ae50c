import type { JsonRecord } from '../../../common/json.js';
import type { ImportReport } from '../report.js';
import type { Around } from './around.js';
import { checksOf, tellWarmup } from './checkers.js';
import type { RealServer, VirtualServer } from './servers.js';

/** A real server that was read, and the report for what is said of it. */
export interface ReadServer {
  readonly server: RealServer;
  readonly report: ImportReport;
}

/** Keys for the agent. */
export interface Health {
  readonly service: JsonRecord;
  /** In the order of the servers. */
  readonly servers: readonly JsonRecord[];
}

/** How the health of a virtual server's real servers is to be watched, and what follows from it. */
export function healthOf(
  virtual: VirtualServer,
  servers: readonly ReadServer[],
  around: Around,
  report: ImportReport,
): Health {
  if (virtual.timing.warmup !== undefined) tellWarmup(virtual.timing.warmup, report);
  const checks = servers.map(({ server, report: own }) => {
    if (server.timing.warmup !== undefined) tellWarmup(server.timing.warmup, own);
    return checksOf(virtual, server, around, own);
  });
  const texts = new Set(checks.map((list) => JSON.stringify(list)));
  const [shared = []] = texts.size === 1 ? checks : [];
  const checked = servers.filter((_, index) => checks[index]?.length !== 0);
  const hasChecks = checked.length > 0;
  const service = {
    ...checkKey(shared),
    ...(hasChecks && onFailure(virtual, checked)),
    ...(hasChecks && initial(virtual, checked)),
    ...quorumOf(virtual, servers, report),
    ...(hasChecks && failOpen(virtual, around)),
  };
  return { service, servers: texts.size === 1 ? [] : checks.map(checkKey) };
}

/** All of them must pass. */
function checkKey(checks: readonly JsonRecord[]): JsonRecord {
  const [only, ...more] = checks;
  if (only === undefined) return {};
  return { check: more.length === 0 ? only : checks };
}

function onFailure(virtual: VirtualServer, servers: readonly ReadServer[]): JsonRecord {
  const quiet = servers.filter(({ server }) => server.inhibit ?? virtual.inhibit);
  if (quiet.length === servers.length) return { onFailure: 'quiet' };
  for (const { server, report } of quiet) {
    report.lost(
      server.statement,
      'inhibit_on_failure: it is for all servers of a service or for none; this one is removed',
    );
  }
  return { onFailure: 'remove' };
}

/** Without alpha, servers are in before their first check. */
function initial(virtual: VirtualServer, servers: readonly ReadServer[]): JsonRecord {
  const careful = servers.filter(({ server }) => server.timing.alpha ?? virtual.timing.alpha);
  if (careful.length === servers.length) return {};
  for (const { server, report } of careful) {
    report.lost(
      server.statement,
      'alpha: it is for all servers of a service or for none; this one is in before its first check',
    );
  }
  return { initial: 'up' };
}

function failOpen({ statement, sorry }: VirtualServer, { once }: Around): JsonRecord {
  if (sorry !== undefined) return {};
  once(
    statement,
    'keepalived leaves a service without servers when all fail, hence "failOpen: never"; without that line, all would be in then',
  );
  return { failOpen: 'never' };
}

/** keepalived counts weights, the agent servers: with equal weights that is the same. */
function quorumOf(
  virtual: VirtualServer,
  servers: readonly ReadServer[],
  report: ImportReport,
): JsonRecord {
  const { statement } = virtual;
  const weights = servers.map(({ server }) => server.weight ?? virtual.weight);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const quorum = Math.min(virtual.quorum, Math.max(sum, 1));
  const hysteresis = Math.min(virtual.hysteresis, quorum - 1);
  if (quorum < virtual.quorum || hysteresis < virtual.hysteresis) {
    report.info(
      statement,
      `quorum, hysteresis: keepalived lowers them to ${quorum} and ${hysteresis}, as all weights together are ${sum}`,
    );
  }
  if (quorum === 1) return {};
  const [weight = 1] = weights;
  if (weights.every((one) => one === weight)) {
    const least = Math.max(Math.ceil((quorum - hysteresis) / weight), 1);
    const enough = Math.ceil((quorum + hysteresis) / weight);
    return {
      ...(least > 1 && { quorum: least }),
      ...(enough > least && { hysteresis: enough - least }),
    };
  }
  const share = `${Math.max(Math.round((100 * quorum) / sum), 1)}%`;
  report.lost(
    statement,
    `quorum ${virtual.quorum}, hysteresis ${virtual.hysteresis}: the agent counts servers, not weights; ${share} of the servers was taken`,
  );
  return { quorum: share };
}

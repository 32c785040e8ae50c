import type { Connection } from '../../ipvs/proc/read-connections.js';
import { formatEndpoint } from '../../ipvs/model/service.js';
import { EXPIRE_NODEST_CONN } from '../../host/ipvs-sysctls.js';
import { sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check, Occurrence } from '../check.js';
import { counted } from '../../common/plural.js';
import type { CheckContext } from '../check-context.js';
import { isBypass, OrphanDetector } from '../../state/orphans.js';

/** Connections to real servers that are no longer in the table. */

async function staleOf(
  context: CheckContext,
  concerns: (connection: Connection) => boolean,
): Promise<readonly Occurrence[]> {
  if ((await context.machine.sysctlNumber(EXPIRE_NODEST_CONN)) !== 0) return [];
  // Connections synchronised from another director may have real servers that this table never had.
  if ((await context.ipvs.syncDaemons()).some(({ state }) => state === 'backup')) return [];
  const table = new OrphanDetector(await context.ipvs.table());
  const counts = new Map<string, number>();
  for (const connection of await context.ipvs.connections()) {
    const { source, protocol, virtual, destination } = connection;
    // Templates have client port 0.
    if (source.port === 0 || isBypass(connection) || !concerns(connection)) continue;
    if (!table.isGone(connection)) continue;
    const server = formatEndpoint(destination.address, destination.port);
    const key = `${protocol}:${formatEndpoint(virtual.address, virtual.port)} to ${server}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts, ([key, count]) => ({
    evidence: `${key}, which is not in the table: ${counted(count, 'connection')}, ${formatSysctl(EXPIRE_NODEST_CONN, 0)}`,
    fix: [sysctlCommand(EXPIRE_NODEST_CONN, 1)],
  }));
}

export const staleConnections: Check = {
  id: 'stale-connections',
  severity: 'warning',
  title: 'There are connections to real servers that have been removed from the table',
  why:
    'Their packets are dropped silently, so clients hang until they time out. With expire_nodest_conn, a connection ' +
    'is reset at its next packet, and the client can connect to another real server.',
  role: 'director',
  run: (context) =>
    staleOf(context, ({ protocol, state }) => protocol !== 'udp' && state === 'ESTABLISHED'),
};

export const staleUdp: Check = {
  id: 'stale-udp',
  severity: 'warning',
  title: 'There are UDP flows to real servers that have been removed from the table',
  why:
    'A client that keeps its source port stays with the removed real server, and gets no replies, until the entry ' +
    'expires, after 5 minutes unless ipvsadm --set says otherwise. With expire_nodest_conn, its next datagram goes to ' +
    'another real server.',
  role: 'director',
  run: (context) => staleOf(context, ({ protocol }) => protocol === 'udp'),
};

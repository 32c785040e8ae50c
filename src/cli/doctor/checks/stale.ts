import type { Connection } from '../../../ipvs/connections.js';
import { formatEndpoint } from '../../../ipvs/service.js';
import { settingCommand, settingText } from '../../../machine/settings.js';
import type { Check, Sighting } from '../check.js';
import { counted } from '../count-words.js';
import type { Facts } from '../facts.js';
import { Served } from '../served.js';

/** Connections to real servers that are gone. */

const SETTING = 'net/ipv4/vs/expire_nodest_conn';

async function staleOf(
  facts: Facts,
  concerns: (connection: Connection) => boolean,
): Promise<readonly Sighting[]> {
  if ((await facts.number(SETTING)) !== 0) return [];
  // What another director has told of is forwarded to real servers that this one's table never had.
  if ((await facts.syncDaemons()).some(({ state }) => state === 'backup')) return [];
  const served = new Served(await facts.table());
  const counts = new Map<string, number>();
  for (const connection of (await facts.connections()).entries) {
    const { source, protocol, virtual, destination } = connection;
    // Templates have no client's port; what goes around a missing real server goes where it was sent.
    const bypass = destination.address.equals(virtual.address);
    if (source.port === 0 || bypass || !concerns(connection) || !served.isStale(connection)) {
      continue;
    }
    const server = formatEndpoint(destination.address, destination.port);
    const key = `${protocol.toLowerCase()} ${formatEndpoint(virtual.address, virtual.port)} to ${server}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts, ([key, count]) => ({
    evidence: `${key}, which is not in the table: ${counted(count, 'connection')}, ${settingText(SETTING, 0)}`,
    mend: [settingCommand(SETTING, 1)],
  }));
}

export const staleConnections: Check = {
  id: 'stale-connections',
  severity: 'warning',
  title: 'There are connections to real servers that have been taken out of the table',
  why:
    'What their clients send is dropped without a word, so they hang until they give up. With the setting they are reset ' +
    'at their next packet, and can connect to another real server.',
  role: 'director',
  look: (facts) =>
    staleOf(facts, ({ protocol, state }) => protocol !== 'UDP' && state === 'ESTABLISHED'),
};

export const staleUdp: Check = {
  id: 'stale-udp',
  severity: 'warning',
  title: 'There are UDP flows to real servers that have been taken out of the table',
  why:
    'A client that keeps its port stays with the real server that is gone until the entry expires, after 5 minutes unless ' +
    'ipvsadm --set says otherwise: it gets no answers. With the setting its next datagram goes to another one.',
  role: 'director',
  look: (facts) => staleOf(facts, ({ protocol }) => protocol === 'UDP'),
};

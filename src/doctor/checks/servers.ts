import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { AddressService } from '../../ipvs/model/service.js';
import type { Check, Occurrence } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { mapWithLimit } from '../../common/concurrency.js';
import { isLoopback } from '../../ipvs/model/network.js';
import { activeServers } from '../roles.js';
import type { Server } from '../roles.js';
import { addServer, editServer, removeServer } from '../fixes.js';

const MOST_SERVERS = 256;
const AT_ONCE = 64;
const TIMEOUT_MS = 1000;

/** How a refused probe is reported; other errors are the director's own. */
const REASONS = new Map([
  ['ECONNREFUSED', 'refuses connections'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['ETIMEDOUT', 'does not answer within a second'],
]);

export const realServerPortClosed: Check = {
  id: 'real-server-port-closed',
  severity: 'warning',
  title: 'A real server accepts no connections',
  why:
    'Clients sent to it are refused, or time out. Start the server there; until then, weight 0 keeps new clients ' +
    'away. Only TCP real servers behind NAT are probed: others may listen on the virtual address only.',
  role: 'director',
  active: true,
  run: async (context) => {
    const servers = (await probeable(context)).slice(0, MOST_SERVERS);
    const probed = await mapWithLimit(servers, AT_ONCE, async (server) => {
      const { port } = server.destination.id;
      const reason = await context.host.probeTcp(server.address, port, TIMEOUT_MS);
      return reason === undefined ? [] : occurrenceOf(server, REASONS.get(reason));
    });
    return probed.flat();
  },
};

/** One real server for each address and port, however many services it is in. */
async function probeable(context: CheckContext): Promise<readonly Server[]> {
  const byName = new Map<string, Server>();
  for (const server of await activeServers(context)) {
    const { service, destination } = server;
    const { id, settings } = destination;
    if (settings.forwardingMethod !== 'nat' || id.port === 0) continue;
    if (isMark(service.id) || service.id.protocol !== 'tcp' || isLoopback(id.address)) continue;
    const name = formatDestinationId(id);
    if (!byName.has(name)) byName.set(name, server);
  }
  return [...byName.values()];
}

function occurrenceOf({ service, destination }: Server, reason: string | undefined): Occurrence[] {
  if (reason === undefined) return [];
  const { id } = destination;
  return [
    {
      evidence: `${formatDestinationId(id)} ${reason}, a real server of ${formatServiceId(service.id)}`,
      fix: [editServer(service.id, destination, { weight: 0 })],
    },
  ];
}

export const natToLoopback: Check = {
  id: 'nat-to-loopback',
  severity: 'error',
  title: 'A real server behind NAT has a loopback address',
  why:
    'The kernel drops packets of clients that NAT would send to a loopback address, so clients time out. To be its ' +
    'own real server, the director needs direct routing, with the server listening on the virtual address; or, for ' +
    'another port, NAT to one of its other addresses.',
  role: 'director',
  run: async (context) =>
    (await activeServers(context))
      .filter(({ destination: { settings, id } }) => {
        return settings.forwardingMethod === 'nat' && isLoopback(id.address);
      })
      .map((server) => ({
        evidence: `${formatServiceId(server.service.id)}: real server ${formatDestinationId(server.destination.id)} by NAT`,
        fix: fixLoopback(server),
      })),
};

function fixLoopback({ service, destination }: Server): string[] {
  const { id } = service;
  const { port } = destination.id;
  if (isMark(id) || id.port === port) {
    return [editServer(id, destination, { forwardingMethod: 'dr' })];
  }
  return [addServer(id, atVirtualAddress(id, destination)), removeServer(id, destination)];
}

function atVirtualAddress(
  { address }: AddressService,
  destination: Server['destination'],
): Server['destination'] {
  return { ...destination, id: { ...destination.id, address } };
}

import { formatDestinationId } from '../../../ipvs/destination.js';
import { formatServiceId, isMark } from '../../../ipvs/service.js';
import type { AddressService } from '../../../ipvs/service.js';
import { IpAddress } from '../../../ipvs/address.js';
import type { Check, Sighting } from '../check.js';
import type { Facts } from '../facts.js';
import { inTurns } from '../../../machine/in-turns.js';
import { inNet } from '../nets.js';
import { activeServers } from '../roles.js';
import type { Server } from '../roles.js';
import { addServer, editServer, removeServer } from '../rule-words.js';

const MOST_SERVERS = 256;
const AT_ONCE = 64;
const DEADLINE_MS = 1000;

/** What is said of a server by why it took no connection; other reasons are the director's own. */
const REASONS = new Map([
  ['ECONNREFUSED', 'refuses connections'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['ETIMEDOUT', 'does not answer within a second'],
]);

export const realServerPortClosed: Check = {
  id: 'real-server-port-closed',
  severity: 'warning',
  title: 'A real server takes no connections',
  why:
    'Clients that are sent to it are refused, or wait. Start what listens there; until then weight 0 keeps new clients away from it. ' +
    'Asked of real servers behind NAT by TCP alone: others may listen on the virtual address only.',
  role: 'director',
  active: true,
  look: async (facts) => {
    const servers = (await knockable(facts)).slice(0, MOST_SERVERS);
    const knocked = await inTurns(servers, AT_ONCE, async (server) => {
      const { port } = server.destination.id;
      const reason = await facts.machine.knock(server.address, port, DEADLINE_MS);
      return reason === undefined ? [] : sightingOf(server, REASONS.get(reason));
    });
    return knocked.flat();
  },
};

/** One for each address and port, however many services it has. */
async function knockable(facts: Facts): Promise<readonly Server[]> {
  const byName = new Map<string, Server>();
  for (const server of await activeServers(facts)) {
    const { service, destination } = server;
    const { id, settings } = destination;
    if (settings.forwardingMethod !== 'nat' || id.port === 0) continue;
    if (isMark(service.id) || service.id.protocol !== 'tcp' || isLoopback(id.address)) continue;
    const name = formatDestinationId(id);
    if (!byName.has(name)) byName.set(name, server);
  }
  return [...byName.values()];
}

function sightingOf({ service, destination }: Server, reason: string | undefined): Sighting[] {
  if (reason === undefined) return [];
  const { id } = destination;
  return [
    {
      evidence: `${formatDestinationId(id)} ${reason}, a real server of ${formatServiceId(service.id)}`,
      mend: [editServer(service.id, destination, { weight: 0 })],
    },
  ];
}

const LOOPBACK = IpAddress.parse('127.0.0.0');

function isLoopback(address: IpAddress): boolean {
  return inNet(address, LOOPBACK, 8) || address.toString() === '::1';
}

export const natToLoopback: Check = {
  id: 'nat-to-loopback',
  severity: 'error',
  title: 'A real server behind NAT is the loopback address',
  why:
    'The kernel rewrites no packet of a client to a loopback address: it throws it away, and clients wait. This machine is a real ' +
    'server of its own as direct routing, or, for another port, by an address that it has; its server must listen on the virtual address.',
  role: 'director',
  look: async (facts) =>
    (await activeServers(facts))
      .filter(({ destination: { settings, id } }) => {
        return settings.forwardingMethod === 'nat' && isLoopback(id.address);
      })
      .map((server) => ({
        evidence: `${formatServiceId(server.service.id)}: real server ${formatDestinationId(server.destination.id)} by NAT`,
        mend: mendLoopback(server),
      })),
};

function mendLoopback({ service, destination }: Server): string[] {
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

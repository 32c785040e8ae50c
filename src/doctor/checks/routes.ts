import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import { sendRedirects } from '../../host/requirements.js';
import { readSysctlScopes, sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check, Occurrence } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { activeServers, balancedAddresses, serverRoutes } from '../roles.js';
import { editServer } from '../fixes.js';

export const noRoute: Check = {
  id: 'no-route',
  severity: 'error',
  title: 'There is no route to a real server',
  why: 'Clients sent to it get an ICMP error that the virtual address is unreachable.',
  role: 'director',
  run: async (context) => {
    const servers = new Map(
      (await activeServers(context)).map((server) => [server.address, server] as const),
    );
    const resolvedRoutes = await serverRoutes(context);
    return [...servers.values()]
      .filter(({ address }) => resolvedRoutes.get(address) === undefined)
      .map(({ address, service: { id } }) => ({
        evidence: `ip route get ${address}: unreachable, a real server of ${formatServiceId(id)}`,
        fix: [`ip route add ${address} via GATEWAY`],
      }));
  },
};

export const directRoutingOffLink: Check = {
  id: 'direct-routing-off-link',
  severity: 'error',
  title: 'A direct routing real server is behind a router',
  why:
    'Direct routing changes only the hardware address. The router that gets the packet routes it by the virtual ' +
    'address, back to the director or elsewhere: clients sent to this real server time out. A tunnel reaches it, if ' +
    'the real server accepts tunnelled packets.',
  role: 'director',
  run: async (context) => {
    const servers = (await activeServers(context)).filter(
      ({ destination }) => destination.settings.forwardingMethod === 'dr',
    );
    const resolvedRoutes = await serverRoutes(context);
    return servers.flatMap(({ address, service, destination }) => {
      const { gateway, device = '' } = resolvedRoutes.get(address) ?? {};
      if (gateway === undefined || gateway === address) return [];
      return [
        {
          evidence: `${address} via ${gateway} dev ${device}, a real server of ${formatServiceId(service.id)}`,
          fix: [editServer(service.id, destination, IN_A_TUNNEL)],
        },
      ];
    });
  },
};

const IN_A_TUNNEL = {
  forwardingMethod: 'tun',
  tunnel: { type: 'ipip', port: 0, checksum: 'none' },
} as const;

export const redirectsSent: Check = {
  id: 'redirects-sent',
  severity: 'warning',
  title: 'The director sends ICMP redirects to its real servers',
  why:
    'Clients and NAT real servers are on one interface, so replies leave the director by the interface they arrived ' +
    'on, and the director sends the real server a redirect to the client. A real server that accepts redirects then ' +
    'replies to the client directly, from an address that the client does not know.',
  role: 'director',
  run: async (context) => {
    const occurrences: Occurrence[] = [];
    for (const [device, address] of await oneArmed(context)) {
      const scopes = await readSysctlScopes(context.machine, device, sendRedirects.name);
      const on = scopes.filter(({ value }) => value !== sendRedirects.set);
      if (on.length === 0) continue;
      occurrences.push({
        evidence: `${on.map(({ setting, value }) => formatSysctl(setting, value)).join(', ')}; clients and ${address} are both on ${device}`,
        fix: on.map(({ setting }) => sysctlCommand(setting, sendRedirects.set)),
      });
    }
    return occurrences;
  },
};

/** The interfaces that have both a virtual address and the route to one of its NAT real servers, with that real server. */
async function oneArmed(context: CheckContext): Promise<ReadonlyMap<string, string>> {
  const balanced = await balancedAddresses(context);
  const at = new Map<string, string>();
  for (const { name, loopback, addresses } of await context.machine.links()) {
    if (loopback) continue;
    for (const { address } of addresses) if (balanced.has(address)) at.set(address, name);
  }
  const servers = (await activeServers(context)).filter(
    ({ destination: { settings, id } }) =>
      settings.forwardingMethod === 'nat' && id.address.family === 'ipv4',
  );
  const resolvedRoutes = await serverRoutes(context);
  const found = new Map<string, string>();
  for (const { address, service } of servers) {
    if (isMark(service.id)) continue;
    const device = at.get(service.id.address.toString());
    const resolvedRoute = resolvedRoutes.get(address);
    if (device === undefined || resolvedRoute?.device !== device || resolvedRoute.local) continue;
    if (!found.has(device)) found.set(device, address);
  }
  return found;
}

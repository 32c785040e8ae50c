import type { Tunnel } from '../../ipvs/model/destination.js';
import { isMark } from '../../ipvs/model/service.js';
import {
  effectiveSysctl,
  readSysctlScopes,
  sysctlCommand,
  formatSysctl,
} from '../../host/sysctl.js';
import type { Check, Occurrence } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { addressFamily } from '../../common/ip-family.js';
import { hostPlace } from '../../host/address-place.js';
import type { Link } from '../../host/network.js';
import {
  addressAddWords,
  rpFilterPasses,
  tunnelRpFilter,
  tunnels,
} from '../../host/requirements.js';
import { activeServers, servedAddresses, serverRoutes } from '../roles.js';

export const reversePathFilter: Check = {
  id: 'reverse-path-filter',
  severity: 'error',
  title: 'The real server drops packets that come out of the tunnel',
  why:
    'Tunnelled packets have the source addresses of clients, which are routed by another interface. The strict ' +
    'reverse path filter, 1, drops them as spoofed, and so does the loose one, 2, on a tunnel without an address. ' +
    'Clients time out.',
  role: 'real server',
  run: async (context) => {
    const occurrences: Occurrence[] = [];
    for (const { device, address, bare } of await tunnelled(context)) {
      const scopes = await readSysctlScopes(context.machine, device, 'rp_filter');
      const value = effectiveSysctl(scopes);
      if (rpFilterPasses(value, bare)) continue;
      const set = scopes
        .filter((one) => one.value === value)
        .map(({ setting }) => formatSysctl(setting, value));
      const without = bare ? ', which has no address' : '';
      const path = `net/ipv4/conf/${device}/rp_filter`;
      const all = scopes.find(({ setting }) => setting !== path)?.value ?? 0;
      const own = value === 1 ? tunnelRpFilter(all) : value;
      const add = addressAddWords(hostPlace(address, device));
      occurrences.push({
        evidence: `${set.join(', ')}; packets for ${address} come out of ${device}${without}`,
        fix: [
          ...(value === 1 ? [sysctlCommand(path, own)] : []),
          ...(rpFilterPasses(Math.max(all, own), bare) ? [] : [`ip ${add.join(' ')}`]),
        ],
      });
    }
    return occurrences;
  },
};

interface Tunnelled {
  readonly device: string;
  /** A virtual address of packets that come out of it. */
  readonly address: string;
  /** Whether it has no IPv4 address: then the loose filter drops too (net/ipv4/fib_frontend.c, __fib_validate_source). */
  readonly bare: boolean;
}

/** The tunnels that packets for virtual addresses come out of. A tunnel with a fixed other end may be for something else. */
async function tunnelled(context: CheckContext): Promise<readonly Tunnelled[]> {
  const found: Tunnelled[] = [];
  const served = (await servedAddresses(context)).filter(({ family }) => family === 'ipv4');
  const [first] = served;
  if (first === undefined) return found;
  const routes = await context.machine.routes('ipv4');
  for (const { name: device, up, openTunnel, addresses } of await context.machine.links()) {
    const own = addresses.filter(({ family }) => family === 'ipv4').map(({ address }) => address);
    // A tunnel that packets are also sent into is the route back for those that come out of it.
    const both = routes.some((route) => route.device === device && !own.includes(route.to));
    if (!up || both) continue;
    const here = served.find((one) => one.device === device);
    const named = own.some((address) => context.virtualAddresses.includes(address));
    if (openTunnel || (named && here?.tunnel === true)) {
      found.push({ device, address: (here ?? first).address, bare: own.length === 0 });
    }
  }
  return found;
}

export const tunnelDown: Check = {
  id: 'tunnel-down',
  severity: 'error',
  title: 'The tunnel interface of a virtual address is down or missing',
  why:
    'Tunnelled packets from the director are dropped on arrival, although the virtual address is on this machine: ' +
    'clients sent to it time out.',
  role: 'real server',
  run: async (context) => {
    const links = new Map((await context.machine.links()).map((link) => [link.name, link]));
    const occurrences = new Map<string, Occurrence>();
    for (const { device, tunnel, address } of await servedAddresses(context)) {
      if (!tunnel || device === undefined || links.get(device)?.up !== false) continue;
      occurrences.set(device, {
        evidence: `${device} is down, and has ${address}`,
        fix: [`ip link set ${device} up`],
      });
    }
    for (const [device, occurrence] of tunnelsOfSetUp(context, links)) {
      if (!occurrences.has(device)) occurrences.set(device, occurrence);
    }
    return [...occurrences.values()];
  },
};

/** The tunnels that `ipvs realserver up --method tun` has brought up and that are down since: the address may be on lo. */
function tunnelsOfSetUp(
  { setUp }: CheckContext,
  links: ReadonlyMap<string, Link>,
): readonly (readonly [device: string, Occurrence])[] {
  if (setUp?.method !== 'tun') return [];
  return setUp.virtualAddresses.flatMap((address) => {
    const { device, module } = tunnels[addressFamily(address)];
    const link = links.get(device);
    if (link?.up === true) return [];
    const fix = [...(link === undefined ? [`modprobe ${module}`] : []), `ip link set ${device} up`];
    const state = link === undefined ? `there is no ${device}` : `${device} is down`;
    return [[device, { evidence: `${state}, which was set up for ${address}`, fix }] as const];
  });
}

export const tunnelMtu: Check = {
  id: 'tunnel-mtu',
  severity: 'notice',
  title: 'Full-size packets are fragmented on their way through the tunnel',
  why:
    'With the tunnel header they exceed the MTU, and this director does not ask clients for smaller ones. Each ' +
    'full-size packet becomes two; where a firewall drops fragments, uploads hang while everything else works.',
  role: 'director',
  run: async (context) => {
    const setting = 'net/ipv4/vs/pmtu_disc';
    if ((await context.machine.sysctlNumber(setting)) !== 0) return [];
    return (await tightPaths(context)).map((tight) => ({
      evidence: `${formatSysctl(setting, 0)}; ${tight}`,
      fix: [sysctlCommand(setting, 1)],
    }));
  },
};

/** The bytes that a tunnel adds to each packet. Source: net/netfilter/ipvs/ip_vs_xmit.c, ip_vs_tunnel_xmit. */
export function overheadOf({ type, checksum }: Tunnel): number {
  const header = 20;
  if (type === 'gre') return header + 4 + (checksum === 'full' ? 4 : 0);
  if (type === 'gue') return header + 8 + 4 + (checksum === 'remote' ? 8 : 0);
  return header;
}

async function tightPaths(context: CheckContext): Promise<readonly string[]> {
  const links = await context.machine.links();
  const mtus = new Map(links.map(({ name, mtu }) => [name, mtu]));
  const devices = new Map(
    links
      .filter(({ loopback }) => !loopback)
      .flatMap(({ name, addresses }) => addresses.map(({ address }) => [address, name] as const)),
  );
  const servers = (await activeServers(context)).filter(({ destination }) => {
    // The kernel always sends IPv6 clients the error.
    return destination.settings.tunnel && destination.id.address.family === 'ipv4';
  });
  const resolvedRoutes = await serverRoutes(context);
  const tight = new Map<string, string>();
  for (const { address, service, destination } of servers) {
    const { tunnel } = destination.settings;
    if (tunnel === undefined || isMark(service.id)) continue;
    if (service.id.address.family !== 'ipv4') continue;
    const from = devices.get(service.id.address.toString());
    const to = resolvedRoutes.get(address)?.device;
    if (from === undefined || to === undefined || resolvedRoutes.get(address)?.local === true)
      continue;
    const [bytes, room, more] = [mtus.get(from) ?? 0, mtus.get(to) ?? 0, overheadOf(tunnel)];
    const key = `${from} ${to} ${more}`;
    if (bytes + more <= room || tight.has(key)) continue;
    tight.set(
      key,
      `${bytes} bytes (mtu of ${from}) plus a tunnel header of ${more} exceed ${room} (mtu of ${to}), to ${address}`,
    );
  }
  return [...tight.values()];
}

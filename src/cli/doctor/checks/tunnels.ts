import type { Tunnel } from '../../../ipvs/destination.js';
import { isMark } from '../../../ipvs/service.js';
import { effective, readScopes, settingCommand, settingText } from '../../../machine/settings.js';
import type { Check, Sighting } from '../check.js';
import type { Facts } from '../facts.js';
import { activeServers, servedAddresses } from '../roles.js';

export const reversePathFilter: Check = {
  id: 'reverse-path-filter',
  severity: 'error',
  title: 'The real server throws away what comes out of the tunnel',
  why:
    'Tunnelled packets come from clients, whose way back is another interface: the strict filter of source addresses, 1, takes them ' +
    'for forged, and so does the loose one, 2, on a tunnel that has no address itself. Clients wait.',
  role: 'real server',
  look: async (facts) => {
    const sightings: Sighting[] = [];
    for (const { device, address, bare } of await tunnelled(facts)) {
      const scopes = await readScopes(facts.machine, device, 'rp_filter');
      const value = effective(scopes);
      if (value !== 1 && !(value === 2 && bare)) continue;
      const set = scopes
        .filter((one) => one.value === value)
        .map(({ setting }) => settingText(setting, value));
      const without = bare ? ', which has no address' : '';
      const loose = value === 1 ? [settingCommand(`net/ipv4/conf/${device}/rp_filter`, 2)] : [];
      sightings.push({
        evidence: `${set.join(', ')}; ${address} comes out of ${device}${without}`,
        mend: [...loose, ...(bare ? [`ip address add ${address}/32 dev ${device}`] : [])],
      });
    }
    return sightings;
  },
};

interface Tunnelled {
  readonly device: string;
  /** A virtual address that packets which come out of it are for. */
  readonly address: string;
  /** Whether it has no IPv4 address: fib_validate_source in net/ipv4/fib_frontend.c takes it for a way back to nobody then. */
  readonly bare: boolean;
}

/** The tunnels that packets for virtual addresses come out of. A tunnel to one other end may be anything's. */
async function tunnelled(facts: Facts): Promise<readonly Tunnelled[]> {
  const found: Tunnelled[] = [];
  const served = (await servedAddresses(facts)).filter(({ version }) => version === 4);
  const [first] = served;
  if (first === undefined) return found;
  const routes = await facts.routes(4);
  for (const { name: device, up, openTunnel, addresses } of await facts.links()) {
    const own = addresses.filter(({ version }) => version === 4).map(({ address }) => address);
    // One that packets are sent into as well is the way back for what comes out of it.
    const both = routes.some((route) => route.device === device && !own.includes(route.to));
    if (!up || both) continue;
    const here = served.find((one) => one.device === device);
    const named = own.some((address) => facts.virtualAddresses.includes(address));
    if (openTunnel || (named && here?.tunnel === true)) {
      found.push({ device, address: (here ?? first).address, bare: own.length === 0 });
    }
  }
  return found;
}

export const tunnelMtu: Check = {
  id: 'tunnel-mtu',
  severity: 'notice',
  title: 'Full packets are cut in two on their way through the tunnel',
  why:
    'With the header of the tunnel they are too big for the wire, and this director does not tell clients to send smaller ones. What ' +
    'clients send costs two packets each; where a firewall drops fragments it does not arrive, and uploads hang while all else works.',
  role: 'director',
  look: async (facts) => {
    const setting = 'net/ipv4/vs/pmtu_disc';
    if ((await facts.number(setting)) !== 0) return [];
    return (await tightWays(facts)).map((tight) => ({
      evidence: `${settingText(setting, 0)}; ${tight}`,
      mend: [settingCommand(setting, 1)],
    }));
  },
};

/** What a tunnel adds to each packet: ip_vs_tunnel_xmit in net/netfilter/ipvs/ip_vs_xmit.c. */
export function overheadOf({ type, checksum }: Tunnel): number {
  const header = 20;
  if (type === 'gre') return header + 4 + (checksum === 'full' ? 4 : 0);
  if (type === 'gue') return header + 8 + 4 + (checksum === 'remote' ? 8 : 0);
  return header;
}

async function tightWays(facts: Facts): Promise<readonly string[]> {
  const links = await facts.links();
  const mtus = new Map(links.map(({ name, mtu }) => [name, mtu]));
  const devices = new Map(
    links
      .filter(({ loopback }) => !loopback)
      .flatMap(({ name, addresses }) => addresses.map(({ address }) => [address, name] as const)),
  );
  const servers = (await activeServers(facts)).filter(({ destination }) => {
    // To IPv6 clients the kernel always tells it.
    return destination.settings.tunnel && destination.id.address.family === 'ipv4';
  });
  const ways = await facts.ways(servers.map(({ address }) => address));
  const tight = new Map<string, string>();
  for (const { address, service, destination } of servers) {
    const { tunnel } = destination.settings;
    if (tunnel === undefined || isMark(service.id)) continue;
    if (service.id.address.family !== 'ipv4') continue;
    const from = devices.get(service.id.address.toString());
    const to = ways.get(address)?.device;
    if (from === undefined || to === undefined || ways.get(address)?.local === true) continue;
    const [bytes, room, more] = [mtus.get(from) ?? 0, mtus.get(to) ?? 0, overheadOf(tunnel)];
    const key = `${from} ${to} ${more}`;
    if (bytes + more <= room || tight.has(key)) continue;
    tight.set(
      key,
      `${bytes} bytes (mtu of ${from}) and ${more} of the tunnel do not fit into ${room} (mtu of ${to}), to ${address}`,
    );
  }
  return [...tight.values()];
}

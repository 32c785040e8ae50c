import type { IpAddress } from '../../ipvs/model/address.js';
import type { Link } from '../../host/network.js';
import {
  effectiveSysctl,
  readSysctlScopes,
  sysctlCommand,
  formatSysctl,
} from '../../host/sysctl.js';
import type { Check, Occurrence } from '../check.js';
import { firstOf } from '../../common/plural.js';
import type { HostSnapshot } from '../snapshot.js';
import { wiresOf } from '../subnet.js';
import { servedAddresses } from '../roles.js';

export const arpAnswers: Check = {
  id: 'arp-answers',
  severity: 'error',
  title: 'The real server answers ARP for a virtual address',
  why:
    'Clients and routers that ask who has the virtual address hear the director and this machine; who believes this machine goes ' +
    'past the director, until its memory of the address is gone. Set for lo alone it does not help: the interface that is asked counts.',
  role: 'real server',
  run: (snapshot) => perWire(snapshot, 'arp_ignore', 1, (value) => ![1, 2, 3, 8].includes(value)),
};

export const arpAnnounces: Check = {
  id: 'arp-announces',
  severity: 'error',
  title: 'The real server tells others by ARP that it has a virtual address',
  why:
    'When it asks for the hardware address of a client or of a router, it names the virtual address as its own. They remember ' +
    'that, and from then on go past the director.',
  role: 'real server',
  // With 1 it is not named to who is of another net.
  run: (snapshot) =>
    perWire(snapshot, 'arp_announce', 2, (value, onWire) => value === 0 || (value === 1 && onWire)),
};

/** The wires on which a virtual address would be told of. */
async function perWire(
  snapshot: HostSnapshot,
  name: 'arp_announce' | 'arp_ignore',
  good: number,
  isBad: (value: number, onWire: boolean) => boolean,
): Promise<readonly Occurrence[]> {
  const occurrences: Occurrence[] = [];
  for (const [link, { told, here }] of await toldOn(snapshot)) {
    const scopes = await readSysctlScopes(snapshot.host, link.name, name);
    if (scopes.length === 0 || !isBad(effectiveSysctl(scopes), here)) continue;
    const values = scopes.map(({ setting, value }) => formatSysctl(setting, value));
    occurrences.push({
      evidence: `${values.join(', ')}; virtual addresses here: ${firstOf([...told])}`,
      fix: [sysctlCommand(`net/ipv4/conf/all/${name}`, good)],
    });
  }
  return occurrences;
}

interface Told {
  readonly told: Set<string>;
  /** Whether one of them is of the wire's own net. */
  here: boolean;
}

async function toldOn(snapshot: HostSnapshot): Promise<ReadonlyMap<Link, Told>> {
  const byLink = new Map<Link, Told>();
  const links = await snapshot.links();
  const served = (await servedAddresses(snapshot)).filter(({ version }) => version === 4);
  if (served.length === 0) return byLink;
  const routes = await snapshot.routes(4);
  for (const { ip, device } of served) {
    // Addresses of other nets are on lo for other reasons too, as those that name a router are.
    const outwards = snapshot.virtualAddresses.includes(ip.toString()) ? routes : [];
    for (const link of wiresOf(ip, links, outwards)) {
      const entry = byLink.get(link) ?? { told: new Set(), here: false };
      entry.told.add(`${ip} on ${device}`);
      entry.here ||= isNear(ip, link);
      byLink.set(link, entry);
    }
  }
  return byLink;
}

function isNear(ip: IpAddress, link: Link): boolean {
  return wiresOf(ip, [link], []).length > 0;
}

import type { IpAddress } from '../../../ipvs/address.js';
import type { Link } from '../../../machine/network.js';
import { effective, readScopes, settingCommand, settingText } from '../../../machine/settings.js';
import type { Check, Sighting } from '../check.js';
import { firstOf } from '../count-words.js';
import type { Facts } from '../facts.js';
import { wiresOf } from '../nets.js';
import { servedAddresses } from '../roles.js';

export const arpAnswers: Check = {
  id: 'arp-answers',
  severity: 'error',
  title: 'The real server answers ARP for a virtual address',
  why:
    'Clients and routers that ask who has the virtual address hear the director and this machine; who believes this machine goes ' +
    'past the director, until its memory of the address is gone. Set for lo alone it does not help: the interface that is asked counts.',
  role: 'real server',
  look: (facts) => perWire(facts, 'arp_ignore', 1, (value) => ![1, 2, 3, 8].includes(value)),
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
  look: (facts) =>
    perWire(facts, 'arp_announce', 2, (value, onWire) => value === 0 || (value === 1 && onWire)),
};

/** The wires on which a virtual address would be told of. */
async function perWire(
  facts: Facts,
  name: 'arp_announce' | 'arp_ignore',
  good: number,
  isBad: (value: number, onWire: boolean) => boolean,
): Promise<readonly Sighting[]> {
  const sightings: Sighting[] = [];
  for (const [link, { told, here }] of await toldOn(facts)) {
    const scopes = await readScopes(facts.machine, link.name, name);
    if (scopes.length === 0 || !isBad(effective(scopes), here)) continue;
    const values = scopes.map(({ setting, value }) => settingText(setting, value));
    sightings.push({
      evidence: `${values.join(', ')}; virtual addresses here: ${firstOf([...told])}`,
      mend: [settingCommand(`net/ipv4/conf/all/${name}`, good)],
    });
  }
  return sightings;
}

interface Told {
  readonly told: Set<string>;
  /** Whether one of them is of the wire's own net. */
  here: boolean;
}

async function toldOn(facts: Facts): Promise<ReadonlyMap<Link, Told>> {
  const byLink = new Map<Link, Told>();
  const links = await facts.links();
  const served = (await servedAddresses(facts)).filter(({ version }) => version === 4);
  if (served.length === 0) return byLink;
  const routes = await facts.routes(4);
  for (const { ip, device } of served) {
    // Addresses of other nets are on lo for other reasons too, as those that name a router are.
    const outwards = facts.virtualAddresses.includes(ip.toString()) ? routes : [];
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

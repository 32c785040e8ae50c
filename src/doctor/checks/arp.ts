import { formatPlace, hostPlace } from '../../host/address-place.js';
import type { Link } from '../../host/network.js';
import { addressAddWords, arpAnnounce, arpIgnore } from '../../host/requirements.js';
import type { ArpFacts, QuietSysctl } from '../../host/requirements.js';
import { formatSysctl } from '../../host/sysctl.js';
import type { Check, Occurrence } from '../check.js';
import { firstOf } from '../../common/plural.js';
import { readQuiet, quietFix } from '../quiet.js';
import type { QuietValues } from '../quiet.js';
import type { CheckContext } from '../check-context.js';
import { wiresOf } from '../subnet.js';
import { servedAddresses } from '../roles.js';
import type { ServedAddress } from '../roles.js';

export const arpAnswers: Check = {
  id: 'arp-answers',
  severity: 'error',
  title: 'The real server answers ARP for a virtual address',
  why:
    'Clients and routers that ask for the virtual address get a reply from the director and one from this machine. ' +
    "Those that use this machine's bypass the director until their ARP entry expires. Setting arp_ignore on lo alone " +
    'does not help: the interface that receives the request counts.',
  role: 'real server',
  run: async (context) => {
    const wires = await wiresOfServed(context);
    const [moved, kept] = [wires.filter(isAlias), wires.filter((one) => !isAlias(one))];
    const aliases = await Promise.all(moved.map((one) => aliasOccurrence(context, one)));
    return [...(await perWire(context, arpIgnore, kept)), ...aliases.flat()];
  },
};

export const arpAnnounces: Check = {
  id: 'arp-announces',
  severity: 'error',
  title: 'The real server announces a virtual address by ARP',
  why:
    'When this machine asks for the hardware address of a client or a router, it gives the virtual address as its ' +
    'own. They store that in their ARP tables, and bypass the director from then on.',
  role: 'real server',
  run: async (context) => perWire(context, arpAnnounce, await wiresOfServed(context)),
};

/** A virtual address, and an interface on which others may ask for it. */
interface OnWire {
  readonly link: Link;
  readonly served: ServedAddress;
  readonly facts: ArpFacts;
}

const isAlias = ({ facts }: OnWire): boolean => facts.onInterface;

/** One occurrence for each interface whose value is too lax for some of the addresses. */
async function perWire(
  context: CheckContext,
  sysctl: QuietSysctl,
  wires: readonly OnWire[],
): Promise<readonly Occurrence[]> {
  const occurrences: Occurrence[] = [];
  for (const link of new Set(wires.map((one) => one.link))) {
    const all = wires.filter((one) => one.link === link);
    const values = await readQuiet(context, link.name, sysctl);
    if (values === undefined) continue;
    const lax = all.filter(({ facts }) => !sysctl.accepts(values.effective, facts));
    if (lax.length === 0) continue;
    const addresses = lax.map(({ served }) => placeText(served));
    occurrences.push({
      evidence: `${valuesText(values)}; virtual addresses here: ${firstOf([...new Set(addresses)])}`,
      fix: quietFix(
        link.name,
        sysctl,
        values,
        all.map(({ facts }) => facts),
      ),
    });
  }
  return occurrences;
}

const valuesText = ({ scopes }: QuietValues): string =>
  scopes.map(({ setting, value }) => formatSysctl(setting, value)).join(', ');

const placeText = ({ ip, device }: ServedAddress): string =>
  device === undefined ? `${ip} by a local route` : `${ip} on ${device}`;

/** With arp_ignore = 1, an interface still answers for its own addresses: the address has to be moved to lo. */
async function aliasOccurrence(
  context: CheckContext,
  { link, served, facts }: OnWire,
): Promise<Occurrence[]> {
  const values = await readQuiet(context, link.name, arpIgnore);
  if (values === undefined || arpIgnore.accepts(values.effective, facts)) return [];
  const onLoopback = { ...facts, onInterface: false };
  const { address, prefixLength } = served;
  const place = { address, prefixLength, device: link.name };
  return [
    {
      evidence: `${valuesText(values)}; ${address}/${prefixLength} is an address of ${link.name} itself`,
      fix: [
        ...quietFix(link.name, arpIgnore, values, [onLoopback]),
        `ip address del ${formatPlace(place)}`,
        `ip ${addressAddWords(hostPlace(address, 'lo')).join(' ')}`,
      ],
    },
  ];
}

async function wiresOfServed(context: CheckContext): Promise<readonly OnWire[]> {
  const links = await context.machine.links();
  const all = (await servedAddresses(context)).filter(({ family }) => family === 'ipv4');
  if (all.length === 0) return [];
  const routes = await context.machine.routes('ipv4');
  return all.flatMap((served) => {
    const { ip, device, scope } = served;
    // Addresses of other networks may be on lo for other reasons, as those of routers are.
    const outwards = context.virtualAddresses.includes(ip.toString()) ? routes : [];
    return wiresOf(ip, links, outwards).map((link) => {
      const onWire = wiresOf(ip, [link], []).length > 0;
      return { link, served, facts: { scope, onInterface: device === link.name, onWire } };
    });
  });
}

import type { Host } from '../../host/host.js';
import { readNeighbours } from '../../host/network.js';
import type { Check, Occurrence } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { mapWithLimit } from '../../common/concurrency.js';
import { wiresOf } from '../subnet.js';
import { balancedAddresses } from '../roles.js';

/** Each probe waits a second for replies. */
const MOST_ADDRESSES = 64;
const AT_ONCE = 16;

export const arpDuplicate: Check = {
  id: 'arp-duplicate',
  severity: 'error',
  title: 'Another machine answers ARP for a virtual address of this director',
  why:
    'Clients and routers with an ARP entry for the other machine bypass this director: their packets are not ' +
    'balanced, or get no reply. Usually the other machine is a real server that answers ARP, or a second director. ' +
    'The probe needs arping of iputils; without it, this check is left out.',
  role: 'director',
  active: true,
  run: async (context) => {
    if (!(await isThere(context.host))) return [];
    const questions = await questionsOf(context);
    const answers = await mapWithLimit(questions, AT_ONCE, async (question) => ({
      ...question,
      macs: await whoHas(context.host, question),
    }));
    const links = await context.machine.links();
    // This director may have a second interface on the same link.
    const own = new Set(links.map(({ mac }) => mac?.toLowerCase()));
    const others = answers.flatMap((one) =>
      one.macs.filter((mac) => !own.has(mac)).map((mac) => ({ ...one, mac })),
    );
    if (others.length === 0) return [];
    const names = await namesOf(context);
    return others.map((one) => occurrenceOf(one, names.get(one.mac)));
  },
};

interface Question {
  readonly address: string;
  readonly device: string;
}

/** Other implementations of arping have other options. */
async function isThere(host: Host): Promise<boolean> {
  const said = await host.run('arping', ['-V']);
  return said?.stdout.includes('iputils') === true;
}

/** A standby director does not have the addresses: there, it is right that the active one answers. */
async function questionsOf(context: CheckContext): Promise<readonly Question[]> {
  const services = [...(await balancedAddresses(context))].filter(
    ([, { address }]) => address.family === 'ipv4',
  );
  const resolvedRoutes = await context.machine.resolvedRoutes(services.map(([address]) => address));
  const here = services.filter(([address]) => resolvedRoutes.get(address)?.local === true);
  const links = await context.machine.links();
  const routes = await context.machine.routes('ipv4');
  return here
    .slice(0, MOST_ADDRESSES)
    .flatMap(([address, service]) =>
      wiresOf(service.address, links, routes).map(({ name }) => ({ address, device: name })),
    );
}

/** Duplicate address detection (RFC 5227): the probe has no sender address, so it changes no ARP table. */
async function whoHas(host: Host, { address, device }: Question): Promise<string[]> {
  const words = ['-D', '-c', '1', '-w', '1', '-I', device, address];
  const said = await host.run('arping', words);
  const replies = said?.stdout.matchAll(/^\w+ reply from \S+ \[([\dA-Fa-f:]+)\]/gm) ?? [];
  return [...new Set(Array.from(replies, ([, mac = '']) => mac.toLowerCase()))];
}

/** IP addresses of neighbours by their MAC addresses, real servers first. */
async function namesOf(context: CheckContext): Promise<ReadonlyMap<string, string>> {
  const servers = new Set<string>();
  for (const { destinations } of await context.ipvs.table()) {
    for (const { id } of destinations) servers.add(id.address.toString());
  }
  const names = new Map<string, string>();
  for (const { address, mac } of await readNeighbours(context.host)) {
    const known = names.get(mac);
    if (known === undefined || (servers.has(address) && !servers.has(known))) {
      names.set(mac, address);
    }
  }
  return names;
}

function occurrenceOf(
  { address, device, mac }: Question & { readonly mac: string },
  name: string | undefined,
): Occurrence {
  const who = name === undefined ? mac : `${mac} (${name})`;
  return {
    evidence: `${who} answers ARP for ${address} on ${device}`,
    fix: [
      `On ${name ?? mac}, if it is meant to be a real server: sysctl -w net.ipv4.conf.all.arp_ignore=1`,
      `On ${name ?? mac}, if it is not: ip address del ${address}/32 dev DEVICE`,
      `arping -U -c 3 -w 3 -I ${device} ${address}`,
    ],
  };
}

import type { Machine } from '../../../machine/machine.js';
import { readNeighbours } from '../../../machine/network.js';
import type { Check, Sighting } from '../check.js';
import type { Facts } from '../facts.js';
import { inTurns } from '../../../machine/in-turns.js';
import { wiresOf } from '../nets.js';
import { balancedAddresses } from '../roles.js';

/** Each waits a second for whoever answers. */
const MOST_ADDRESSES = 64;
const AT_ONCE = 16;

export const arpDuplicate: Check = {
  id: 'arp-duplicate',
  severity: 'error',
  title: 'Another machine answers ARP for a virtual address of this director',
  why:
    'Clients and routers that hear the other machine send to it: what they send is not balanced, or not answered. Most often it is ' +
    'a real server that does not keep quiet, or a second director. Asked with arping of iputils; where that is not installed, ' +
    'nobody is asked.',
  role: 'director',
  active: true,
  look: async (facts) => {
    if (!(await isThere(facts.machine))) return [];
    const questions = await questionsOf(facts);
    const answers = await inTurns(questions, AT_ONCE, async (question) => ({
      ...question,
      macs: await whoHas(facts.machine, question),
    }));
    const links = await facts.links();
    // A second card of this director on the same wire.
    const own = new Set(links.map(({ mac }) => mac?.toLowerCase()));
    const others = answers.flatMap((one) =>
      one.macs.filter((mac) => !own.has(mac)).map((mac) => ({ ...one, mac })),
    );
    if (others.length === 0) return [];
    const names = await namesOf(facts);
    return others.map((one) => sightingOf(one, names.get(one.mac)));
  },
};

interface Question {
  readonly address: string;
  readonly device: string;
}

/** The arping of other makers has other options. */
async function isThere(machine: Machine): Promise<boolean> {
  const said = await machine.run('arping', ['-V']);
  return said?.stdout.includes('iputils') === true;
}

/** A director that stands by has no address to ask for: the other one answers, and rightly. */
async function questionsOf(facts: Facts): Promise<readonly Question[]> {
  const services = [...(await balancedAddresses(facts))].filter(
    ([, { address }]) => address.family === 'ipv4',
  );
  const ways = await facts.ways(services.map(([address]) => address));
  const here = services.filter(([address]) => ways.get(address)?.local === true);
  const links = await facts.links();
  const routes = await facts.routes(4);
  return here
    .slice(0, MOST_ADDRESSES)
    .flatMap(([address, service]) =>
      wiresOf(service.address, links, routes).map(({ name }) => ({ address, device: name })),
    );
}

/** The question of a machine that is about to take the address, which changes nobody's memory of it. */
async function whoHas(machine: Machine, { address, device }: Question): Promise<string[]> {
  const words = ['-D', '-c', '1', '-w', '1', '-I', device, address];
  const said = await machine.run('arping', words);
  const replies = said?.stdout.matchAll(/^\w+ reply from \S+ \[([\dA-Fa-f:]+)\]/gm) ?? [];
  return [...new Set(Array.from(replies, ([, mac = '']) => mac.toLowerCase()))];
}

/** The addresses of neighbours by their hardware's, real servers first. */
async function namesOf(facts: Facts): Promise<ReadonlyMap<string, string>> {
  const servers = new Set<string>();
  for (const { destinations } of await facts.table()) {
    for (const { id } of destinations) servers.add(id.address.toString());
  }
  const names = new Map<string, string>();
  for (const { address, mac } of await readNeighbours(facts.machine)) {
    const known = names.get(mac);
    if (known === undefined || (servers.has(address) && !servers.has(known))) {
      names.set(mac, address);
    }
  }
  return names;
}

function sightingOf(
  { address, device, mac }: Question & { readonly mac: string },
  name: string | undefined,
): Sighting {
  const who = name === undefined ? mac : `${mac}, which is ${name}`;
  return {
    evidence: `${address} on ${device} is answered for by ${who}`,
    mend: [
      `On ${name ?? mac}, if it is to be a real server: sysctl -w net.ipv4.conf.all.arp_ignore=1`,
      `On ${name ?? mac}, if it is not: ip address del ${address}/32 dev DEVICE`,
      `arping -U -c 3 -w 3 -I ${device} ${address}`,
    ],
  };
}

/** Networks with two directors, of which one has the virtual address, and with a link that can be cut. */
import { LabError } from './errors.js';
import type { Lab } from './lab.js';
import { Namespace } from './namespace.js';
import {
  bridgeLines,
  gatewayLines,
  perform,
  plugLines,
  settingLines,
  type Addresses,
  type Plug,
} from './network.js';

export interface Pair extends AsyncDisposable {
  readonly client: Namespace;
  readonly directors: readonly [Namespace, Namespace];
  readonly realServers: readonly [Namespace, Namespace];
  /** Pulls the plug of a director's eth0, at the switch. */
  cut(director: Namespace): Promise<void>;
  mend(director: Namespace): Promise<void>;
  close(): Promise<void>;
}

const NAMES = ['client', 'd1', 'd2', 'rs1', 'rs2', 'outside', 'inside'] as const;

type Machines = Readonly<Record<(typeof NAMES)[number], Namespace>>;

async function machines(lab: Lab): Promise<Machines> {
  const all = await lab.namespaces(NAMES);
  return Object.fromEntries(NAMES.map((name, index) => [name, all[index]])) as Machines;
}

function pair(all: Machines): Pair {
  const set = async (director: Namespace, state: 'up' | 'down'): Promise<void> => {
    const { code } = await all.outside.run(['ip', 'link', 'set', `p-${director.name}`, state]);
    if (code !== 0) throw new LabError(`${director.name} has no plug`);
  };
  const close = (): Promise<void> => Namespace.closeAll(Object.values(all));
  return {
    client: all.client,
    directors: [all.d1, all.d2],
    realServers: [all.rs1, all.rs2],
    cut: (director) => set(director, 'down'),
    mend: async (director) => {
      await set(director, 'up');
      // Until the kernel has noticed, what it sends is lost.
      await perform(
        director,
        'until grep -q up /sys/class/net/eth0/operstate; do sleep 0.02; done',
      );
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function outer(host: number): Addresses {
  return { ipv4: `172.168.2.${host}`, ipv6: `2001:db8:2::${host}` };
}

function inner(host: number): Addresses {
  return { ipv4: `192.168.10.${host}`, ipv6: `2001:db8:10::${host}` };
}

/**
 * For direct routing: all machines on one wire, by default 172.168.2.0/24 and 2001:db8:2::/64. The directors are .18 and
 * .19, the real servers .15 and .17, the client .101. Nobody has a virtual address yet.
 */
export async function buildFlatPair(
  lab: Lab,
  address: (host: number) => Addresses = outer,
): Promise<Pair> {
  const all = await machines(lab);
  const plug = (machine: Namespace, last: number): Plug => ({
    machine,
    device: 'eth0',
    addresses: address(last),
  });
  const lines = [
    bridgeLines(all.outside, 'br0'),
    plugLines(all.outside, 'br0', [
      plug(all.client, 101),
      plug(all.d1, 18),
      plug(all.d2, 19),
      plug(all.rs1, 15),
      plug(all.rs2, 17),
    ]),
  ];
  await perform(lab, lines.join('\n'));
  return pair(all);
}

/**
 * For masquerading: the directors' eth0 is in the client's net, 172.168.2.0/24 and 2001:db8:2::/64; their eth1 is in the
 * real servers', 192.168.10.0/24 and 2001:db8:10::/64. Nobody has the gateway's address yet.
 */
export async function buildNatPair(lab: Lab, gateway: Addresses): Promise<Pair> {
  const all = await machines(lab);
  const lines = [
    bridgeLines(all.outside, 'br0'),
    plugLines(all.outside, 'br0', [
      { machine: all.client, device: 'eth0', addresses: outer(101) },
      { machine: all.d1, device: 'eth0', addresses: outer(18) },
      { machine: all.d2, device: 'eth0', addresses: outer(19) },
    ]),
    bridgeLines(all.inside, 'br0'),
    plugLines(all.inside, 'br0', [
      { machine: all.d1, device: 'eth1', addresses: inner(2) },
      { machine: all.d2, device: 'eth1', addresses: inner(3) },
      { machine: all.rs1, device: 'eth0', addresses: inner(11) },
      { machine: all.rs2, device: 'eth0', addresses: inner(12) },
    ]),
    gatewayLines(all.rs1, gateway),
    gatewayLines(all.rs2, gateway),
  ];
  await perform(lab, lines.join('\n'));
  const forward = settingLines({ 'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1 });
  await Promise.all([perform(all.d1, forward), perform(all.d2, forward)]);
  return pair(all);
}

/** A director takes addresses on one of its cards, and tells everybody on that wire. */
export async function takeAddress(
  director: Namespace,
  device: string,
  { ipv4, ipv6 }: Addresses,
): Promise<void> {
  await perform(
    director,
    [
      // With this the kernel announces an IPv6 address by itself.
      settingLines({ [`ipv6/conf/${device}/ndisc_notify`]: 1 }),
      `ip addr add ${ipv4}/32 dev ${device}`,
      `ip addr add ${ipv6}/128 dev ${device} preferred_lft 0`,
      // Debian's other arping waits a second for answers that nobody gives.
      `busybox arping -q -U -c 1 -w 0 -I ${device} ${ipv4}`,
    ].join('\n'),
  );
}

export async function giveUpAddress(
  director: Namespace,
  device: string,
  { ipv4, ipv6 }: Addresses,
): Promise<void> {
  await perform(
    director,
    `ip addr del ${ipv4}/32 dev ${device}\nip addr del ${ipv6}/128 dev ${device}`,
  );
}

/** Which directors have the address now. */
export async function ownersOf(pair: Pair, address: string): Promise<string[]> {
  const owners: string[] = [];
  for (const [index, director] of pair.directors.entries()) {
    const { stdout } = await director.run(['ip', '-o', 'addr', 'show', 'to', address]);
    if (stdout !== '') owners.push(`d${index + 1}`);
  }
  return owners;
}

import { addressFamily } from '../common/ip-family.js';
import type { Family } from '../common/ip-family.js';
import { placeWords } from './address-place.js';
import type { AddressPlace } from './address-place.js';
import type { Link } from './network.js';

/**
 * What a role needs of the machine, as data and pure functions. What a set-up changes, what the doctor checks and the fixes that
 * it prints all derive from this table.
 */

/** How a virtual address relates to an interface on which others may ask for it by ARP. */
export interface ArpFacts {
  /** The scope of the address, as iproute2 prints it; undefined where only a local route makes it one of the machine's own. */
  readonly scope: string | undefined;
  /** Whether it is an address of that interface itself, as an alias is. */
  readonly onInterface: boolean;
  /** Whether it is in a network of that interface. */
  readonly onWire: boolean;
}

/** A sysctl of net/ipv4/conf. The greater value counts: the one for all interfaces, or the interface's own. */
export interface QuietSysctl {
  readonly name: 'arp_ignore' | 'arp_announce';
  /** The value that is set where the current one is not accepted. */
  readonly set: number;
  /** The greatest value that has a meaning to the kernel. */
  readonly greatest: number;
  /** Whether this value keeps a real server quiet about its virtual address. */
  readonly accepts: (value: number, facts: ArpFacts) => boolean;
}

/** Keeps the machine from answering requests for the address. Source: net/ipv4/arp.c, arp_ignore. */
export const arpIgnore: QuietSysctl = {
  name: 'arp_ignore',
  set: 1,
  greatest: 8,
  accepts: (value, { scope, onInterface }) => {
    if (value === 8) return true;
    // The kernel ignores requests only for addresses of scope host.
    if (value === 3) return scope === undefined || scope === 'host';
    return (value === 1 || value === 2) && !onInterface;
  },
};

/** Keeps the address out of the machine's own requests. Source: net/ipv4/arp.c, arp_solicit, to which 3 and more are 0. */
export const arpAnnounce: QuietSysctl = {
  name: 'arp_announce',
  set: 2,
  greatest: 2,
  // With 1, it is left out of requests for hosts of another network.
  accepts: (value, { onWire }) => value === 2 || (value === 1 && !onWire),
};

export const quietSysctls: readonly QuietSysctl[] = [arpIgnore, arpAnnounce];

/** An address as `realserver up` adds it, asked for in its own network: the strictest case. */
export const ADDED_BY_UP: ArpFacts = { scope: 'global', onInterface: false, onWire: true };

/** Where a sysctl has to be changed for the greater of both values to be accepted; nowhere if it is already. */
export function scopesToChange(
  { all, own }: { readonly all: number; readonly own: number },
  set: number,
  accepts: (value: number) => boolean,
): readonly ('all' | 'interface')[] {
  if (accepts(Math.max(all, own))) return [];
  if (accepts(Math.max(set, own))) return ['all'];
  if (accepts(Math.max(all, set))) return ['interface'];
  return ['all', 'interface'];
}

/**
 * Whether packets out of a tunnel pass the reverse path filter, of which the greater value counts. A tunnel without an IPv4
 * address is bare: there the loose filter drops them too. Source: net/ipv4/fib_frontend.c, __fib_validate_source.
 */
export function rpFilterPasses(value: number, bare: boolean): boolean {
  return value === 0 || (value !== 1 && !bare);
}

/** The value for a tunnel's own rp_filter, given the value for all interfaces, which is not changed. */
export function tunnelRpFilter(all: number): number {
  return all === 0 ? 0 : 2;
}

/** Whether packets are forwarded, in each family. */
export const forwardingSysctl = {
  ipv4: 'net/ipv4/ip_forward',
  ipv6: 'net/ipv6/conf/all/forwarding',
} as const;

/** Whether an interface forwards what it receives. With IPv4 its own value counts, with IPv6 the one for all interfaces. */
export function interfaceForwarding(family: Family, device: string): string {
  return `net/${family}/conf/${device}/forwarding`;
}

/** A one-armed director must not send ICMP redirects. It sends them when either value is on. */
export const sendRedirects = { name: 'send_redirects', set: 0 } as const;

/** The module that decapsulates packets, and the interface that it creates in each network namespace. */
export const tunnels = {
  ipv4: { module: 'ipip', device: 'tunl0' },
  ipv6: { module: 'ip6_tunnel', device: 'ip6tnl0' },
} as const;

/** The kinds of interfaces that decapsulate packets. */
export const tunnelKinds: readonly string[] = ['ipip', 'gre', 'sit', 'ip6tnl', 'ip6gre', 'fou'];

/**
 * The arguments of `ip` that add a virtual address. An IPv6 address is usable at once, and never the source address of the
 * machine's own packets, such as tunnelled ones.
 */
export function addressAddWords(place: AddressPlace): readonly string[] {
  const flags = addressFamily(place.address) === 'ipv6' ? ['preferred_lft', '0', 'nodad'] : [];
  return ['address', 'add', ...placeWords(place), ...flags];
}

/**
 * IPv4 addresses on lo with a network prefix: Linux treats every address of the network as its own. Source:
 * net/ipv4/fib_frontend.c, fib_add_ifaddr.
 */
export function prefixesOnLoopback(links: readonly Link[]): readonly AddressPlace[] {
  return links
    .filter(({ loopback }) => loopback)
    .flatMap(({ name: device, addresses }) =>
      addresses
        .filter(({ family, prefixLength }) => family === 'ipv4' && prefixLength < 32)
        .filter(({ address }) => !address.startsWith('127.'))
        .map(({ address, prefixLength }) => ({ address, prefixLength, device })),
    );
}

import { addressFamily } from '../common/ip-family.js';
import type { Family } from '../common/ip-family.js';
import { placeWords } from './address-place.js';
import type { AddressPlace } from './address-place.js';
import type { Link } from './network.js';

/**
 * What a role needs of the machine, as data and pure functions. What a set-up changes, what the doctor checks and the fixes that
 * it prints all derive from this table.
 */

/** What a virtual address is to an interface on which others ask for it. */
export interface ArpFacts {
  /** The scope of the address, as iproute2 prints it; undefined where a local route alone makes it one of the machine's. */
  readonly scope: string | undefined;
  /** Whether it is on the interface that is asked, as an alias is. */
  readonly onInterface: boolean;
  /** Whether it is in the net of that interface. */
  readonly onWire: boolean;
}

/** A setting of net/ipv4/conf of which the greater value counts: the one for all interfaces, or the interface's own. */
export interface QuietSysctl {
  readonly name: 'arp_ignore' | 'arp_announce';
  /** The value that is set where the present one will not do. */
  readonly set: number;
  /** The greatest value that means anything to the kernel. */
  readonly greatest: number;
  /** Whether a real server keeps quiet about its virtual address with this value. */
  readonly accepts: (value: number, facts: ArpFacts) => boolean;
}

/** Whether requests for the address are left unanswered. Source: net/ipv4/arp.c, arp_ignore. */
export const arpIgnore: QuietSysctl = {
  name: 'arp_ignore',
  set: 1,
  greatest: 8,
  accepts: (value, { scope, onInterface }) => {
    if (value === 8) return true;
    // Only an address of scope host is kept back.
    if (value === 3) return scope === undefined || scope === 'host';
    return (value === 1 || value === 2) && !onInterface;
  },
};

/** Whether the address is left out of the machine's own requests. Source: net/ipv4/arp.c, arp_solicit: 3 and more are 0. */
export const arpAnnounce: QuietSysctl = {
  name: 'arp_announce',
  set: 2,
  greatest: 2,
  // With 1 it is not named to hosts of another net.
  accepts: (value, { onWire }) => value === 2 || (value === 1 && !onWire),
};

export const quietSysctls: readonly QuietSysctl[] = [arpIgnore, arpAnnounce];

/** An address as `realserver up` adds it, on a wire of its net: the strictest case of what is accepted. */
export const ADDED_BY_UP: ArpFacts = { scope: 'global', onInterface: false, onWire: true };

/** Where a setting has to be changed so that the greater of both values will do; nowhere when it does. */
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
 * Whether packets that come out of a tunnel get past the filter of source addresses, whose greater value counts. A tunnel
 * without an IPv4 address is bare: the loose filter drops there too. Source: net/ipv4/fib_frontend.c, __fib_validate_source.
 */
export function rpFilterPasses(value: number, bare: boolean): boolean {
  return value === 0 || (value !== 1 && !bare);
}

/** What a tunnel's own rp_filter is set to, given that of all interfaces, which is left alone. */
export function tunnelRpFilter(all: number): number {
  return all === 0 ? 0 : 2;
}

/** Whether packets are forwarded, in each family. */
export const forwardingSysctl = {
  ipv4: 'net/ipv4/ip_forward',
  ipv6: 'net/ipv6/conf/all/forwarding',
} as const;

/** Whether an interface forwards what it receives. Linux takes IPv4's own value, and for IPv6 that of all interfaces. */
export function interfaceForwarding(family: Family, device: string): string {
  return `net/${family}/conf/${device}/forwarding`;
}

/** A one-armed director must not send ICMP redirects. It sends them when either value is on. */
export const sendRedirects = { name: 'send_redirects', set: 0 } as const;

/** The module that takes packets out of their tunnels, and the device that it makes in each network namespace. */
export const tunnels = {
  ipv4: { module: 'ipip', device: 'tunl0' },
  ipv6: { module: 'ip6_tunnel', device: 'ip6tnl0' },
} as const;

/** Kinds of interfaces that tunnelled packets come out of. */
export const tunnelKinds: readonly string[] = ['ipip', 'gre', 'sit', 'ip6tnl', 'ip6gre', 'fou'];

/**
 * The words that add a virtual address, behind `ip`. IPv6: usable at once, and never the source of what the machine sends by
 * itself, such as tunnelled packets.
 */
export function addressAddWords(place: AddressPlace): readonly string[] {
  const flags = addressFamily(place.address) === 'ipv6' ? ['preferred_lft', '0', 'nodad'] : [];
  return ['address', 'add', ...placeWords(place), ...flags];
}

/** IPv4 addresses with their network on lo: Linux takes each address of the network for its own (net/ipv4/fib_frontend.c, fib_add_ifaddr). */
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

import type { IpVersion, Link } from '../host/network.js';
import { HOST_LENGTH } from '../host/ip-family.js';

/** A virtual address that a machine takes packets for without owning it on a wire. */
export interface LocalVirtualAddress {
  readonly address: string;
  readonly version: IpVersion;
  readonly device: string;
  /** Whether packets for it come out of a tunnel. */
  readonly tunnel: boolean;
}

/** Kinds of interfaces that packets come out of when they were tunnelled. */
const TUNNELS = ['ipip', 'gre', 'sit', 'ip6tnl', 'ip6gre', 'fou'];

/** Where real servers have virtual addresses: on lo, on a dummy interface, on a tunnel; alone, without a net around them. */
export function localVirtualAddresses(links: readonly Link[]): LocalVirtualAddress[] {
  return links.flatMap(({ name: device, kind = '', loopback, up, addresses }) => {
    const tunnel = TUNNELS.includes(kind);
    if (!up || !(loopback || tunnel || kind === 'dummy')) return [];
    return addresses
      .filter(({ version, prefixLength }) => prefixLength === HOST_LENGTH[version])
      .filter(({ address }) => !/^(?:127\.|::1$|fe80:)/.test(address))
      .map(({ address, version }) => ({ address, version, device, tunnel }));
  });
}

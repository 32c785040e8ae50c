import type { Link } from '../host/network.js';
import type { Family } from '../common/ip-family.js';
import { HOST_PREFIX_LENGTH } from '../common/ip-family.js';
import { tunnelKinds } from '../host/requirements.js';

/** A virtual address that this machine accepts packets for as a real server does. */
export interface LocalVirtualAddress {
  readonly address: string;
  readonly family: Family;
  /** The interface that has it; undefined where only a local route makes it one of the machine's own. */
  readonly device: string | undefined;
  /** As iproute2 prints it: `global`, `host` …; undefined without an interface. */
  readonly scope: string | undefined;
  readonly prefixLength: number;
  /** Whether it is on a tunnel. */
  readonly tunnel: boolean;
}

/**
 * The addresses where real servers have virtual ones: on lo, on a dummy interface or on a tunnel, with the full prefix length.
 * @param named by the administrator: these count on any interface, with any prefix length
 */
export function localVirtualAddresses(
  links: readonly Link[],
  named: readonly string[] = [],
): LocalVirtualAddress[] {
  const expected = new Set(named);
  return links.flatMap((link) => {
    const { name: device, kind = '', loopback, up, openTunnel, addresses } = link;
    const tunnel = tunnelKinds.includes(kind);
    const fits = (up || (tunnel && openTunnel)) && (loopback || tunnel || kind === 'dummy');
    return addresses
      .filter(
        ({ address, family, prefixLength }) =>
          expected.has(address) || (fits && prefixLength === HOST_PREFIX_LENGTH[family]),
      )
      .filter(({ address }) => !/^(?:127\.|::1$|fe80:)/.test(address))
      .map((own) => ({ ...own, device, tunnel }));
  });
}

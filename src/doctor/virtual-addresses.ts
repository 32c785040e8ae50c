import type { Link } from '../host/network.js';
import type { Family } from '../common/ip-family.js';
import { HOST_PREFIX_LENGTH } from '../common/ip-family.js';
import { tunnelKinds } from '../host/requirements.js';

/** A virtual address that a machine takes packets for as a real server does. */
export interface LocalVirtualAddress {
  readonly address: string;
  readonly family: Family;
  /** The interface that has it; undefined where a local route alone makes it one of the machine's. */
  readonly device: string | undefined;
  /** As iproute2 prints it: `global`, `host` …; undefined without an interface. */
  readonly scope: string | undefined;
  readonly prefixLength: number;
  /** Whether packets for it come out of a tunnel. */
  readonly tunnel: boolean;
}

/**
 * Where real servers have virtual addresses: on lo, on a dummy interface, on a tunnel; alone, without a net around them.
 * @param named by the administrator: these count wherever they are, with any prefix
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

/** Real servers at the far end of tunnels. */
import type { Lab } from './lab.js';
import type { Namespace } from './namespace.js';
import { perform, settingLines, type Addresses } from './network.js';

/** Before the namespaces are made: only then have they devices that receive from everywhere, as tunl0. */
export async function loadTunnels(lab: Lab): Promise<void> {
  await perform(
    lab,
    'for module in ipip ip_gre sit ip6_tunnel ip6_gre fou fou6; do /run/modprobe $module; done',
  );
}

/** Of each outer family: packets of its own family within it, packets of the other one. */
const DEVICES = ['tunl0', 'sit0', 'ip6tnl0', 'any6', 'gre0', 'ip6gre0', 'sum4', 'sum6'];

/** The port that gue comes to. */
export const GUE_PORT = 6080;

export interface TunnelEnd {
  readonly addresses: Addresses;
  /** Of the same machine: gre with checksums comes here. A device of the kernel's takes all others. */
  readonly summed: Addresses;
}

/** The real server takes what comes by ipip, gue and gre out of its tunnel, IPv4 and IPv6 in either of them. */
export async function openTunnels(
  realServer: Namespace,
  { addresses, summed }: TunnelEnd,
): Promise<void> {
  await perform(
    realServer,
    [
      `ip addr add ${summed.ipv4}/24 dev eth0`,
      `ip addr add ${summed.ipv6}/64 dev eth0`,
      `ip link add any6 type ip6tnl mode any local ${addresses.ipv6} remote ::`,
      `ip link add sum4 type gre local ${summed.ipv4} icsum`,
      `ip link add sum6 type ip6gre local ${summed.ipv6} remote :: icsum`,
      `ip fou add port ${GUE_PORT} gue`,
      `ip fou add port ${GUE_PORT} gue -6`,
      ...DEVICES.map((device) => `ip link set ${device} up`),
      // The way back to the client does not lead into the tunnel.
      settingLines({
        'ipv4/conf/all/rp_filter': 0,
        ...Object.fromEntries(DEVICES.map((device) => [`ipv4/conf/${device}/rp_filter`, 0])),
      }),
    ].join('\n'),
  );
}

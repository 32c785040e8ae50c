import { IpAddress } from '../ipvs/model/address.js';
import { inNet } from '../ipvs/model/network.js';
import type { Link, Route } from '../host/network.js';

/** Whether an address is in a network of an interface. */
function isOnWire({ addresses }: Link, address: IpAddress): boolean {
  return addresses.some((own) => {
    const net = IpAddress.tryParse(own.address);
    // An address with the full prefix length, as virtual ones have, has no network.
    if (net === undefined || own.prefixLength === 8 * net.bytes.length) return false;
    return inNet(address, net, own.prefixLength);
  });
}

/**
 * The interfaces on which others may send ARP requests for an IPv4 address: those in its network, and those with a default
 * route. On other interfaces, such as a bridge for containers, no one asks for it.
 */
export function wiresOf(
  address: IpAddress,
  links: readonly Link[],
  routes: readonly Route[],
): readonly Link[] {
  const speaking = links.filter(({ up, arp }) => up && arp);
  const outwards = new Set(routes.filter(({ to }) => to === 'default').map((r) => r.device));
  return speaking.filter((link) => isOnWire(link, address) || outwards.has(link.name));
}

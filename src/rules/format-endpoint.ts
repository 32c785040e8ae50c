import type { TextPieces } from '../common/text-pieces.js';
import type { IpAddress } from '../ipvs/model/address.js';
import type { Endpoint } from '../ipvs/proc/read-connections.js';

/** How addresses and ports are written: as numbers, or by name. */
export interface Naming {
  address(address: IpAddress): string;
  /** @param protocol lower case; undefined for a service by mark, whose ports have no names. */
  port(port: number, protocol: string | undefined): string;
}

export const numericNaming: Naming = {
  address: (address) => address.toString(),
  port: (port) => String(port),
};

/** An address and a port: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function formatEndpoint(
  { address, port }: Endpoint,
  protocol: string | undefined,
  naming: Naming,
): string {
  const host = naming.address(address);
  const bracketed = address.family === 'ipv6' ? `[${host}]` : host;
  return `${bracketed}:${naming.port(port, protocol)}`;
}

/**
 * Adds what {@link formatEndpoint} gives. IPv4 in numbers, of which long listings consist, is added number by number: the
 * engine keeps the texts of small numbers.
 */
export function addEndpoint(
  text: TextPieces,
  endpoint: Endpoint,
  protocol: string | undefined,
  naming: Naming,
): void {
  const { address, port } = endpoint;
  if (naming !== numericNaming || address.family === 'ipv6') {
    text.add(formatEndpoint(endpoint, protocol, naming));
    return;
  }
  for (let index = 0; index < 4; index += 1) {
    if (index > 0) text.add('.');
    text.add(String(address.bytes[index] ?? 0));
  }
  text.add(':');
  text.add(String(port));
}

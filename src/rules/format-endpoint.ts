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

const lastOctets = Array.from({ length: 256 }, (_, value) => String(value));
const octets = lastOctets.map((text) => `${text}.`);

/** Adds what {@link formatEndpoint} gives. IPv4 in numbers, which long listings are made of, leaves no garbage. */
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
  const { bytes } = address;
  for (let index = 0; index < 3; index += 1) text.add(octets[bytes[index] ?? 0] ?? '');
  text.add(lastOctets[bytes[3] ?? 0] ?? '');
  text.add(':');
  text.add(String(port));
}

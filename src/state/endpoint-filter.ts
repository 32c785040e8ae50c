import { HOST_PREFIX_LENGTH } from '../common/ip-family.js';
import { IpAddress } from '../ipvs/model/address.js';
import { inNet } from '../ipvs/model/network.js';
import type { PortNames } from './selection.js';

/** Addresses of a network, on one port or on all. */
export interface EndpointFilter {
  readonly net: IpAddress;
  readonly prefixLength: number;
  /** Undefined: whatever port. */
  readonly port: number | undefined;
}

/** `A`, `A/LEN`, `[A]`, `[A]/LEN`, `[A/LEN]`, each with `:PORT`; IPv6 with a port stands in brackets. */
const BRACKETED = /^\[([^[\]/]+)(?:\/(\d{1,3}))?\](?:\/(\d{1,3}))?(?::([\w-]+))?$/;
const IPV4 = /^([\d.]+)(?:\/(\d{1,2}))?(?::([\w-]+))?$/;
const IPV6 = /^([\da-f:.]+)(?:\/(\d{1,3}))?$/i;

/**
 * Reads which addresses and ports are meant: `10.0.0.2`, `10.0.0.0/24`, `10.0.0.2:8080`, `10.0.0.0/24:http`, `2001:db8::/32`,
 * `[2001:db8::/32]:443`.
 * @throws RangeError when it is none of these.
 */
export function parseEndpointFilter(text: string, ports?: PortNames): EndpointFilter {
  const [address = '', length, portText] = partsOf(text);
  const net = IpAddress.tryParse(address);
  const port = portText === undefined ? undefined : portOf(portText, ports);
  if (net !== undefined && port !== NO_PORT) {
    const longest = HOST_PREFIX_LENGTH[net.family];
    const prefixLength = length === undefined ? longest : Number(length);
    if (prefixLength <= longest) return { net, prefixLength, port };
  }
  throw new RangeError(
    `${JSON.stringify(text)} is not an address, alone or with a prefix length or a port: 10.0.0.2, 10.0.0.0/24, 10.0.0.2:8080, [2001:db8::/32]:443`,
  );
}

/** The address, the prefix length and the port, as far as they are there. */
function partsOf(text: string): readonly (string | undefined)[] {
  const bracketed = BRACKETED.exec(text);
  if (bracketed !== null) {
    const [, address, inside, behind, port] = bracketed;
    return inside !== undefined && behind !== undefined ? [] : [address, inside ?? behind, port];
  }
  const [, ...parts] = IPV4.exec(text) ?? IPV6.exec(text) ?? [];
  return parts;
}

const NO_PORT = -1;

function portOf(text: string, ports: PortNames | undefined): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : ports?.(text, undefined);
  return port === undefined || port > 0xffff ? NO_PORT : port;
}

/** Whether an address and a port are among those that are meant. */
export function matchesEndpoint(
  { net, prefixLength, port }: EndpointFilter,
  address: IpAddress,
  itsPort: number,
): boolean {
  return (port === undefined || port === itsPort) && inNet(address, net, prefixLength);
}

import { IpAddress } from './address.js';
import { shown } from './checks.js';
import type { DestinationId } from './destination.js';
import type { Protocol, ServiceId } from './service.js';

const MARK = /^mark[:/](0x[\da-f]{1,8}|\d{1,10})(?:\/ipv([46]))?$/i;
const ADDRESS_SERVICE = /^(tcp|udp|sctp)[:/](.*)$/i;
/** IPv6 stands in brackets, so that its last group is not taken for a port. */
const ENDPOINT = /^(?:\[([^[\]]*:[^[\]]*)\]|([\d.]*)):([\w-]+)$/;

/**
 * Reads the text of a virtual service: `tcp:192.0.2.1:80`, `udp:[2001:db8::1]:53`, `mark:7`, `mark:0x7/ipv6`. Upper case
 * and `tcp/192.0.2.1:80` are accepted. {@link formatServiceId} is the other way round.
 * @param portNumber looks up the number of a port's name; without it, ports are numbers.
 * @throws RangeError when the text is none of these.
 *
 * @example
 * ```ts
 * import { formatServiceId, parseServiceId } from 'ipvs';
 *
 * console.log(formatServiceId(parseServiceId('TCP/192.0.2.1:80'))); // tcp:192.0.2.1:80
 * console.log(formatServiceId(parseServiceId('mark:0x10/ipv6'))); // mark:16/ipv6
 * ```
 */
export function parseServiceId(
  text: string,
  portNumber?: (name: string, protocol: Protocol) => number | undefined,
): ServiceId {
  const [, digits, version] = MARK.exec(text) ?? [];
  if (digits !== undefined) {
    const firewallMark = Number(digits);
    if (firewallMark >= 1 && firewallMark <= 0xffff_ffff) {
      return { firewallMark, family: version === '6' ? 'ipv6' : 'ipv4' };
    }
  }
  const [, protocol = '', rest = ''] = ADDRESS_SERVICE.exec(text) ?? [];
  const known = protocol.toLowerCase() as Protocol;
  const endpoint = parseEndpoint(rest, (name) => portNumber?.(name, known));
  if (endpoint !== undefined) return { protocol: known, ...endpoint };
  throw new RangeError(
    `service: ${shown(text)} is not of the form tcp:192.0.2.1:80, udp:[2001:db8::1]:53 or mark:7`,
  );
}

/**
 * Reads the text of a real server: `10.0.0.2:8080`, `[2001:db8::2]:443`. {@link formatDestinationId} is the other way round.
 * @throws RangeError when the text is neither.
 *
 * @example
 * ```ts
 * import { parseDestinationId } from 'ipvs';
 *
 * const { address, port } = parseDestinationId('[2001:db8::2]:443');
 * console.log(`${address} ${port}`); // 2001:db8::2 443
 * ```
 */
export function parseDestinationId(text: string): DestinationId {
  const endpoint = parseEndpoint(text);
  if (endpoint !== undefined) return endpoint;
  throw new RangeError(
    `destination: ${shown(text)} is not of the form 10.0.0.2:8080 or [2001:db8::2]:443`,
  );
}

function parseEndpoint(
  text: string,
  portNumber?: (name: string) => number | undefined,
): DestinationId | undefined {
  const [, ipv6, ipv4, word = ''] = ENDPOINT.exec(text) ?? [];
  const address = IpAddress.tryParse(ipv6 ?? ipv4 ?? '');
  const port = /^\d{1,5}$/.test(word) ? Number(word) : portNumber?.(word);
  if (address === undefined || port === undefined || port > 0xffff) return undefined;
  return { address, port };
}

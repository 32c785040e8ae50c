import { IpAddress } from '../../ipvs/model/address.js';
import type { AddressService, Protocol, ServiceId } from '../../ipvs/model/service.js';
import { familyOf, isMark } from '../../ipvs/model/service.js';
import type { ParsedOptions, ParsedServer, Names } from './parsed-options.js';
import { isDigits, readInetAton, readInteger, readLeadingInteger } from './numbers.js';
import { RuleError } from '../rule-error.js';

/** Reading `host[:port]` and masks. */

/** An address, and the port as it was written. */
interface Written {
  readonly address: IpAddress;
  readonly port: string | undefined;
}

/** Reads `host[:port]` of a virtual service; a port that is left out is 0. Undefined when it is illegal. */
export function readService(
  text: string,
  protocol: Protocol,
  names: Names,
): AddressService | undefined {
  const written = readWritten(text, names);
  if (written === undefined) return undefined;
  const port = written.port === undefined ? 0 : readPort(written.port, protocol, names);
  return port === undefined ? undefined : { protocol, address: written.address, port };
}

/** Reads `host[:port]` of a real server. The name of a port waits when the service is not known yet. */
export function readServer(
  text: string,
  service: ServiceId | undefined,
  names: Names,
): ParsedServer | undefined {
  const written = readWritten(text, names);
  if (written?.port === undefined) return written && { address: written.address, port: undefined };
  const { address } = written;
  if (service !== undefined) {
    const port = readPort(written.port, protocolOf(service), names);
    return port === undefined ? undefined : { address, port };
  }
  return { address, port: readInteger(written.port, 0, 65_535) ?? written.port };
}

/** The port of a real server once its service is known: what was left out is the service's. */
export function serverPort(
  { port }: ParsedServer,
  service: ServiceId,
  names: Names,
): number | undefined {
  if (port === undefined) return isMark(service) ? 0 : service.port;
  return typeof port === 'number' ? port : names.port(port, protocolOf(service));
}

/** Ports of a service by mark are named after TCP's. */
function protocolOf(service: ServiceId): Protocol {
  return isMark(service) ? 'tcp' : service.protocol;
}

function readPort(text: string, protocol: Protocol, names: Names): number | undefined {
  return readInteger(text, 0, 65_535) ?? names.port(text, protocol);
}

function readWritten(text: string, names: Names): Written | undefined {
  if (text === '' || isDigits(text)) return undefined;
  if (text.startsWith('[')) return readBracketed(text.slice(1), names);
  const ipv6 = readIpv6(text);
  if (ipv6 !== undefined) return { address: ipv6, port: undefined };
  const colon = text.lastIndexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  const address = readHost(host, 'ipv4', names);
  return address && { address, port: colon < 0 ? undefined : text.slice(colon + 1) };
}

/** `address]:port`; a name in brackets is that of an IPv6 address, so that rules saved with names can be restored. */
function readBracketed(text: string, names: Names): Written | undefined {
  const end = text.indexOf(']:');
  if (end < 0 || text.indexOf(']') !== end) return undefined;
  const host = text.slice(0, end);
  const port = text.slice(end + 2);
  const ipv6 = readIpv6(host);
  if (ipv6 !== undefined) return { address: ipv6, port };
  const address = readHost(host, 'ipv6', names);
  return address && { address, port };
}

/** An IPv4 address in any form, or a host name, which stands for an address of the family. */
function readHost(host: string, family: 'ipv4' | 'ipv6', names: Names): IpAddress | undefined {
  const written = IpAddress.tryParse(host);
  if (written?.family === 'ipv4') return written;
  const bytes = readInetAton(host);
  if (bytes !== undefined) return IpAddress.fromBytes('ipv4', bytes);
  // What has other characters is no host name: no resolver need be asked.
  return /^[\w.-]+$/.test(host) ? names.host(host, family) : undefined;
}

function readIpv6(text: string): IpAddress | undefined {
  // A port has one colon before it, an IPv6 address has two at least.
  return text.indexOf(':') === text.lastIndexOf(':') ? undefined : IpAddress.tryParse(text);
}

/** What -M says, for a service's family: an IPv4 mask in any address form, or an IPv6 prefix length. */
export type Mask = { readonly netmask: IpAddress } | { readonly prefixLength: number };

/** @throws RuleError when the text is no mask of the family. */
export function readMask(text: string, family: 'ipv4' | 'ipv6', names: Names): Mask {
  if (family === 'ipv6') {
    const prefixLength = readLeadingInteger(text);
    if (prefixLength < 1 || prefixLength > 128) {
      throw new RuleError('illegal ipv6 netmask specified');
    }
    return { prefixLength };
  }
  const netmask = readHost(text, 'ipv4', names);
  if (netmask === undefined) {
    throw new RuleError('illegal virtual server persistent mask specified');
  }
  return { netmask };
}

/** Complains of a mask as soon as it is certain to be wrong: a mark may still turn out to be IPv6. */
export function checkMask(text: string, { service, ipv6 }: ParsedOptions, names: Names): void {
  if (service === undefined) return;
  const family = ipv6 === true ? 'ipv6' : familyOf(service);
  if (isMark(service) && family === 'ipv4') return;
  readMask(text, family, names);
}

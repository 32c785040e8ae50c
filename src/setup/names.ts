import type { IpAddress } from '../ipvs/model/address.js';
import { HOST_LENGTH, versionOf } from '../host/ip-family.js';
import type { IpVersion } from '../host/network.js';
import type { Sysctl } from '../host/sysctl.js';

/** Names and lines of steps, as values: the journal and the reports have them as text. */

/** An address on an interface, with the length of its net. */
export interface AddressPlace {
  /** As iproute2 prints it: `2001:db8::1`. */
  readonly address: string;
  readonly prefixLength: number;
  /** Undefined when no interface is known for it: shown as `?`. */
  readonly device: string | undefined;
}

/** A virtual address by itself, whatever net it is in. */
export function hostPlace(address: IpAddress, device: string | undefined): AddressPlace {
  return { address: address.toString(), prefixLength: HOST_LENGTH[versionOf(address)], device };
}

/** As iproute2 takes it: `192.0.2.1/32 dev eth0`. */
export function formatPlace({ address, prefixLength, device = '?' }: AddressPlace): string {
  return `${address}/${prefixLength} dev ${device}`;
}

/** What {@link formatPlace} has written; undefined for other text. */
export function parsePlace(text: string): AddressPlace | undefined {
  const [, address, length, device] = /^([^/ ]+)\/(\d+) dev (\S+)$/.exec(text) ?? [];
  if (address === undefined || length === undefined) return undefined;
  return { address, prefixLength: Number(length), device: device === '?' ? undefined : device };
}

/** A sysctl with the value it has or gets. */
export interface SysctlAssignment {
  readonly path: Sysctl;
  readonly value: string;
}

/** `net/ipv4/ip_forward=1` */
export function formatAssignment({ path, value }: SysctlAssignment): string {
  return `${path}=${value}`;
}

/** What {@link formatAssignment} has written. */
export function parseAssignment(line: string): SysctlAssignment {
  const sign = line.indexOf('=');
  return { path: line.slice(0, sign), value: line.slice(sign + 1) };
}

/** Where our routes to a destination stand: in the main table, with our metric. */
export interface RouteSlot {
  readonly version: IpVersion;
  /** `default`, or an address. */
  readonly to: string;
}

/** `-4 default` */
export function formatRouteSlot({ version, to }: RouteSlot): string {
  return `-${version} ${to}`;
}

/** What {@link formatRouteSlot} has written. */
export function parseRouteSlot(name: string): RouteSlot {
  return { version: name.startsWith('-6 ') ? 6 : 4, to: name.slice('-4 '.length) };
}

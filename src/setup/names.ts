import type { Family } from '../common/ip-family.js';
import { ipOption } from '../host/network.js';
import type { Sysctl } from '../host/sysctl.js';

/** Names and lines of steps, as values: the journal and the reports have them as text. */

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
  readonly family: Family;
  /** `default`, or an address. */
  readonly to: string;
}

/** `-4 default` */
export function formatRouteSlot({ family, to }: RouteSlot): string {
  return `${ipOption(family)} ${to}`;
}

/** What {@link formatRouteSlot} has written. */
export function parseRouteSlot(name: string): RouteSlot {
  return { family: name.startsWith('-6 ') ? 'ipv6' : 'ipv4', to: name.slice('-4 '.length) };
}

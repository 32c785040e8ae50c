import type { Host } from './host.js';
import type { HostSnapshot } from './snapshot.js';

/** A sysctl, by its path below /proc/sys: `net/ipv4/conf/eth0.7/arp_ignore`. */
export type Sysctl = string;

/**
 * As sysctl(8) writes it: `net.ipv4.conf.eth0/7.arp_ignore`. A dot in an interface's name becomes a slash.
 */
export function sysctlName(setting: Sysctl): string {
  return setting.replaceAll(/[./]/g, (sign) => (sign === '/' ? '.' : '/'));
}

/** As sysctl(8) prints it: `net.ipv4.ip_forward = 0`. */
export function formatSysctl(setting: Sysctl, value: number | string): string {
  return `${sysctlName(setting)} = ${value}`;
}

/** The command line that sets it. */
export function sysctlCommand(setting: Sysctl, value: number | string): string {
  return `sysctl -w ${sysctlName(setting)}=${value}`;
}

/** Its value, without the end of the line; undefined if this kernel lacks it. */
export async function readSysctl(host: Host, setting: Sysctl): Promise<string | undefined> {
  return (await host.read(`/proc/sys/${setting}`))?.trim();
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

/** The value of a sysctl for all interfaces, or for one. */
export interface ScopedSysctl {
  readonly setting: Sysctl;
  readonly value: number;
}

/** The values of a sysctl of net/ipv4/conf for all interfaces and for one of them, where this kernel has it. */
export async function readSysctlScopes(
  snapshot: Pick<HostSnapshot, 'sysctlNumber'>,
  device: string,
  name: string,
): Promise<readonly ScopedSysctl[]> {
  const read = ['all', device].map(async (scope) => {
    const setting = `net/ipv4/conf/${scope}/${name}`;
    const value = await snapshot.sysctlNumber(setting);
    return value === undefined ? [] : [{ setting, value }];
  });
  return (await Promise.all(read)).flat();
}

/**
 * The value in effect on an interface for sysctls of net/ipv4/conf of which the greater value counts, the one for all
 * interfaces or its own: arp_ignore, arp_announce, rp_filter. Source: Documentation/networking/ip-sysctl.rst.
 */
export function effectiveSysctl(scopes: readonly ScopedSysctl[]): number {
  return scopes.length === 0 ? 0 : Math.max(...scopes.map(({ value }) => value));
}

import type { Host } from './host.js';
import type { HostSnapshot } from './snapshot.js';

/** A setting of the kernel by its path below /proc/sys: `net/ipv4/conf/eth0.7/arp_ignore`. */
export type Sysctl = string;

/**
 * As sysctl(8) writes it: `net.ipv4.conf.eth0/7.arp_ignore`. A dot of an interface's name changes places with the slash.
 */
export function sysctlName(setting: Sysctl): string {
  return setting.replaceAll(/[./]/g, (sign) => (sign === '/' ? '.' : '/'));
}

/** What sysctl(8) prints of a setting: `net.ipv4.ip_forward = 0`. */
export function formatSysctl(setting: Sysctl, value: number | string): string {
  return `${sysctlName(setting)} = ${value}`;
}

/** The command line that sets it. */
export function sysctlCommand(setting: Sysctl, value: number | string): string {
  return `sysctl -w ${sysctlName(setting)}=${value}`;
}

/** Its value, without the end of the line; undefined when this kernel does not have it. */
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

/** What a setting is in one of its places. */
export interface ScopedSysctl {
  readonly setting: Sysctl;
  readonly value: number;
}

/** A setting of net/ipv4/conf for all interfaces and for one of them, where this kernel has it. */
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
 * What holds on an interface for the settings of net/ipv4/conf of which the greater value counts, that for all interfaces or
 * its own: arp_ignore, arp_announce, rp_filter (Documentation/networking/ip-sysctl.rst).
 */
export function effectiveSysctl(scopes: readonly ScopedSysctl[]): number {
  return scopes.length === 0 ? 0 : Math.max(...scopes.map(({ value }) => value));
}

import type { Machine } from './machine.js';

/** A setting of the kernel by its path below /proc/sys: `net/ipv4/conf/eth0.7/arp_ignore`. */
export type Setting = string;

/**
 * As sysctl(8) writes it: `net.ipv4.conf.eth0/7.arp_ignore`. A dot of an interface's name changes places with the slash.
 */
export function settingName(setting: Setting): string {
  return setting.replaceAll(/[./]/g, (sign) => (sign === '/' ? '.' : '/'));
}

/** Its value, without the end of the line; undefined when this kernel does not have it. */
export async function readSetting(machine: Machine, setting: Setting): Promise<string | undefined> {
  return (await machine.read(`/proc/sys/${setting}`))?.trim();
}

/** The same as a number; undefined also when it is none. */
export async function readNumber(machine: Machine, setting: Setting): Promise<number | undefined> {
  const text = await readSetting(machine, setting);
  return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text);
}

/**
 * What holds on an interface for the settings of net/ipv4/conf of which the greater value counts, that for all interfaces or
 * its own: arp_ignore, arp_announce, rp_filter (Documentation/networking/ip-sysctl.rst).
 */
export async function effective(
  machine: Machine,
  device: string,
  name: 'arp_announce' | 'arp_ignore' | 'rp_filter',
): Promise<number> {
  const [all = 0, own = 0] = await Promise.all(
    ['all', device].map((scope) => readNumber(machine, `net/ipv4/conf/${scope}/${name}`)),
  );
  return Math.max(all, own);
}

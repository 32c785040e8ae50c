import { families } from '../common/ip-family.js';
import type { Family } from '../common/ip-family.js';
import type { Host } from './host.js';
import { HostError } from './host-error.js';
import { ipOption, runIp } from './network.js';

/**
 * Where set-up puts its routes to a destination: in the main table, with the metric that comes before all others. That is
 * none for IPv4; and 1 for IPv6, where no metric stands for 1024.
 */
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

/**
 * The routes of slots, by the name of the slot, as lines that `ip route` takes: its JSON does not say how to add a route
 * again.
 */
export async function readRouteSlots(
  host: Host,
  slots: readonly RouteSlot[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const routes = new Map<string, string[]>(slots.map((slot) => [formatRouteSlot(slot), []]));
  for (const family of families) {
    const own = slots.filter((slot) => slot.family === family);
    if (own.length === 0) continue;
    for (const line of await show(host, family, own)) {
      if (!isOurs(family, line)) continue;
      // The type of a route that leads nowhere comes before its destination: `blackhole 192.0.2.1`.
      const [first = '', second = ''] = line.split(' ');
      for (const to of [first, second]) {
        const lines = routes.get(formatRouteSlot({ family, to }));
        lines?.push(line);
        if (lines !== undefined) break;
      }
    }
  }
  return routes;
}

/** One `ip` for all destinations: each line that it prints begins with its destination. */
async function show(
  host: Host,
  family: Family,
  slots: readonly RouteSlot[],
): Promise<readonly string[]> {
  const words = [ipOption(family), '-oneline', '-batch', '-'];
  const asked = slots.map(({ to }) => `route show table main ${to}\n`);
  const said = await runIp(host, words, asked.join(''));
  if (said.status !== 0)
    throw new HostError(`ip ${ipOption(family)} route show: ${said.stderr.trim()}`);
  return said.stdout
    .split('\n')
    .map((line) => line.replaceAll('\\', ' ').replaceAll(OBSERVED, ' '))
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
}

/** Not settings of a route but its state, which `ip route` does not take; and `pref medium`, which all of IPv6 have. */
const OBSERVED =
  /\s(?:linkdown|dead|offload|trap|rt_offload|rt_trap|pref medium|expires \d+sec)(?=\s|$)/g;

function isOurs(family: Family, line: string): boolean {
  if (family === 'ipv6') return / metric 1(?: |$)/.test(line);
  return !/ (?:metric|tos|dsfield) /.test(line);
}

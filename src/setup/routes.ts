import type { Host } from '../host/host.js';
import { HostError } from '../host/host-error.js';
import { ipOption, runIp } from '../host/network.js';
import { families } from '../common/ip-family.js';
import type { Family } from '../common/ip-family.js';
import { formatRouteSlot, parseRouteSlot } from './names.js';
import type { RouteSlot } from './names.js';

/**
 * The routes to destinations that have our metric, before which none comes: none with IPv4, and 1 with IPv6, where none
 * stands for 1024. They are lines that `ip route` takes again: its JSON does not say how to add one again.
 * @param names of steps: `-4 default`, `-4 192.0.2.1`.
 */
export async function routesIn(
  host: Host,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const routes = new Map<string, string[]>(names.map((name) => [name, []]));
  const slots = names.map(parseRouteSlot);
  for (const family of families) {
    const own = slots.filter((slot) => slot.family === family);
    if (own.length === 0) continue;
    for (const line of await show(host, family, own)) {
      if (!isOurs(family, line)) continue;
      // One that leads nowhere has its type before its destination.
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

/** One `ip` for all destinations: each line it prints begins with its own. */
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

/** What is no part of a route, but what the kernel has seen of it; and `pref medium`, which all of IPv6 have. */
const OBSERVED =
  /\s(?:linkdown|dead|offload|trap|rt_offload|rt_trap|pref medium|expires \d+sec)(?=\s|$)/g;

function isOurs(family: Family, line: string): boolean {
  if (family === 'ipv6') return / metric 1(?: |$)/.test(line);
  return !/ (?:metric|tos|dsfield) /.test(line);
}

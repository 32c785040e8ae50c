import type { Host } from '../host/host.js';
import { IpProblem, runIp } from '../host/network.js';

/**
 * The routes to destinations that have our metric, before which none comes: none with IPv4, and 1 with IPv6, where none
 * stands for 1024. They are lines that `ip route` takes again: what it prints as JSON does not say how to make one anew.
 * @param names of steps: `-4 default`, `-4 192.0.2.1`.
 */
export async function routesIn(
  host: Host,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const version of ['-4', '-6']) {
    const own = names.filter((name) => name.startsWith(version));
    if (own.length === 0) continue;
    for (const line of await show(host, version, own)) {
      const words = line.split(' ');
      // One that leads nowhere has its type before its destination.
      const to = [words[0], words[1]].find((word) => found.has(`${version} ${word ?? ''}`));
      if (isOurSlot(version, line)) found.get(`${version} ${to ?? ''}`)?.push(line);
    }
  }
  return found;
}

/** One `ip` for all destinations: each line it prints begins with its own. */
async function show(
  host: Host,
  version: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const words = [version, '-oneline', '-batch', '-'];
  const asked = names.map((name) => `route show table main ${name.split(' ')[1] ?? ''}\n`);
  const said = await runIp(host, words, asked.join(''));
  if (said.status !== 0) throw new IpProblem(`ip ${version} route show: ${said.stderr.trim()}`);
  return said.stdout
    .split('\n')
    .map((line) => line.replaceAll('\\', ' ').replaceAll(OBSERVED, ' '))
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
}

/** What is no part of a route, but what the kernel has seen of it; and `pref medium`, which all of IPv6 have. */
const OBSERVED =
  /\s(?:linkdown|dead|offload|trap|rt_offload|rt_trap|pref medium|expires \d+sec)(?=\s|$)/g;

function isOurSlot(version: string, line: string): boolean {
  if (version === '-6') return / metric 1(?: |$)/.test(line);
  return !/ (?:metric|tos|dsfield) /.test(line);
}

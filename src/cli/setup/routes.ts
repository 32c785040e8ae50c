import type { Machine } from '../../machine/machine.js';
import { IpProblem } from '../../machine/network.js';

/**
 * The routes to a destination that have our metric, before which none comes: none with IPv4, and 1 with IPv6, where none
 * stands for 1024. They are lines that `ip route` takes again: what it prints as JSON does not say how to make one anew.
 * @param name of a step: `-4 default`, `-4 192.0.2.1`.
 */
export async function routesIn(machine: Machine, name: string): Promise<string[]> {
  const [version = '', to = ''] = name.split(' ');
  const words = [version, '-oneline', 'route', 'show', 'table', 'main', to];
  const said = await machine.run('ip', words);
  if (said === undefined) {
    throw new IpProblem('The program ip is not there: install the package iproute2');
  }
  if (said.status !== 0) throw new IpProblem(`ip ${words.join(' ')}: ${said.stderr.trim()}`);
  return said.stdout
    .split('\n')
    .map((line) => line.replaceAll('\\', ' ').replaceAll(OBSERVED, ' '))
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '' && isOurSlot(version, line));
}

/** What is no part of a route, but what the kernel has seen of it; and `pref medium`, which all of IPv6 have. */
const OBSERVED =
  /\s(?:linkdown|dead|offload|trap|rt_offload|rt_trap|pref medium|expires \d+sec)(?=\s|$)/g;

function isOurSlot(version: string, line: string): boolean {
  if (version === '-6') return / metric 1(?: |$)/.test(line);
  return !/ (?:metric|tos|dsfield) /.test(line);
}

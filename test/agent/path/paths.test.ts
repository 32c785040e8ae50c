import { describe, expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { firewallRules } from '../../../src/agent/path/firewall-rules.js';
import {
  markOf,
  MOST_PATHS,
  pathsOf,
  portsOf,
  privateServiceOf,
  probeAddressOf,
} from '../../../src/agent/path/paths.js';
import type { Path } from '../../../src/agent/path/paths.js';
import { formatServiceId } from '../../../src/ipvs/model/service.js';
import { parseState } from '../../../src/state/file/parse.js';

const web = (servers: readonly string[], service = 'tcp:192.0.2.1:80', method = 'dr') => `
  - service: ${service}
    method: ${method}
    check: {type: tcp, through: path}
    servers: [${servers.map((one) => `'${one}'`).join()}]`;
const paths = (text: string, before: readonly Path[] = []) =>
  pathsOf(
    readAgentConfig(parseState(`services:${text}`)),
    new Map(before.map(({ key, slot }) => [key, slot])),
  );
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 0xff}:80`);
const slotsOf = (all: readonly Path[]) => new Map(all.map(({ key, slot }) => [key, slot]));

describe('slots', () => {
  test('a path has the same slot in each run of an agent, and keeps it when others come and go', () => {
    const first = paths(web(many(200)));
    expect(slotsOf(paths(web(many(200))))).toEqual(slotsOf(first));
    const next = slotsOf(paths(web(many(300).slice(100)), first));
    for (const { key, slot } of first.slice(100)) {
      if (next.has(key)) expect(next.get(key)).toBe(slot);
    }
    expect(new Set(next.values()).size).toBe(200);
  });

  test('paths to one virtual address and port have local ports of their own', () => {
    const all = paths(web(many(MOST_PATHS)));
    const first = all.map((path) => portsOf(path).first);
    expect(new Set(first).size).toBe(MOST_PATHS);
    expect([Math.min(...first), Math.max(...first)]).toEqual([1024, 1024 + 128 * (MOST_PATHS - 1)]);
    expect(Math.max(...all.map((path) => portsOf(path).last))).toBeLessThan(65_536);
  });

  test('more than there are ports for are refused', () => {
    expect(() => paths(web(many(MOST_PATHS + 1)))).toThrow(
      'at most 504 real servers can be checked through 192.0.2.1:80',
    );
  });

  test('two checks of one server through one address are one path', () => {
    const text = `
  - service: tcp:192.0.2.1:80
    check: [{type: tcp, through: path}, {type: http, through: path}, {type: tcp}]
    servers: [10.0.0.2:80]`;
    expect(paths(text)).toHaveLength(1);
  });
});

describe('what a path is made of', () => {
  const at = (slot: number, text = web(['10.0.0.2:80'])): Path => {
    const [path] = paths(text);
    if (path === undefined) throw new Error('there is no path');
    return { ...path, slot };
  };

  test('addresses are of the networks for tests of devices', () => {
    expect(`${probeAddressOf(at(0))}`).toBe('198.18.0.0');
    expect(`${probeAddressOf(at(131_071))}`).toBe('198.19.255.255');
    const six = at(70_000, web(['[2001:db8::2]:80'], 'tcp:[2001:db8::1]:80'));
    expect(`${probeAddressOf(six)}`).toBe('2001:2::1:1170');
  });

  test('the private service has the real server alone, without thresholds', () => {
    const { id, settings, destinations } = privateServiceOf(at(7));
    expect(formatServiceId(id)).toBe(`mark:${markOf(at(7))}`);
    expect(settings.scheduler).toBe('rr');
    expect(destinations.map((one) => [`${one.id.address}`, one.settings.weight])).toEqual([
      ['10.0.0.2', 1],
    ]);
  });

  test('the firewall gets all rules in one step, and none of paths that are no more', () => {
    expect(firewallRules([])).toBe(`table ip ipvs_agent
delete table ip ipvs_agent
table ip6 ipvs_agent
delete table ip6 ipvs_agent
`);
    const [dr, nat] = [at(1), at(2, web(['10.0.0.3:80'], 'tcp:192.0.2.1:81', 'nat'))];
    expect(firewallRules([dr, nat])).toBe(`table ip ipvs_agent
delete table ip ipvs_agent
table ip ipvs_agent {
map marks {
type ipv4_addr : mark
elements = {
198.18.0.1 : 1229979649,
198.18.0.2 : 1229979650
}
}
map virtual {
type ipv4_addr : ipv4_addr
elements = {
198.18.0.1 : 192.0.2.1
}
}
map answers {
type ipv4_addr . inet_service . inet_service : ipv4_addr
flags interval
elements = {
192.0.2.1 . 80 . 1152-1279 : 198.18.0.1
}
}
chain untracked {
type filter hook output priority raw
ip daddr 198.18.0.0/15 notrack
}
chain output {
type filter hook output priority mangle
ip daddr 198.18.0.0/15 meta mark set ip daddr map @marks
ip daddr 198.18.0.0/15 ip daddr set ip daddr map @virtual
}
chain prerouting {
type filter hook prerouting priority raw
meta l4proto { tcp, udp } ip saddr set ip saddr . th sport . th dport map @answers notrack
}
}
table ip6 ipvs_agent
delete table ip6 ipvs_agent
`);
  });
});

import type { Family } from '../../common/ip-family.js';
import { hasVirtualAddress, markOf, portsOf, PROBE_NETWORKS, probeAddressOf } from './paths.js';
import type { Path } from './paths.js';

/** The name of the agent's table in nftables, for both families. */
export const TABLE = 'ipvs_agent';
export const FAMILIES = { ipv4: 'ip', ipv6: 'ip6' } as const;

/** Input for `nft -f -` that replaces the agent's rules with those of these paths, atomically. */
export function firewallRules(paths: readonly Path[]): string {
  const families = Object.keys(FAMILIES) as Family[];
  return families
    .map((family) => {
      const own = paths.filter(({ virtual }) => virtual.family === family);
      return removed(family) + (own.length === 0 ? '' : table(family, own));
    })
    .join('');
}

/** Deleting a table that does not exist is an error, so it is added first. */
function removed(family: Family): string {
  const name = `${FAMILIES[family]} ${TABLE}`;
  return `table ${name}\ndelete table ${name}\n`;
}

/**
 * Both directions are `notrack`: IPVS drops the tracking entry of the request, so conntrack would call the reply invalid, and
 * a firewall would drop it.
 */
function table(family: Family, paths: readonly Path[]): string {
  const [word, network] = [FAMILIES[family], PROBE_NETWORKS[family]];
  const address = `${family}_addr`;
  const rewritten = paths.filter(hasVirtualAddress);
  const maps = [
    map('marks', `${address} : mark`, paths, (path) => [`${probeAddressOf(path)}`, markOf(path)]),
  ];
  const rules = [`${word} daddr ${network} meta mark set ${word} daddr map @marks`];
  const answers: string[] = [];
  if (rewritten.length > 0) {
    maps.push(
      map('virtual', `${address} : ${address}`, rewritten, (path) => [
        `${probeAddressOf(path)}`,
        `${path.virtual}`,
      ]),
      map('answers', `${address} . inet_service . inet_service : ${address}`, rewritten, (path) => {
        const { first, last } = portsOf(path);
        return [`${path.virtual} . ${path.port} . ${first}-${last}`, `${probeAddressOf(path)}`];
      }),
    );
    rules.push(`${word} daddr ${network} ${word} daddr set ${word} daddr map @virtual`);
    answers.push(
      `meta l4proto { tcp, udp } ${word} saddr set ${word} saddr . th sport . th dport map @answers notrack`,
    );
  }
  return `table ${word} ${TABLE} {
${maps.join('')}${chain('untracked', 'output priority raw', [`${word} daddr ${network} notrack`])}${chain('output', 'output priority mangle', rules)}${chain('prerouting', 'prerouting priority raw', answers)}}
`;
}

function map(
  name: string,
  type: string,
  paths: readonly Path[],
  elementOf: (path: Path) => readonly [key: string, value: string | number],
): string {
  const elements = paths.map((path) => elementOf(path).join(' : ')).join(',\n');
  const flags = name === 'answers' ? 'flags interval\n' : '';
  return `map ${name} {\ntype ${type}\n${flags}elements = {\n${elements}\n}\n}\n`;
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return `chain ${name} {\ntype filter hook ${hook}\n${rules.join('\n')}\n}\n`;
}

import type { Host } from '../../host/host.js';
import { families } from '../../common/ip-family.js';
import type { Family } from '../../common/ip-family.js';
import type { Program } from '../../common/programs.js';
import { CheckSkipped } from '../check.js';
import { readIptables } from './iptables.js';
import { readNft } from './nft.js';
import type { Ruleset } from './rules.js';

/** The rules of nftables and of both kinds of iptables, which are all in effect at the same time. */
export async function readFirewall(host: Host): Promise<readonly Ruleset[]> {
  const rulesets: Ruleset[] = [];
  const known = new Set<string>();
  for (const family of families) {
    rulesets.push(...(await legacy(host, family)));
    const modern = await overNft(host, family);
    rulesets.push(...modern);
    if (modern.length > 0) known.add(family === 'ipv4' ? 'ip filter' : 'ip6 filter');
  }
  const said = await host.run('nft', ['-j', 'list', 'ruleset']);
  if (said === undefined) return rulesets;
  if (said.status !== 0) {
    // A kernel without nf_tables has no such rules.
    if (said.stderr.includes('not supported')) return rulesets;
    throw new CheckSkipped(`nft -j list ruleset: ${said.stderr.trim()}`);
  }
  try {
    return [...rulesets, ...readNft(said.stdout, known)];
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new CheckSkipped(`nft -j list ruleset: ${error.message}`);
    throw error;
  }
}

const NAMES = { ipv4: 'ip', ipv6: 'ip6' } as const;

/** Legacy iptables. The kernel shows whether it is in use; to run its programs would load it. */
async function legacy(host: Host, family: Family): Promise<Ruleset[]> {
  const name = NAMES[family];
  const tables = (await host.read(`/proc/net/${name}_tables_names`)) ?? '';
  if (!tables.split('\n').includes('filter')) return [];
  // Where it is the only kind, its programs have the plain names.
  for (const kind of [`${name}tables-legacy`, `${name}tables`] as const) {
    const program: Program = `${kind}-save`;
    const said = await host.run(program, ['-t', 'filter']);
    if (said === undefined || said.stdout.includes('(nf_tables)')) continue;
    if (said.status !== 0) throw new CheckSkipped(`${program}: ${said.stderr.trim()}`);
    const ruleset = readIptables(said.stdout, { family, program: kind });
    return ruleset === undefined ? [] : [ruleset];
  }
  throw new CheckSkipped('There are iptables rules here: install iptables to have them checked');
}

/** iptables over nftables: iptables-save shows these rules better than nft does. */
async function overNft(host: Host, family: Family): Promise<Ruleset[]> {
  const program = `${NAMES[family]}tables` as const;
  const said = await host.run(`${program}-save`, ['-t', 'filter']);
  if (said?.status !== 0 || !said.stdout.includes('(nf_tables)')) return [];
  const ruleset = readIptables(said.stdout, { family, program });
  return ruleset === undefined ? [] : [ruleset];
}

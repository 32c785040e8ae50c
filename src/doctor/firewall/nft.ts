import { isRecord, numberOf, recordsOf, textOf } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import { comesBy, inNetOf, portIn, protocolIs, stateIn, unsure } from './matches.js';
import { either, not } from './rules.js';
import type { Chain, Hook, Match, Packet, Rule, Ruleset, Verdict } from './rules.js';

/** The output of `nft -j list ruleset` (libnftables-json(5)), as far as the effect of its rules is certain. */

const FAMILIES = { ip: ['ipv4'], ip6: ['ipv6'], inet: ['ipv4', 'ipv6'] } as const;

function isFamily(text: string): text is keyof typeof FAMILIES {
  return Object.hasOwn(FAMILIES, text);
}

/** The tables, without those that are left out: `ip filter`. @throws SyntaxError when the text is not JSON. */
export function readNft(text: string, without: ReadonlySet<string> = new Set()): Ruleset[] {
  const whole: unknown = JSON.parse(text);
  const records = recordsOf(isRecord(whole) ? whole['nftables'] : undefined);
  const tables = new Map<string, Map<string, Chain & { readonly rules: Rule[] }>>();
  const rulesets: Ruleset[] = [];
  const sets = setsIn(records);
  for (const { table, chain, rule } of records) {
    if (isRecord(table)) {
      const family = textOf(table['family']) ?? '';
      const name = nameOf(family, table['name']);
      if (!isFamily(family) || without.has(name)) continue;
      const chains = new Map<string, Chain & { readonly rules: Rule[] }>();
      tables.set(name, chains);
      const acceptLine = (hook: Hook, packet: Packet) =>
        `nft insert rule ${name} ${chainAt(hook, chains)} ${acceptWords(packet)} accept`;
      rulesets.push({ families: FAMILIES[family], chains, acceptLine });
    } else if (isRecord(chain)) {
      const chains = tables.get(nameOf(chain['family'], chain['table']));
      chains?.set(textOf(chain['name']) ?? '', { rules: [], base: baseOf(chain) });
    } else if (isRecord(rule)) {
      const inTable = tables.get(nameOf(rule['family'], rule['table']));
      inTable?.get(textOf(rule['chain']) ?? '')?.rules.push(...rulesOf(rule, sets));
    }
  }
  return rulesets;
}

/** The elements of a named set, and other values as they are. */
type Elements = (right: unknown) => unknown;

/** The elements of sets by table and name, as a rule writes it: `inet filter @web`. */
function setsIn(records: readonly JsonRecord[]): ReadonlyMap<string, unknown> {
  const sets = new Map<string, unknown>();
  for (const { set } of records) {
    // A set without elements has no such entry. A set that packets add to is not certain.
    if (!isRecord(set) || !isFixed(set['flags'])) continue;
    const name = `${nameOf(set['family'], set['table'])} @${textOf(set['name']) ?? ''}`;
    sets.set(name, { set: set['elem'] ?? [] });
  }
  return sets;
}

function isFixed(flags: unknown): boolean {
  const names = typeof flags === 'string' ? [flags] : listOf(flags);
  return names.every((name) => name === 'interval' || name === 'constant');
}

function nameOf(family: unknown, table: unknown): string {
  return `${textOf(family) ?? ''} ${textOf(table) ?? ''}`;
}

function chainAt(hook: Hook, chains: ReadonlyMap<string, Chain>): string {
  return [...chains].find(([, { base }]) => base?.hook === hook)?.[0] ?? hook;
}

function acceptWords({ family, destination, protocol, destinationPort }: Packet): string {
  const to = `${family === 'ipv4' ? 'ip' : 'ip6'} daddr ${destination?.toString() ?? ''}`;
  return `${to} ${destinationPort === undefined ? `meta l4proto ${protocol}` : `${protocol} dport ${destinationPort}`}`;
}

function baseOf(chain: JsonRecord): Chain['base'] {
  const hook = textOf(chain['hook']);
  if ((hook !== 'input' && hook !== 'forward') || chain['type'] !== 'filter') return undefined;
  const where = `${nameOf(chain['family'], chain['table'])} ${textOf(chain['name']) ?? ''}`;
  const policy = textOf(chain['policy']) ?? 'accept';
  return { hook, drops: policy === 'drop', text: `nft: chain ${where}, policy ${policy}` };
}

/** One rule, or one for each key of a verdict map. */
function rulesOf(rule: JsonRecord, sets: ReadonlyMap<string, unknown>): Rule[] {
  const where = `${nameOf(rule['family'], rule['table'])} ${textOf(rule['chain']) ?? ''}`;
  const text = `nft: chain ${where}, rule with handle ${numberOf(rule['handle']) ?? '?'}`;
  const table = nameOf(rule['family'], rule['table']);
  const elementsOf: Elements = (right) =>
    typeof right === 'string' ? (sets.get(`${table} ${right}`) ?? right) : right;
  const matches: Match[] = [];
  const rules: Rule[] = [];
  let strange = false;
  for (const expression of recordsOf(rule['expr'])) {
    const { match, vmap } = expression;
    const verdict = verdictOf(expression);
    if (isRecord(match)) matches.push(matchOf(match, elementsOf));
    else if (isRecord(vmap)) rules.push(...mapped(text, [...matches], vmap));
    else if (verdict === undefined) {
      matches.push(unsure);
      strange = true;
    } else if (verdict.kind !== 'go on') rules.push({ text, matches: [...matches], verdict });
  }
  // An unknown expression may be a verdict.
  if (strange && rules.length === 0) rules.push({ text, matches, verdict: { kind: 'unknown' } });
  return rules;
}

function mapped(text: string, matches: readonly Match[], vmap: JsonRecord): Rule[] {
  const data = vmap['data'];
  const pairs: unknown = isRecord(data) ? data['set'] : undefined;
  const unknown: Rule = { text, matches, verdict: { kind: 'unknown' } };
  if (!Array.isArray(pairs)) return [unknown];
  return pairs.map((pair: unknown) => {
    const [key, verdict] = listOf(pair);
    const known = isRecord(verdict) ? verdictOf(verdict) : undefined;
    if (known === undefined) return unknown;
    return { text, matches: [...matches, isOneOf(vmap['key'], key)], verdict: known };
  });
}

const STATEMENTS = new Map<string, Verdict>([
  ['accept', { kind: 'accept' }],
  ['drop', { kind: 'drop' }],
  ['reject', { kind: 'drop' }],
  ['return', { kind: 'return' }],
  ['queue', { kind: 'unknown' }],
  // These do not decide where the packet goes.
  ...['counter', 'log', 'mangle', 'comment', 'notrack', 'set', 'flow', 'ct helper'].map(
    (name): [string, Verdict] => [name, { kind: 'go on' }],
  ),
]);

/** Undefined for expressions that may be conditions: a limit, a quota, a match of iptables. */
function verdictOf(expression: JsonRecord): Verdict | undefined {
  const [name = ''] = Object.keys(expression);
  if (name === 'jump' || name === 'goto') {
    const where = expression[name];
    return { kind: name, chain: isRecord(where) ? (textOf(where['target']) ?? '') : '' };
  }
  return STATEMENTS.get(name);
}

function matchOf({ op, left, right }: JsonRecord, elementsOf: Elements): Match {
  const match = isOneOf(left, elementsOf(right));
  if (op === '==' || op === 'in') return match;
  if (op !== '!=') return unsure;
  // A packet of another protocol lacks the field, so it does not match either.
  const has = hasField(left);
  return (packet) => (has(packet) ? not(match(packet)) : false);
}

function hasField(left: unknown): (packet: Packet) => boolean {
  const payload = isRecord(left) ? left['payload'] : undefined;
  const name = isRecord(payload) ? textOf(payload['protocol']) : undefined;
  return ({ family, protocol }) => {
    if (name === 'ip' || name === 'ip6') return family === (name === 'ip' ? 'ipv4' : 'ipv6');
    return name === undefined || name === 'th' || name === protocol;
  };
}

/** Whether the left side is one of the values on the right. */
function isOneOf(left: unknown, right: unknown): Match {
  const set: unknown = isRecord(right) ? right['set'] : undefined;
  const values: unknown[] = Array.isArray(set) ? set : Array.isArray(right) ? right : [right];
  const matches = values.map((value) => isValue(left, isElement(value) ? value.elem.val : value));
  return (packet) => either(matches.map((match) => match(packet)));
}

function isElement(value: unknown): value is { readonly elem: { readonly val: unknown } } {
  return isRecord(value) && isRecord(value['elem']) && 'val' in value['elem'];
}

function isValue(left: unknown, value: unknown): Match {
  if (!isRecord(left)) return unsure;
  const { payload, meta, ct } = left;
  if (isRecord(payload)) return payloadIs(payload, value);
  const text = typeof value === 'number' ? String(value) : textOf(value);
  if (text === undefined || text.startsWith('@')) return unsure;
  if (isRecord(ct))
    return ct['key'] === 'state' && ct['dir'] === undefined ? stateIn([text]) : unsure;
  if (!isRecord(meta)) return unsure;
  switch (meta['key']) {
    case 'l4proto':
      return protocolIs(text);
    case 'nfproto':
      return ({ family }) => text === family;
    case 'protocol':
      return ({ family }) => text === (family === 'ipv4' ? 'ip' : 'ip6');
    case 'iif':
    case 'iifname':
      return comesBy(text);
    default:
      return unsure;
  }
}

const SIDES = {
  saddr: 'source',
  daddr: 'destination',
  sport: 'source',
  dport: 'destination',
} as const;

function payloadIs({ protocol, field }: JsonRecord, value: unknown): Match {
  const name = textOf(protocol) ?? '';
  if (field === 'dport' || field === 'sport') {
    const ports = portsOf(SIDES[field], value);
    // The field implies the protocol.
    return name === 'th' ? ports : (packet) => (packet.protocol === name ? ports(packet) : false);
  }
  if ((field === 'saddr' || field === 'daddr') && (name === 'ip' || name === 'ip6')) {
    const net = netOf(SIDES[field], value);
    const family = name === 'ip' ? 'ipv4' : 'ipv6';
    return (packet) => (packet.family === family ? net(packet) : false);
  }
  // A TCP or UDP packet has no ICMP type.
  if (name === 'icmp' || name === 'icmpv6') return () => false;
  if (name === 'ip' && field === 'protocol') return protocolIs(String(value));
  return unsure;
}

function portsOf(side: 'destination' | 'source', value: unknown): Match {
  const range: unknown = isRecord(value) ? value['range'] : [value, value];
  const [from, to] = listOf(range);
  return typeof from === 'number' && typeof to === 'number' ? portIn(side, from, to) : unsure;
}

function netOf(side: 'destination' | 'source', value: unknown): Match {
  if (typeof value === 'string') return inNetOf(side, value);
  const prefix: unknown = isRecord(value) ? value['prefix'] : undefined;
  if (!isRecord(prefix)) return unsure;
  return inNetOf(side, `${textOf(prefix['addr']) ?? ''}/${numberOf(prefix['len']) ?? ''}`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

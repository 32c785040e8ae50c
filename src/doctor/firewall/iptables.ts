import type { Packet, Chain, Hook, Match, Rule, Ruleset, Verdict } from './rules.js';
import { either, not } from './rules.js';
import { comesBy, flagsAre, inNetOf, portIn, protocolIs, stateIn, unsure } from './matches.js';
import type { Family } from '../../common/ip-family.js';

/** The output of iptables-save and its kind, as far as the effect of its rules is certain. */

export interface IptablesOptions {
  readonly family: Family;
  /** The command that changes these rules. */
  readonly program: string;
}

const HOOKS = new Map<string, Hook>([
  ['INPUT', 'input'],
  ['FORWARD', 'forward'],
]);
const CHAINS = { input: 'INPUT', forward: 'FORWARD' } as const;

/** The table `filter` of a saved rule set; undefined when it has none. */
export function readIptables(
  text: string,
  { family, program }: IptablesOptions,
): Ruleset | undefined {
  const lines = text.split('\n');
  const start = lines.indexOf('*filter');
  if (start < 0) return undefined;
  const chains = new Map<string, Chain & { readonly rules: Rule[] }>();
  for (const line of lines.slice(start + 1, lines.indexOf('COMMIT', start))) {
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined && policy !== undefined) {
      const hook = HOOKS.get(name);
      const drops = policy === 'DROP';
      const base = hook && { hook, drops, text: `${program} -P ${name} ${policy}` };
      chains.set(name, { rules: [], base });
    }
    const [option, chain = '', ...words] = wordsOf(line);
    if (option === '-A') chains.get(chain)?.rules.push(ruleOf(`${program} ${line}`, words));
  }
  const acceptLine = (hook: Hook, packet: Packet): string =>
    `${program} -I ${CHAINS[hook]} ${acceptWords(packet)} -j ACCEPT`;
  return { families: [family], chains, acceptLine };
}

function acceptWords({ destination, protocol, destinationPort }: Packet): string {
  const port = destinationPort === undefined ? '' : ` -m ${protocol} --dport ${destinationPort}`;
  return `-d ${destination?.toString() ?? ''} -p ${protocol}${port}`;
}

/** A comment with blanks is in quotes. */
function wordsOf(line: string): string[] {
  const words = line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return Array.from(words, ([, quoted, bare]) => quoted ?? bare ?? '');
}

const GOES_ON =
  /^(?:LOG|NFLOG|ULOG|MARK|CONNMARK|TCPMSS|TRACE|CLASSIFY|DSCP|TOS|SET|AUDIT|RATEEST)$/;

function verdictOf(target: string): Verdict {
  if (target === 'ACCEPT') return { kind: 'accept' };
  if (target === 'DROP' || target === 'REJECT') return { kind: 'drop' };
  if (target === 'RETURN') return { kind: 'return' };
  if (GOES_ON.test(target)) return { kind: 'go on' };
  return { kind: 'jump', chain: target };
}

/** Matches that only add options, each of which is either known or makes the rule unsure. */
const MODULES = new Set(['tcp', 'udp', 'sctp', 'state', 'conntrack', 'multiport', 'comment']);

/** The conditions of options with one value; unknown options have none. */
const asks = new Map<string, (value: string) => Match>(
  Object.entries({
    '-s': (value) => inNetOf('source', value),
    '-d': (value) => inNetOf('destination', value),
    '-i': comesBy,
    '-p': protocolIs,
    '-m': (name) => (MODULES.has(name) ? () => true : unsure),
    '--sport': (value) => portsIn('source', value),
    '--dport': (value) => portsIn('destination', value),
    '--sports': (value) => portsIn('source', value),
    '--dports': (value) => portsIn('destination', value),
    '--state': (value) => stateIn(value.split(',')),
    '--ctstate': (value) => stateIn(value.split(',')),
    '--comment': () => () => true,
  }),
);

function portsIn(side: 'destination' | 'source', value: string): Match {
  const matches = value.split(',').map((range) => {
    const [from = '', to = from] = range.split(':');
    return portIn(side, Number(from), Number(to));
  });
  return (packet) => either(matches.map((match) => match(packet)));
}

function ruleOf(text: string, words: readonly string[]): Rule {
  const matches: Match[] = [];
  let verdict: Verdict = { kind: 'go on' };
  for (let at = 0; at < words.length;) {
    const negated = words[at] === '!';
    if (negated) at += 1;
    const [option = '', value = '', another = ''] = words.slice(at, at + 3);
    const ask = asks.get(option);
    let match: Match | undefined;
    if (option === '-j') {
      verdict = verdictOf(value);
      // The rest are options of the target.
      break;
    } else if (option === '-g') {
      verdict = { kind: 'goto', chain: value };
      break;
    } else if (option === '--tcp-flags') {
      match = flagsAre(value.split(','), another.split(','));
      at += 3;
    } else if (option === '-f') {
      match = () => false;
      at += 1;
    } else {
      match = ask?.(value) ?? unsure;
      at += ask === undefined ? 1 : 2;
    }
    matches.push(negated ? negation(match) : match);
  }
  return { text, matches, verdict };
}

function negation(match: Match): Match {
  return (packet) => not(match(packet));
}

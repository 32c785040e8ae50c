import type { IpAddress } from '../../ipvs/model/address.js';
import type { Family } from '../../common/ip-family.js';

/** A packet to be judged by a firewall; what is left out may be anything. */
export interface Packet {
  readonly family: Family;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly source?: IpAddress | undefined;
  readonly destination?: IpAddress | undefined;
  readonly sourcePort?: number | undefined;
  readonly destinationPort?: number | undefined;
  readonly inDevice?: string | undefined;
  /** The state in which connection tracking sees it. */
  readonly state: 'established' | 'invalid' | 'new';
  /** Of TCP. */
  readonly flags: readonly string[];
}

/** Whether something is true of a packet; undefined when unknown. */
export type Answer = boolean | undefined;
export type Match = (packet: Packet) => Answer;

/** What happens to a packet that matches a rule. `go on`: it is only counted, marked or logged; `unknown`: anything. */
export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'go on' | 'return' | 'unknown' }
  | { readonly kind: 'goto' | 'jump'; readonly chain: string };

export interface Rule {
  /** As an administrator would find it. */
  readonly text: string;
  readonly matches: readonly Match[];
  readonly verdict: Verdict;
}

export type Hook = 'forward' | 'input';

export interface Chain {
  readonly rules: readonly Rule[];
  /** The hook from which the kernel calls it, and its policy, for packets that no rule decides. */
  readonly base?:
    { readonly hook: Hook; readonly drops: boolean; readonly text: string } | undefined;
}

/** Chains that may jump to each other: a table of nftables, or of iptables. */
export interface Ruleset {
  readonly families: readonly Family[];
  readonly chains: ReadonlyMap<string, Chain>;
  /** The command line that accepts packets of a service before all other rules. */
  readonly acceptLine: (hook: Hook, packet: Packet) => string;
}

/** The rule or policy that certainly drops a packet. */
export interface Drop {
  readonly by: string;
  readonly ruleset: Ruleset;
}

/** How many rules are evaluated for one packet, and how deep jumps go: real rulesets need fewer. */
const MOST_STEPS = 100_000;
const MOST_JUMPS = 32;

/** The possible outcomes for a packet: there are several where something is not certain. */
interface Ends {
  accepted: boolean;
  returned: boolean;
  /** The rules that may drop it. */
  readonly drops: string[];
}

/** The first chain that drops a packet whatever its unknown fields are; undefined if it may pass. */
export function certainDrop(
  rulesets: readonly Ruleset[],
  hook: Hook,
  packet: Packet,
): Drop | undefined {
  for (const ruleset of rulesets) {
    if (!ruleset.families.includes(packet.family)) continue;
    for (const chain of ruleset.chains.values()) {
      if (chain.base?.hook !== hook) continue;
      const walk = new Walk(ruleset.chains, packet);
      const ends = walk.through(chain, 0);
      const passes = ends.accepted || (ends.returned && !chain.base.drops);
      const [by = chain.base.text] = ends.drops;
      if (!passes) return { by, ruleset };
    }
  }
  return undefined;
}

class Walk {
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #packet: Packet;
  #steps = 0;

  constructor(chains: ReadonlyMap<string, Chain>, packet: Packet) {
    this.#chains = chains;
    this.#packet = packet;
  }

  /** A packet that reaches the end of a chain returns. */
  through(chain: Chain | undefined, depth: number): Ends {
    const ends: Ends = { accepted: false, returned: false, drops: [] };
    if (chain === undefined || depth > MOST_JUMPS) return { ...ends, accepted: true };
    for (const rule of chain.rules) {
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) return { ...ends, accepted: true };
      const matched = both(rule.matches.map((match) => match(this.#packet)));
      if (matched === false) continue;
      const goesOn = this.#apply(rule, ends, depth);
      if (matched === true && !goesOn) return ends;
    }
    ends.returned = true;
    return ends;
  }

  /** @returns whether a packet that matches the rule may reach the next one. */
  #apply({ text, verdict }: Rule, ends: Ends, depth: number): boolean {
    switch (verdict.kind) {
      case 'go on':
        return true;
      case 'accept':
        ends.accepted = true;
        return false;
      case 'drop':
        ends.drops.push(text);
        return false;
      case 'return':
        ends.returned = true;
        return false;
      case 'unknown':
        ends.accepted = true;
        return true;
      case 'goto':
      case 'jump': {
        const inside = this.through(this.#chains.get(verdict.chain), depth + 1);
        ends.accepted ||= inside.accepted;
        ends.drops.push(...inside.drops);
        if (verdict.kind === 'goto') ends.returned ||= inside.returned;
        return verdict.kind === 'jump' && inside.returned;
      }
    }
  }
}

/** Whether all are true. */
function both(answers: readonly Answer[]): Answer {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/** Whether any is true. */
export function either(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

export function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer;
}

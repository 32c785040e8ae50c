import type { OperativeCommand } from './commands.js';
import type { ParsedOptions } from './parsed-options.js';
import { legality, optionLines } from './options.js';
import type { Legality, ReportName } from './options.js';
import { RuleError } from '../rule-error.js';

/** The options that were given, by the names of texts: too few for a set to be worth its while. */
export type Given = readonly ReportName[];

/** What goes with a command or a tunnel type; where an option is not named it is illegal. */
class LegalityRow<N extends ReportName> {
  readonly #where: string;
  readonly #names: readonly N[];
  readonly #legality = new Map<ReportName, Legality>();
  readonly #required: readonly N[];

  /** @param names of the options in question, in the order in which they are complained of. */
  constructor(where: string, names: readonly N[], legalityOf: (name: N) => Legality | undefined) {
    this.#where = where;
    this.#names = names;
    for (const name of names) {
      const legal = legalityOf(name);
      if (legal !== undefined) this.#legality.set(name, legal);
    }
    this.#required = names.filter((name) => legalityOf(name) === 'required');
  }

  /** @throws RuleError at the first option that is missing, or does not go with the others. */
  check(given: Given): void {
    if (!this.#isLegal(given)) this.#complain(given);
  }

  /** Most lines have nothing wrong with them, and few options: it is enough to look at those. */
  #isLegal(given: Given): boolean {
    let exclusive = 0;
    for (const name of given) {
      const legal = this.#legality.get(name);
      if (legal === undefined) return false;
      if (legal === 'exclusive') exclusive += 1;
    }
    for (const name of this.#required) if (!given.includes(name)) return false;
    return exclusive < 2;
  }

  /** Goes through the names in order; the first that is wrong is the one complained of. */
  #complain(given: Given): void {
    const where = this.#where;
    let exclusive: N | undefined;
    for (const name of this.#names) {
      const legal = this.#legality.get(name);
      if (!given.includes(name)) {
        if (legal !== 'required') continue;
        throw new RuleError(`You need to supply the '${name}' option for ${where}`);
      }
      if (legal === undefined) throw new RuleError(`Illegal '${name}' option with ${where}`);
      if (legal !== 'exclusive') continue;
      if (exclusive !== undefined) {
        throw new RuleError(
          `The option '${name}' conflicts with the '${exclusive}' option in ${where}`,
        );
      }
      exclusive = name;
    }
  }
}

const reportNames = Object.keys(legality) as ReportName[];
const commandRows = new Map<OperativeCommand, LegalityRow<ReportName>>();

/** @throws RuleError at the first option that is missing, or does not go with the command. */
export function checkLegality(command: OperativeCommand, given: Given): void {
  let row = commandRows.get(command);
  if (row === undefined) {
    const table: Readonly<
      Record<ReportName, Readonly<Partial<Record<OperativeCommand, Legality>>>>
    > = legality;
    row = new LegalityRow(`the '${command}' command`, reportNames, (name) => table[name][command]);
    commandRows.set(command, row);
  }
  row.check(given);
}

const tunnelOptions = ['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const;
type TunnelOption = (typeof tunnelOptions)[number];

/** What goes with a tunnel type; an option that is not named is illegal. */
const tunnelLegality: Readonly<
  Record<
    NonNullable<ParsedOptions['tunnelType']>,
    Readonly<Partial<Record<TunnelOption, Legality>>>
  >
> = {
  ipip: { 'tun-type': 'optional' },
  gue: {
    'tun-type': 'optional',
    'tun-port': 'required',
    'tun-nocsum': 'exclusive',
    'tun-csum': 'exclusive',
    'tun-remcsum': 'exclusive',
  },
  gre: { 'tun-type': 'optional', 'tun-nocsum': 'exclusive', 'tun-csum': 'exclusive' },
};

const tunnelRow = (type: keyof typeof tunnelLegality) =>
  new LegalityRow(`the '${type}' tunnel type`, tunnelOptions, (name) => tunnelLegality[type][name]);
const tunnelRows = { ipip: tunnelRow('ipip'), gue: tunnelRow('gue'), gre: tunnelRow('gre') };

function isTunnelOption(name: ReportName): boolean {
  return (tunnelOptions as readonly ReportName[]).includes(name);
}

/** @throws RuleError when tunnel options go neither with the method nor with the tunnel's type. */
export function checkTunnel(parsedOptions: ParsedOptions, given: Given): void {
  if (parsedOptions.forwardingMethod !== 'tun') {
    if (given.some(isTunnelOption)) {
      throw new RuleError('Tunnel options conflict with forward method');
    }
    return;
  }
  tunnelRows[parsedOptions.tunnelType ?? 'ipip'].check(given.filter(isTunnelOption));
}

/** @throws RuleError when a list is to show what cannot be shown together. */
export function checkListing(given: Given): void {
  const conflict = optionLines.some(
    ({ report, notWith = [] }) =>
      report !== undefined &&
      given.includes(report) &&
      notWith.some((other) => given.includes(other)),
  );
  if (conflict) throw new RuleError('options conflicts in the list command');
}

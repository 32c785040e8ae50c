import type { OperativeCommand } from './commands.js';
import type { Draft } from './draft.js';
import { legality, optionLines } from './options.js';
import type { Legality, ReportName } from './options.js';
import { UsageError } from './usage-error.js';

/** The options that were given, by the names of texts. */
export type Given = ReadonlySet<ReportName>;

const reportNames = Object.keys(legality) as ReportName[];

/** @throws UsageError at the first option that is missing, or does not go with the command. */
export function checkLegality(command: OperativeCommand, given: Given): void {
  check(
    given,
    reportNames,
    (name) => (legality[name] as Readonly<Partial<Record<OperativeCommand, Legality>>>)[command],
    `the '${command}' command`,
  );
}

const tunnelOptions = ['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const;
type TunnelOption = (typeof tunnelOptions)[number];

/** What goes with a tunnel type; an option that is not named is illegal. */
const tunnelLegality: Readonly<
  Record<NonNullable<Draft['tunnelType']>, Readonly<Partial<Record<TunnelOption, Legality>>>>
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

/** @throws UsageError when tunnel options go neither with the method nor with the tunnel's type. */
export function checkTunnel(draft: Draft, given: Given): void {
  if (draft.forwardingMethod !== 'tun') {
    if (tunnelOptions.some((name) => given.has(name))) {
      throw new UsageError('Tunnel options conflict with forward method');
    }
    return;
  }
  const type = draft.tunnelType ?? 'ipip';
  check(given, tunnelOptions, (name) => tunnelLegality[type][name], `the '${type}' tunnel type`);
}

/** @throws UsageError when a list is to show what cannot be shown together. */
export function checkListing(given: Given): void {
  const conflict = optionLines.some(
    ({ report, notWith = [] }) =>
      report !== undefined && given.has(report) && notWith.some((other) => given.has(other)),
  );
  if (conflict) throw new UsageError('options conflicts in the list command');
}

/** Goes through the names in order; the first that is wrong is the one complained of. */
function check<N extends ReportName>(
  given: Given,
  names: readonly N[],
  legalityOf: (name: N) => Legality | undefined,
  where: string,
): void {
  let exclusive: N | undefined;
  for (const name of names) {
    const legal = legalityOf(name);
    if (!given.has(name)) {
      if (legal !== 'required') continue;
      throw new UsageError(`You need to supply the '${name}' option for ${where}`);
    }
    if (legal === undefined) throw new UsageError(`Illegal '${name}' option with ${where}`);
    if (legal !== 'exclusive') continue;
    if (exclusive !== undefined) {
      throw new UsageError(
        `The option '${name}' conflicts with the '${exclusive}' option in ${where}`,
      );
    }
    exclusive = name;
  }
}

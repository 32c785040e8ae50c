import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { IpAddress } from '../../ipvs/address.js';

/** Options that directors and real servers have in common. */

export const METHODS = ['nat', 'dr', 'tun'] as const;
export type Method = (typeof METHODS)[number];

/** A verb of a role with its summary and its examples. */
export function describeVerb(
  role: Command,
  verb: string,
  summary: string,
  examples: readonly string[],
): Command {
  return role
    .command(verb)
    .description(summary)
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}

export function methodOption(summary: string): Option {
  return new Option('--method <method>', summary).choices([...METHODS]);
}

export function addressesOption(flag: string, summary: string): Option {
  return new Option(`${flag} <address>`, `${summary}; may be given more than once`).argParser(
    (text: string, before: readonly IpAddress[] | undefined) => [
      ...(before ?? []),
      addressOf(text),
    ],
  );
}

function addressOf(text: string): IpAddress {
  const address = IpAddress.tryParse(text);
  if (address === undefined) throw new InvalidArgumentError('It is no IPv4 or IPv6 address.');
  return address;
}

export const dryRunOption = (): Option =>
  new Option('--dry-run', 'print the commands that would do it, and do nothing');

export const jsonOption = (): Option => new Option('--json', 'print the outcome as JSON');

import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { IpAddress } from '../ipvs/model/address.js';
import type { Session } from '../terminal/session.js';
import type { Role } from './journal.js';
import type { Environment, RoleRun } from './run.js';

/** What the verbs of directors and of real servers have in common. */

/** Takes what a verb does, once the command line is read. */
export type OnSelected = (
  handler: (session: Session, place: Environment) => Promise<number>,
) => void;

/** Loaded when it is needed: each start of the command would pay for it. */
export async function roleRun(session: Session, role: Role, place: Environment): Promise<RoleRun> {
  const { RoleRun } = await import('./run.js');
  return new RoleRun(session, role, place);
}

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

/** @throws InvalidArgumentError when it is none. */
export function addressOf(text: string): IpAddress {
  const address = IpAddress.tryParse(text);
  if (address === undefined) throw new InvalidArgumentError('It is no IPv4 or IPv6 address.');
  return address;
}

export const dryRunOption = (): Option =>
  new Option('--dry-run', 'print the commands that would do it, and do nothing');

export const forgetOption = (): Option =>
  new Option(
    '--forget',
    'move aside the record of an earlier network namespace that had the number of this one',
  );

export const jsonOption = (): Option => new Option('--json', 'print the outcome as JSON');

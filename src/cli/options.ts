import { InvalidArgumentError } from 'commander';
import { DEFAULT_SOCKET } from '../agent/control/default-socket.js';
import { IpAddress } from '../ipvs/model/address.js';
import { RULES_FILES } from '../rules/rules-file.js';
import { flag } from './option-spec.js';
import type { OptionSpec } from './option-spec.js';

/** Options that more than one verb has. */

/** A path. An empty one would mean the current folder. */
function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

const METHODS = ['nat', 'dr', 'tun'] as const;
export type Method = (typeof METHODS)[number];

export function isMethod(value: unknown): value is Method {
  return METHODS.some((method) => method === value);
}

export const methodNames: readonly string[] = METHODS;

export function methodOption(summary: string): OptionSpec<Method | undefined> {
  return { flags: '--method <method>', summary, initial: undefined, choices: METHODS };
}

/** Addresses, each after a flag of its own. */
export function addressesOption(name: string, summary: string): OptionSpec<readonly IpAddress[]> {
  return {
    flags: `${name} <address>`,
    summary: `${summary}; may be given more than once`,
    initial: [],
    parse: (text, before) => [...before, addressOf(text)],
  };
}

/** @throws InvalidArgumentError when it is not an address. */
function addressOf(text: string): IpAddress {
  const address = IpAddress.tryParse(text);
  if (address === undefined) throw new InvalidArgumentError('It is not an IPv4 or IPv6 address.');
  return address;
}

export function interfaceOption(summary: string): OptionSpec<string | undefined> {
  return {
    flags: '--interface <device>',
    summary,
    initial: undefined,
    completes: 'interface',
  };
}

const dryRunOption = flag('--dry-run', 'print what would be done, without doing it');

const forgetOption = flag(
  '--forget',
  'set aside the journal of an earlier network namespace with the same number',
);

/** Of the verbs that set a machine up, or undo that. */
export const changeOptions = { dryRun: dryRunOption, forget: forgetOption };

const prefixOption: OptionSpec<string> = {
  flags: '--prefix <folder>',
  summary: 'where to install',
  initial: '/usr/local',
  shownDefault: '/usr/local',
  completes: 'folder',
  parse: notEmpty,
};

/** Of the verbs that place files, or remove them. */
export const placementOptions = { prefix: prefixOption, dryRun: dryRunOption };

/** The output options of a verb, behind its own. The first format is the default. */
export function outputFormats(formats: readonly [string, ...string[]]) {
  return {
    output: {
      flags: '-o, --output <format>',
      summary: 'output format',
      initial: formats[0],
      shownDefault: formats[0],
      choices: formats,
    } satisfies OptionSpec<string>,
    json: flag('--json', 'print JSON, as -o json does'),
  };
}

/** Of verbs that print text or JSON. */
export const outputOptions = outputFormats(['text', 'json']);

export const rulesFileOption: OptionSpec<string | undefined> = {
  flags: '-f, --file <file>',
  summary: `the rules file (default: whichever exists of ${RULES_FILES.join(' and ')})`,
  initial: undefined,
  completes: 'file',
  parse: notEmpty,
};

export const stateFileOption: OptionSpec<string> = {
  flags: '-f, --file <file>',
  summary: 'a state file, a folder of them, or - for standard input',
  initial: '',
  isRequired: true,
  completes: 'file',
  parse: notEmpty,
};

export const socketOption: OptionSpec<string> = {
  flags: '--socket <path>',
  summary: 'the socket of the agent',
  initial: DEFAULT_SOCKET,
  shownDefault: DEFAULT_SOCKET,
  completes: 'file',
  parse: notEmpty,
};

/** Of verbs that the agent does something for in some of its services. */
export const agentServicesOption: OptionSpec<readonly string[]> = {
  flags: '--service <selector>',
  summary: 'in this service alone; may be given more than once',
  initial: [],
  shownDefault: 'all that have it',
  completes: 'service',
  parse: (text, before) => [...before, text],
};

export const quietOption = flag('-q, --quiet', 'do not print what was changed');

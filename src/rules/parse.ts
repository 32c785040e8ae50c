import type { Command, OperativeCommand } from './grammar/commands.js';
import { commandLines } from './grammar/commands.js';
import { UnresolvedHost } from './grammar/parsed-options.js';
import type { ParsedOptions, Names } from './grammar/parsed-options.js';
import type { Invocation } from './invocation.js';
import type { Given } from './grammar/legality.js';
import { maskOf, serviceOf, toInvocation } from './to-invocation.js';
import { readSeconds } from './grammar/option-values.js';
import { optionLines, TIMEOUT_MAX } from './grammar/options.js';
import type { OptionLine, ReportName } from './grammar/options.js';
import { PoptReader, PoptTable } from './grammar/popt.js';
import type { PoptFound, PoptOption } from './grammar/popt.js';
import { printable } from '../common/printable.js';
import { RuleError } from './rule-error.js';

/** What reading a command line came to. */
export type Parsed =
  | { readonly kind: 'invocation'; readonly invocation: Invocation }
  | { readonly kind: 'error'; readonly error: RuleError }
  /** A host name must be looked up first; then read again. */
  | { readonly kind: 'lookup'; readonly host: string; readonly family: 'ipv4' | 'ipv6' };

/** What a line is whose first word is no command. */
export const NO_COMMAND = 'not a rule: a line begins with a command such as -A or -a';

/** A command or an option, in the form the grammar wants. */
interface Line extends PoptOption {
  readonly command?: Command;
  readonly option?: OptionLine;
}

const table = new PoptTable<Line>([
  ...commandLines.map(({ name, long, short, alias, argument }) => ({
    long,
    shorts: [short, alias].filter((letter) => letter !== undefined),
    argument: argument === undefined ? ('none' as const) : ('required' as const),
    command: name,
  })),
  ...optionLines.map((option) => ({
    long: option.long,
    shorts: option.short === undefined ? [] : [option.short],
    argument: option.value.argument,
    option,
  })),
]);

/**
 * Reads a command line. It touches neither the kernel nor a resolver: the names it needs are asked of `names`.
 * @param words without the program's name.
 */
export function parse(words: readonly string[], names: Names): Parsed {
  try {
    return { kind: 'invocation', invocation: read(words, names) };
  } catch (error) {
    if (error instanceof RuleError) return { kind: 'error', error };
    if (error instanceof UnresolvedHost) {
      return { kind: 'lookup', host: error.host, family: error.family };
    }
    throw error;
  }
}

function read(words: readonly string[], names: Names): Invocation {
  const reader = new PoptReader(table, words);
  const first = reader.read();
  if (first === undefined || typeof first === 'string' || first.option.command === undefined) {
    throw new RuleError(NO_COMMAND, 'no-command');
  }
  const { command } = first.option;
  if (command === 'help' || command === 'version') return { command };
  const state = readDaemonState(command, first.value);
  const parsedOptions: ParsedOptions = {};
  const given = readOptions(reader, parsedOptions, names);
  // What is wrong with an option comes before what is wrong with words that belong to none.
  const service = serviceOf(parsedOptions);
  const mask = maskOf(parsedOptions, service, names);
  const { timeouts, rest } = readTimeouts(command, reader.leftovers);
  if (rest !== undefined) throw new RuleError(`unexpected argument ${printable(rest)}`);
  return toInvocation({ command, state, timeouts, service, mask, parsedOptions, given, names });
}

/** Reads the options behind the command, in order; the first that is wrong ends it. */
function readOptions(reader: PoptReader<Line>, parsedOptions: ParsedOptions, names: Names): Given {
  const given: ReportName[] = [];
  for (let found = reader.read(); found !== undefined; found = reader.read()) {
    if (typeof found === 'string') {
      throw new RuleError(`${printable(reader.word)}: ${found}`, 'option');
    }
    readOption(found, reader, given, parsedOptions, names);
  }
  return given;
}

function readOption(
  { option: { option }, value }: PoptFound<Line>,
  reader: PoptReader<Line>,
  given: ReportName[],
  parsedOptions: ParsedOptions,
  names: Names,
): void {
  if (option === undefined) {
    throw new RuleError(`invalid option \`${printable(reader.word)}'`);
  }
  if (option.report !== undefined) {
    if (given.includes(option.report)) {
      throw new RuleError(`multiple '${option.report}' options specified`);
    }
    given.push(option.report);
  }
  option.value.apply(parsedOptions, value, names);
}

function readDaemonState(
  command: OperativeCommand,
  value: string | undefined,
): 'master' | 'backup' | undefined {
  if (command !== 'start-daemon' && command !== 'stop-daemon') return undefined;
  if (value === 'master' || value === 'backup') return value;
  throw new RuleError(
    command === 'start-daemon'
      ? 'illegal start-daemon parameter specified'
      : 'illegal start_daemon specified',
  );
}

/** The three positionals of --set, and the first one too many. */
function readTimeouts(command: OperativeCommand, leftovers: readonly string[]) {
  if (command !== 'set') return { timeouts: undefined, rest: leftovers[0] };
  const [tcp, tcpFin, udp, rest] = leftovers;
  if (tcp === undefined || tcpFin === undefined || udp === undefined) {
    throw new RuleError('--set option requires 3 timeout values');
  }
  const timeouts = {
    tcpSeconds: readSeconds(tcp, 0, TIMEOUT_MAX),
    tcpFinSeconds: readSeconds(tcpFin, 0, TIMEOUT_MAX),
    udpSeconds: readSeconds(udp, 0, TIMEOUT_MAX),
  };
  return { timeouts, rest };
}

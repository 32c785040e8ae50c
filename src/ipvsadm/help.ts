import { Command, Option } from 'commander';
import { commandLines } from '../rules/grammar/commands.js';
import { helpOf, optionLines } from '../rules/grammar/options.js';
import type { OptionGroup, OptionLine } from '../rules/grammar/options.js';
import { versionLine } from './version-line.js';

/** Help fits a terminal of 80 columns. */
const WIDTH = 80;

const COMMANDS_TITLE = 'Commands, of which the first option on the line must be one:';

const groupTitles: Readonly<Record<OptionGroup, string>> = {
  service: 'SERVICE, one of:',
  'service options': 'Service options:',
  'server options': 'Server options:',
  'list options': 'List options:',
  'daemon options': 'Daemon options:',
};

const examples = `ADDRESS is HOST or HOST:PORT; an IPv6 address with a port stands in brackets.

Examples:
  ipvsadm -A -t 192.0.2.1:80 -s rr            a virtual service, taking turns
  ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.2 -m   a real server behind it, by NAT
  ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.2 -m -w 0   take it out gently
  ipvsadm -Ln --stats                         what has been going on
  ipvsadm-save -n > rules; ipvsadm-restore < rules`;

/** The tables of commands and options as a commander program, which knows how to lay help out. */
export function commanderProgram(): Command {
  const program = new Command('ipvsadm')
    .usage(synopsis())
    .helpOption(false)
    .configureHelp({ helpWidth: WIDTH });
  const add = (group: string, flags: string, help: string) =>
    program.addOption(new Option(flags, help).helpGroup(group));
  for (const { long, short, alias, argument, help } of commandLines) {
    add(COMMANDS_TITLE, flagsOf(short, long, argument), help);
    if (alias !== undefined) add(COMMANDS_TITLE, `-${alias}`, `the same as -${short ?? long}`);
  }
  for (const line of optionLines) {
    const { argument, metavar } = line.value;
    const flags = flagsOf(line.short, line.long, metavar, argument === 'optional');
    add(groupTitles[line.group], flags, describe(line));
  }
  return program;
}

/** What an option does, the numbers or words it takes, and its default. */
function describe(line: OptionLine): string {
  const { value, otherwise } = line;
  const help = helpOf(line);
  const facts: string[] = [];
  if (value.range !== undefined) facts.push(value.range.join(' to '));
  if (value.choices !== undefined) facts.push(value.choices.join(' '));
  if (otherwise !== undefined) facts.push(`default ${otherwise}`);
  return facts.length === 0 ? help : `${help} (${facts.join(', ')})`;
}

/** A line for each command: what it is given. */
function synopsis(): string {
  return commandLines
    .map(({ long, short, argument, positionals, synopsis: rest }) =>
      [short === undefined ? `--${long}` : `-${short}`, argument, positionals, rest]
        .filter((word) => word !== undefined)
        .join(' '),
    )
    .join('\n       ipvsadm ');
}

function flagsOf(
  short: string | undefined,
  long: string,
  metavar: string | undefined,
  optional = false,
): string {
  const flags = short === undefined ? `--${long}` : `-${short}, --${long}`;
  if (metavar === undefined) return flags;
  return optional ? `${flags} [${metavar}]` : `${flags} <${metavar}>`;
}

/** The text of -h. */
export function helpText(): string {
  return [versionLine(), '', commanderProgram().helpInformation(), examples].join('\n');
}

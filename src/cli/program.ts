import { Argument, Command, CommanderError, Option } from 'commander';
import { printable } from '../common/printable.js';
import type { Host } from '../host/host.js';
import { HostError } from '../host/host-error.js';
import { IpvsError } from '../ipvs/errors.js';
import type { OpenNetlinkSocket } from '../netlink/socket.js';
import { RuleError } from '../rules/rule-error.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import type { Io } from '../terminal/io.js';
import { runInSession } from '../terminal/session.js';
import type { Session } from '../terminal/session.js';
import { version } from '../version.js';
import type { OptionSpec } from './option-spec.js';
import type { Example, Package, Verb, VerbContext } from './verb.js';
import { groups, helpOption, verbs, versionOption } from './verbs.js';

/** Help fits a terminal of 80 columns. */
const WIDTH = 80;
/** Between an example and what it is for. */
const GAP = '    ';
/** A longer example does not push the explanations of the others aside: its own may stand below it. */
const LONGEST_BESIDE = 42;

/** What the command needs to know of its process beside its streams. */
export interface Environment {
  readonly io: Io;
  readonly package: Package | undefined;
  /** What a test has in the kernel's place. */
  readonly socket?: OpenNetlinkSocket | undefined;
  /** What a test has in the machine's place. */
  readonly host?: Host | undefined;
  /** Where it is kept what a set-up has found. Default /run/ipvs. */
  readonly state?: string | undefined;
}

/** Runs the verb that was selected; gives its exit status. */
type Selected = (context: VerbContext) => Promise<number>;

/** Runs the command `ipvs`. @returns the exit status. */
export async function runIpvs(words: readonly string[], environment: Environment): Promise<number> {
  const { io, socket, host, state } = environment;
  const work = async (session: Session) => {
    const selected = await select(words, session);
    if (selected === undefined) return exitStatus.done;
    const machine = async () => host ?? (await import('../host/linux.js')).linuxHost;
    return selected({ session, package: environment.package, host: machine, state });
  };
  return runInSession(io, socket, work, explain);
}

/** The messages for errors of the layers below. */
function explain(error: unknown): CliError | undefined {
  if (error instanceof RuleError) return new CliError(error.message, exitStatus.usage);
  if (error instanceof IpvsError || error instanceof HostError) return new CliError(error.message);
  return undefined;
}

/**
 * Reads the command line. @returns undefined when help was asked for, and shown.
 * @throws CliError when it is wrong.
 */
async function select(words: readonly string[], session: Session): Promise<Selected | undefined> {
  let selected: Selected | undefined;
  const printed: string[] = [];
  const print = (text: string) => printed.push(text);
  const program = describedProgram((chosen) => {
    selected = chosen;
  }, print);
  try {
    program.parse(words, { from: 'user' });
    return selected;
  } catch (error) {
    // Help is reported as an error too.
    if (!(error instanceof CommanderError)) throw error;
    const text = printed.join('').trimEnd();
    if (error.exitCode !== 0) {
      throw new CliError(text.split('\n').map(printable).join('\n'), exitStatus.usage);
    }
    await session.output.line(text);
    return undefined;
  }
}

/** The verbs, their options and their help, for commander, which neither writes nor exits. */
function describedProgram(
  onSelected: (selected: Selected) => void,
  print: (text: string) => void,
): Command {
  const program = new Command('ipvs')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print })
    .description('Set up and diagnose IPVS directors and real servers, and keep their rules.')
    .version(version, versionOption.flags, versionOption.summary)
    .helpOption(helpOption.flags, helpOption.summary)
    .helpCommand(false)
    // Verbs may have an option of one name: what stands behind `agent check` is not for `agent`.
    .enablePositionalOptions()
    .configureHelp({ helpWidth: WIDTH, subcommandTerm: (command) => command.name() })
    .showHelpAfterError('Try: ipvs -h');
  for (const verb of verbs) {
    addVerb(program, verb.path, verb, verb.isHidden === true, onSelected);
    for (const path of verb.aliases ?? []) addVerb(program, path, verb, true, onSelected);
  }
  const overview = verbs.map((verb) => verb.overview).filter((example) => example !== undefined);
  return program.addHelpText('after', examplesText(overview));
}

function addVerb(
  program: Command,
  [first, second]: readonly [string, ...string[]],
  verb: Verb,
  hidden: boolean,
  onSelected: (selected: Selected) => void,
): void {
  const command =
    second === undefined
      ? commandOf(program, first, hidden)
      : groupOf(program, first, hidden).command(second);
  command.description(verb.summary);
  command.showHelpAfterError(`Try: ipvs ${verb.path.join(' ')} -h`);
  for (const { name, summary, isRequired, isVariadic } of verb.arguments ?? []) {
    const shown = isVariadic === true ? `${name}...` : name;
    command.addArgument(new Argument(isRequired ? `<${shown}>` : `[${shown}]`, summary));
  }
  const options = Object.entries(verb.options).map(
    ([key, spec]) => [key, spec, optionOf(spec)] as const,
  );
  for (const [, , option] of options) command.addOption(option);
  const notes = verb.notes === undefined ? '' : `\n${verb.notes}\n`;
  command.addHelpText('after', notes + examplesText(verb.examples));
  command.action(() => {
    const values = Object.fromEntries(
      options.map(([key, spec, option]) => {
        const given: unknown = command.getOptionValue(option.attributeName());
        return [key, given ?? spec.initial];
      }),
    );
    onSelected((context) => verb.execute(context, values, command.args));
  });
}

const known = (program: Command, name: string): Command | undefined =>
  program.commands.find((command) => command.name() === name);

/** The command for a verb of one word, which may be the first one of others: `agent`, and `agent check`. */
function commandOf(program: Command, name: string, hidden: boolean): Command {
  const command = known(program, name) ?? program.command(name, { hidden }).helpCommand(false);
  return command.enablePositionalOptions();
}

/** The command for the first word of two-word verbs. */
function groupOf(program: Command, name: string, hidden: boolean): Command {
  const command = known(program, name);
  if (command !== undefined) return command;
  const group = program.command(name, { hidden }).helpCommand(false);
  return group.description(groups[name] ?? '');
}

function optionOf(spec: OptionSpec<unknown>): Option {
  const { flags, summary, initial, shownDefault, isRequired, choices } = spec;
  const option = new Option(flags, summary);
  if (isRequired) option.makeOptionMandatory();
  if (choices !== undefined) option.choices(choices);
  if (shownDefault !== undefined) option.default(initial, shownDefault);
  if (spec.parse !== undefined) {
    option.argParser((text, before: unknown) => spec.parse?.(text, before ?? initial));
  }
  return option;
}

function examplesText(examples: readonly Example[]): string {
  const lengths = examples.map(([command]) => command.length);
  const column = Math.max(0, ...lengths.filter((length) => length <= LONGEST_BESIDE));
  const lines = examples.flatMap(([command, what]) => {
    if (what === undefined) return [`  ${command}`];
    const line = `  ${command.padEnd(column)}${GAP}${what}`;
    return line.length <= WIDTH ? [line] : [`  ${command}`, `  ${GAP}${what}`];
  });
  return ['\nExamples:', ...lines].join('\n');
}

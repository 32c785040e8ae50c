import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { IpvsError } from '../ipvs/errors.js';
import type { Io } from '../terminal/io.js';
import { kernelErrorText } from '../ipvsadm/kernel-errors.js';
import { Session } from '../terminal/session.js';
import { printable, UsageError } from '../terminal/usage-error.js';
import type { Host } from '../host/host.js';
import type { OpenNetlinkSocket } from '../netlink/socket.js';
import { version } from '../version.js';
import { applyRulesFile } from './commands/load-rules.js';
import { describeDirector } from './commands/director.js';
import { describeDoctor, doctor } from './commands/doctor.js';
import { install, uninstall } from './commands/install.js';
import type { Package } from './commands/install.js';
import { cliStatus, CliError } from '../terminal/cli-error.js';
import { describeRealServer } from './commands/realserver.js';
import { RULES_FILES } from '../rules/rules-file.js';
import { saveRules } from './commands/save-rules.js';

/** Help fits a terminal of 80 columns. */
const WIDTH = 80;

/** What the command needs to know of its process beside its streams. */
export interface Environment {
  readonly io: Io;
  readonly package: Package;
  /** What a test has in the kernel's place. */
  readonly socket?: OpenNetlinkSocket | undefined;
  /** What a test has in the machine's place. */
  readonly host?: Host | undefined;
  /** Where it is kept what a set-up has found. Default /run/ipvs. */
  readonly state?: string | undefined;
}

/** Runs a verb; gives its exit status. */
type Handler = (session: Session, environment: Environment) => Promise<number>;

/** Runs the command `ipvs`. @returns the exit status. */
export async function runIpvs(words: readonly string[], environment: Environment): Promise<number> {
  const session = new Session(environment.io, environment.socket);
  let handler: Handler | undefined;
  const printed: string[] = [];
  const print = (text: string) => printed.push(text);
  // Verbs that are described from here on have the same: commander neither writes nor exits.
  const program = new Command('ipvs')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print });
  describe(program, (chosen) => {
    handler = chosen;
  });
  try {
    program.parse(words, { from: 'user' });
    return handler === undefined ? cliStatus.ok : await handler(session, environment);
  } catch (error) {
    return await explain(session, error, printed.join(''));
  } finally {
    session.close();
    await session.output.flush();
  }
}

/** Words for what went wrong, and the exit status. Help comes this way too: commander throws when it has shown it. */
async function explain(session: Session, error: unknown, printed: string): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) {
      await session.output.line(printed.trimEnd());
      return cliStatus.ok;
    }
    await session.complain(printed.trimEnd().split('\n').map(printable).join('\n'));
    return cliStatus.usage;
  }
  if (error instanceof UsageError || error instanceof CliError) {
    await session.complain(error.message);
    return error.status;
  }
  if (!(error instanceof IpvsError)) throw error;
  await session.complain(kernelErrorText('flush', error));
  return cliStatus.failed;
}

/** The program with all its verbs, for whoever wants to know what they are. */
export function describedProgram(): Command {
  const program = new Command('ipvs');
  describe(program, () => undefined);
  return program;
}

/** The verbs, their options and their help. */
function describe(program: Command, onSelected: (handler: Handler) => void): void {
  program
    .description('Directors and real servers: rules as a service of the system, set-up, diagnosis.')
    .version(version, '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show help; ipvs VERB -h shows that of a verb')
    .helpCommand(false)
    .configureHelp({ helpWidth: WIDTH })
    .showHelpAfterError('Try: ipvs -h');
  describeRules(program.command('rules'), ['load', 'reload', 'clear', 'save'], onSelected);
  // Units and scripts that exist have these words.
  const former = program.command('service', { hidden: true });
  describeRules(former, ['start', 'reload', 'stop', 'save'], onSelected);
  describeDirector(program, onSelected);
  describeRealServer(program, onSelected);
  describeInstallation(program, onSelected);
  describeDoctor(program, (options) => {
    onSelected(async (session, environment) => {
      const host = await machineOf(environment);
      return doctor(session, { host, state: environment.state }, options);
    });
  });
  program.addHelpText('after', `\n${EXAMPLES}`);
}

/** The rules of this director, under the names of the verbs that load, reload, clear and save them. */
function describeRules(
  rules: Command,
  [load, reload, clear, save]: readonly [string, string, string, string],
  onSelected: (handler: Handler) => void,
): void {
  rules.description('load, reload, clear and save the rules of this director').helpCommand(false);
  const file = new Option(
    '-f, --file <path>',
    `the rules file (default: the one that exists of ${RULES_FILES.join(' and ')})`,
  ).argParser(notEmpty);
  for (const [verb, summary] of [
    [load, 'make the table what the rules file says'],
    [reload, 'load changed rules; whatever is right already goes on undisturbed'],
  ] as const) {
    rules
      .command(verb)
      .description(summary)
      .addOption(file)
      .action((options: { file?: string }) => {
        onSelected((session) => applyRulesFile(session, options.file));
      });
  }
  rules
    .command(clear)
    .description('delete all virtual services')
    .action(() => {
      onSelected(clearTable);
    });
  rules
    .command(save)
    .description(
      "write the kernel's rules to the rules file, replacing it as a whole; -f - prints them",
    )
    .addOption(file)
    .option('--empty', 'even if the table is empty and the file has rules')
    .action((options: { file?: string; empty?: boolean }) => {
      onSelected((session) => saveRules(session, options));
    });
}

function describeInstallation(program: Command, onSelected: (handler: Handler) => void): void {
  const verbs = [
    ['install', install, 'put the systemd unit, shell completions and start scripts in place'],
    ['uninstall', uninstall, 'remove what install has put there'],
  ] as const;
  for (const [verb, handler, summary] of verbs) {
    program
      .command(verb)
      .description(summary)
      .addOption(
        new Option('--prefix <folder>', 'where to').default('/usr/local').argParser(notEmpty),
      )
      .option('--dry-run', 'say what would be done, and do nothing')
      .action((options: { prefix: string; dryRun?: boolean }) => {
        onSelected((session, { package: files }) => handler(session, files, options));
      });
  }
}

/** What examines a machine or sets it up waits for what it takes; other verbs do not. */
async function machineOf({ host }: Environment): Promise<Host> {
  return host ?? (await import('../host/linux.js')).linuxHost;
}

/** An empty path would mean the folder one happens to be in. */
function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

async function clearTable(session: Session): Promise<number> {
  await (await session.client()).flush();
  return cliStatus.ok;
}

const EXAMPLES = `Examples:
  ipvs rules save                     keep the rules that are in the kernel now
  ipvs rules reload                   after the rules file was edited
  ipvs rules load -f ./rules          with a file of your own
  ipvs director up ./rules            make this machine a director
  ipvs install                        then: systemctl enable --now ipvsadm
  ipvs doctor                         what will not work here, and how to fix it`;

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { IpvsError } from '../ipvs/errors.js';
import type { Io } from '../ipvsadm/io.js';
import { kernelErrorText } from '../ipvsadm/kernel-errors.js';
import { Session } from '../ipvsadm/session.js';
import { printable, UsageError } from '../ipvsadm/usage-error.js';
import type { Machine } from '../machine/machine.js';
import type { OpenNetlinkSocket } from '../netlink/socket.js';
import { version } from '../version.js';
import { applyRulesFile } from './apply-rules.js';
import { describeDirector } from './director.js';
import { describeDoctor, doctor } from './doctor.js';
import { install, uninstall } from './install.js';
import type { Package } from './install.js';
import { cliStatus, Problem } from './problem.js';
import { describeRealServer } from './realserver.js';
import { RULES_FILES } from './rules-file.js';
import { saveRules } from './save-rules.js';

/** Help fits a terminal of 80 columns. */
const WIDTH = 80;

/** What the command needs to know of its process beside its streams. */
export interface Surroundings {
  readonly io: Io;
  readonly package: Package;
  /** What a test has in the kernel's place. */
  readonly socket?: OpenNetlinkSocket | undefined;
  /** What a test has in the machine's place. */
  readonly machine?: Machine | undefined;
  /** Where it is kept what a set-up has found. Default /run/ipvs. */
  readonly state?: string | undefined;
}

/** A verb's deed: its exit status. */
type Deed = (session: Session, surroundings: Surroundings) => Promise<number>;

/** Runs the command `ipvs`. @returns the exit status. */
export async function runIpvs(
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const session = new Session(surroundings.io, surroundings.socket);
  let deed: Deed | undefined;
  const printed: string[] = [];
  const print = (text: string) => printed.push(text);
  // Verbs that are described from here on have the same: commander neither writes nor exits.
  const program = new Command('ipvs')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print });
  describe(program, (chosen) => {
    deed = chosen;
  });
  try {
    program.parse(words, { from: 'user' });
    return deed === undefined ? cliStatus.ok : await deed(session, surroundings);
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
  if (error instanceof UsageError || error instanceof Problem) {
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
function describe(program: Command, choose: (deed: Deed) => void): void {
  program
    .description('Directors and real servers: rules as a service of the system, set-up, diagnosis.')
    .version(version, '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show help; ipvs VERB -h shows that of a verb')
    .helpCommand(false)
    .configureHelp({ helpWidth: WIDTH })
    .showHelpAfterError('Try: ipvs -h');
  const service = program
    .command('service')
    .description('start, reload, stop and save the rules of this director')
    .helpCommand(false);
  const file = new Option(
    '-f, --file <path>',
    `the rules file (default: ${RULES_FILES.join(' or ')}, which is there)`,
  ).argParser(notEmpty);
  for (const [verb, summary] of [
    ['start', 'make the table what the rules file says'],
    ['reload', 'the same, for rules that have changed; what is right already goes on undisturbed'],
  ] as const) {
    service
      .command(verb)
      .description(summary)
      .addOption(file)
      .action((options: { file?: string }) => {
        choose((session) => applyRulesFile(session, options.file));
      });
  }
  service
    .command('stop')
    .description('delete all virtual services')
    .action(() => {
      choose(clearTable);
    });
  service
    .command('save')
    .description(
      'write the rules that are in the kernel to the rules file, which is replaced whole',
    )
    .addOption(file)
    .option('--empty', 'also when there are none, and the file has some')
    .action((options: { file?: string; empty?: boolean }) => {
      choose((session) => saveRules(session, options));
    });
  describeDirector(program, choose);
  describeRealServer(program, choose);
  describeInstallation(program, choose);
  describeDoctor(program, (options) => {
    choose(async (session, surroundings) => {
      const machine = await machineOf(surroundings);
      return doctor(session, { machine, state: surroundings.state }, options);
    });
  });
  program.addHelpText('after', `\n${EXAMPLES}`);
}

function describeInstallation(program: Command, choose: (deed: Deed) => void): void {
  const verbs = [
    ['install', install, 'put the systemd unit, shell completions and start scripts in place'],
    ['uninstall', uninstall, 'remove what install has put there'],
  ] as const;
  for (const [verb, deed, summary] of verbs) {
    program
      .command(verb)
      .description(summary)
      .addOption(
        new Option('--prefix <folder>', 'where to').default('/usr/local').argParser(notEmpty),
      )
      .option('--dry-run', 'say what would be done, and do nothing')
      .action((options: { prefix: string; dryRun?: boolean }) => {
        choose((session, { package: files }) => deed(session, files, options));
      });
  }
}

/** What examines a machine or sets it up waits for what it takes; other verbs do not. */
async function machineOf({ machine }: Surroundings): Promise<Machine> {
  return machine ?? (await import('../machine/linux.js')).linux;
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
  ipvs service save                   keep the rules that are in the kernel now
  ipvs service reload                 after the rules file was edited
  ipvs service start -f ./rules       with a file of your own
  ipvs director up ./rules            make this machine a director
  ipvs install                        then: systemctl enable --now ipvsadm
  ipvs doctor                         what will not work here, and what mends it`;

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Session } from '../../terminal/session.js';
import type { Host } from '../../host/host.js';
import { checks } from '../../doctor/checks.js';
import { runChecks, reasonOf } from '../../doctor/examine.js';
import { CheckContext, roleNames } from '../../doctor/check-context.js';
import type { RealServerSetUp, RoleName } from '../../doctor/check-context.js';
import { HostSnapshot } from '../../host/snapshot.js';
import { textOf, textsOf } from '../../common/json.js';
import { reportJson, reportText } from '../../doctor/report.js';
import { loadRulesFile } from '../../rules/load-rules.js';
import { coloursFor } from '../../terminal/colours.js';
import { cliStatus, CliError } from '../../terminal/cli-error.js';
import { RULES_FILES } from '../../rules/rules-file.js';
import { JournalFile, STATE } from '../../setup/journal.js';
import { addressOf } from '../../setup/options.js';

/** Exit statuses of the doctor, beside those that all verbs have. */
export const doctorStatus = { passed: 0, findings: 1, skipped: 2 } as const;

export interface DoctorOptions {
  readonly vip?: readonly string[];
  readonly ignore?: readonly string[];
  readonly role?: RoleName;
  readonly rules?: string;
  readonly passive?: boolean;
  readonly json?: boolean;
  readonly list?: boolean;
}

/** The verb's options, for commander. */
export function describeDoctor(
  program: Command,
  onSelected: (options: DoctorOptions) => void,
): void {
  program
    .command('doctor')
    .description(
      'diagnose this director or real server, and print the command that fixes each fault',
    )
    .addOption(
      new Option('--vip <address>', 'a virtual address that must be here (may be repeated)')
        .argParser(virtualAddress)
        .default([], 'none'),
    )
    .addOption(
      new Option('--ignore <id>', 'leave out what is known (may be repeated)')
        .argParser(checkId)
        .default([], 'nothing'),
    )
    .addOption(
      new Option('--role <role>', 'what this machine is to be, where nothing shows it').choices(
        roleNames,
      ),
    )
    .option(
      '--rules <file>',
      `a rules file that is to be restored (default: ${RULES_FILES.join(' or ')})`,
    )
    .option('--passive', 'send no packets: no ARP, no connection to real servers')
    .option('--json', 'the findings as JSON')
    .option('--list', 'list the checks, and make none')
    .addHelpText('after', `\n${EXAMPLES}`)
    .action(onSelected);
}

const EXAMPLES = `Exit status: 0 when nothing was found, 1 when something was, 2 when a check
could not be made. Each finding is explained in ipvs(8).

Examples:
  ipvs doctor                              on a director
  ipvs doctor --vip 192.0.2.1              on a real server that should accept it
  ipvs doctor --role realserver            on a real server of NAT
  ipvs doctor --ignore other-controller    keepalived is meant to be here
  ipvs doctor --json --passive             for a monitoring system`;

function virtualAddress(text: string, before: readonly string[]): readonly string[] {
  return [...before, addressOf(text).toString()];
}

function checkId(id: string, before: readonly string[]): readonly string[] {
  if (checks.some((check) => check.id === id)) return [...before, id];
  throw new InvalidArgumentError('No such finding. To see them: ipvs doctor --list');
}

/** Where the doctor looks. */
export interface DoctorPlace {
  readonly host: Host;
  /** The folder of what set-ups have found, where it is not the usual one. */
  readonly state?: string | undefined;
}

/** Makes the checks and prints the report. An error that prevents this has the status of a skipped check. */
export async function doctor(
  session: Session,
  place: DoctorPlace,
  options: DoctorOptions,
): Promise<number> {
  try {
    return await runAndReport(session, place, options);
  } catch (error) {
    throw new CliError(reasonOf(error), doctorStatus.skipped);
  }
}

async function runAndReport(
  session: Session,
  { host, state }: DoctorPlace,
  { vip = [], ignore = [], passive = false, json = false, ...rest }: DoctorOptions,
): Promise<number> {
  if (rest.list === true) {
    const lines = checks.map(({ id, severity, title }) => `${id}\t${severity}\t${title}\n`);
    await session.output.lines(lines.join(''));
    return cliStatus.ok;
  }
  const file = rest.rules ?? RULES_FILES.find((path) => existsSync(path));
  const machine = new HostSnapshot(host);
  const context = new CheckContext({
    session,
    machine,
    savedRules: async () => (file === undefined ? undefined : loadRulesFile(session, file)),
    virtualAddresses: vip,
    setUp: await setUpOf(machine, state),
    role: rest.role,
  });
  // A file given with --rules must be readable; a broken system default only affects the checks that need it.
  if (rest.rules !== undefined) await context.savedRules();
  const report = await runChecks(checks, context, {
    active: !passive,
    ignored: new Set(ignore),
    onProgress: (made, of) => session.progress.show(() => `${made} of ${of} checks`),
  });
  await session.progress.clear();
  const paint = await coloursFor(session.io);
  await session.output.line(json ? reportJson(report) : reportText(report, paint));
  if (report.findings.length > 0) return doctorStatus.findings;
  return report.skipped.length > 0 ? doctorStatus.skipped : doctorStatus.passed;
}

/** A record that cannot be read, or is that of another machine, counts as none. */
async function setUpOf(
  machine: HostSnapshot,
  state: string = STATE,
): Promise<RealServerSetUp | undefined> {
  try {
    const journal = await (await JournalFile.of(machine, state, 'realserver')).read();
    if (journal === undefined) return undefined;
    const { method, vip } = journal.request;
    return { method: textOf(method), virtualAddresses: textsOf(vip) };
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

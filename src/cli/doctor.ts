import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Session } from '../ipvsadm/session.js';
import type { Machine } from '../machine/machine.js';
import { checks } from './doctor/checks.js';
import { examine, reasonOf } from './doctor/examine.js';
import { Facts } from './doctor/facts.js';
import { reportJson, reportText } from './doctor/report.js';
import { foldRulesFile } from './fold-rules.js';
import { paintFor } from './paint.js';
import { cliStatus, Problem } from './problem.js';
import { RULES_FILES } from './rules-file.js';
import { JournalFile, STATE } from './setup/journal.js';
import { addressOf } from './setup/options.js';

/** Exit statuses of the doctor, beside those that all verbs have. */
export const doctorStatus = { fine: 0, findings: 1, notLooked: 2 } as const;

export interface DoctorOptions {
  readonly vip?: readonly string[];
  readonly ignore?: readonly string[];
  readonly rules?: string;
  readonly passive?: boolean;
  readonly json?: boolean;
  readonly list?: boolean;
}

/** The verb's options, for commander. */
export function describeDoctor(program: Command, choose: (options: DoctorOptions) => void): void {
  program
    .command('doctor')
    .description(
      'look at this director or real server, and say what will not work and what mends it',
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
    .option(
      '--rules <file>',
      `a rules file that is to be restored (default: ${RULES_FILES.join(' or ')})`,
    )
    .option('--passive', 'send no packets: no ARP, no connection to real servers')
    .option('--json', 'the findings as JSON')
    .option('--list', 'show what is looked for, and look at nothing')
    .addHelpText('after', `\n${EXAMPLES}`)
    .action(choose);
}

const EXAMPLES = `Exit status: 0 when nothing was found, 1 when something was, 2 when something
could not be looked at. Each finding is explained in ipvs(8).

Examples:
  ipvs doctor                              on a director
  ipvs doctor --vip 192.0.2.1              on a real server that should accept it
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
  readonly machine: Machine;
  /** The folder of what set-ups have found, where it is not the usual one. */
  readonly state?: string | undefined;
}

/** Looks for all that is looked for, and tells. Whatever keeps it from that has the status of what could not be looked at. */
export async function doctor(
  session: Session,
  place: DoctorPlace,
  options: DoctorOptions,
): Promise<number> {
  try {
    return await lookAndTell(session, place, options);
  } catch (error) {
    throw new Problem(reasonOf(error), doctorStatus.notLooked);
  }
}

async function lookAndTell(
  session: Session,
  { machine, state }: DoctorPlace,
  { vip = [], ignore = [], passive = false, json = false, ...rest }: DoctorOptions,
): Promise<number> {
  if (rest.list === true) {
    const lines = checks.map(({ id, severity, title }) => `${id}\t${severity}\t${title}\n`);
    await session.output.lines(lines.join(''));
    return cliStatus.ok;
  }
  const file = rest.rules ?? RULES_FILES.find((path) => existsSync(path));
  const facts = new Facts({
    session,
    machine,
    savedRules: async () => (file === undefined ? undefined : foldRulesFile(session, file)),
    virtualAddresses: vip,
    setUpAsRealServer: await isSetUp(machine, state),
  });
  // Who names one wants it to be read; that of the system keeps from nothing but what is told of it.
  if (rest.rules !== undefined) await facts.savedRules();
  const examination = await examine(checks, facts, {
    active: !passive,
    ignored: new Set(ignore),
    onLook: (made, of) => session.progress.show(() => `${made} of ${of} looked for`),
  });
  await session.progress.clear();
  const paint = await paintFor(session.io);
  await session.output.line(json ? reportJson(examination) : reportText(examination, paint));
  if (examination.findings.length > 0) return doctorStatus.findings;
  return examination.unseen.length > 0 ? doctorStatus.notLooked : doctorStatus.fine;
}

/** A record that cannot be read, or is that of another machine, tells nothing. */
async function isSetUp(machine: Machine, state: string = STATE): Promise<boolean> {
  try {
    const file = await JournalFile.of(machine, state, 'realserver');
    return (await file.read()) !== undefined;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

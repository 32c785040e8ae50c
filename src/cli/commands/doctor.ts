import { InvalidArgumentError } from 'commander';
import { textOf, textsOf } from '../../common/json.js';
import { checks } from '../../doctor/checks.js';
import { reasonOf, runChecks } from '../../doctor/examine.js';
import type { DoctorReport } from '../../doctor/examine.js';
import { reportJson, reportText } from '../../doctor/report.js';
import { CheckContext, roleNames } from '../../doctor/check-context.js';
import type { RealServerSetUp, RoleName } from '../../doctor/check-context.js';
import type { Host } from '../../host/host.js';
import { HostSnapshot } from '../../host/snapshot.js';
import { findRulesFile, RULES_FILES } from '../../rules/rules-file.js';
import { JournalFile, STATE } from '../../setup/journal.js';
import { loadRulesFile } from '../../state/load-rules.js';
import { CliError } from '../../terminal/cli-error.js';
import { coloursFor } from '../../terminal/colours.js';
import { doctorStatus, exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { flag } from '../option-spec.js';
import type { OptionSpec, OptionValues } from '../option-spec.js';
import { addressesOption } from '../options.js';
import { defineVerb } from '../verb.js';
import type { VerbContext } from '../verb.js';

const ignoreOption: OptionSpec<readonly string[]> = {
  flags: '--ignore <id>',
  summary: 'ignore this finding; may be given more than once',
  initial: [],
  shownDefault: 'nothing',
  completes: checks.map(({ id }) => id),
  parse: (id, before) => [...before, checkId(id)],
};

function checkId(id: string): string {
  if (checks.some((check) => check.id === id)) return id;
  throw new InvalidArgumentError('No such finding. To see them: ipvs doctor --list');
}

const roleOption: OptionSpec<RoleName | undefined> = {
  flags: '--role <role>',
  summary: 'the role of this machine, if it cannot be detected',
  initial: undefined,
  choices: roleNames,
};

const rulesOption: OptionSpec<string | undefined> = {
  flags: '--rules <file>',
  summary: `the rules file restored at boot (default: ${RULES_FILES.join(' or ')})`,
  initial: undefined,
  completes: 'file',
};

const options = {
  vip: addressesOption('--vip', 'a virtual address expected on this machine'),
  ignore: ignoreOption,
  role: roleOption,
  rules: rulesOption,
  passive: flag('--passive', 'send no packets: no ARP requests, no connections to real servers'),
  list: flag('--list', 'list the checks without running them'),
};

type DoctorOptions = OptionValues<typeof options>;

export const doctor = defineVerb({
  path: ['doctor'],
  summary: 'diagnose this director or real server and print the fix for each finding',
  options,
  notes: `Exit status: 0 when nothing was found, 1 when something was, 2 when a check
could not be made. Each finding is explained in ipvs(8).`,
  examples: [
    ['ipvs doctor', 'on a director'],
    ['ipvs doctor --vip 192.0.2.1', 'on a real server that should accept it'],
    ['ipvs doctor --role realserver', 'on a real server of NAT'],
    ['ipvs doctor --ignore other-controller', 'keepalived is here on purpose'],
    ['ipvs doctor --json --passive', 'for a monitoring system'],
  ],
  overview: ['ipvs doctor', 'find what is wrong here, and how to fix it'],
  run: async (context, given) => (given.list ? 'list' : diagnose(context, given)),
  status: (result) => (result === 'list' ? exitStatus.done : statusOf(result)),
  render: {
    text: async (result, session) => {
      if (result === 'list') await session.output.lines(listText());
      else await session.output.line(reportText(result, await coloursFor(session.io)));
    },
    json: (result) => (result === 'list' ? { checks: listedChecks() } : reportJson(result)),
  },
});

const listedChecks = () => checks.map(({ id, severity, title }) => ({ id, severity, title }));

const listText = () =>
  listedChecks()
    .map(({ id, severity, title }) => `${id}\t${severity}\t${title}\n`)
    .join('');

function statusOf({ findings, skipped }: DoctorReport): number {
  if (findings.length > 0) return doctorStatus.findings;
  return skipped.length > 0 ? doctorStatus.skipped : doctorStatus.passed;
}

/** Makes the checks. An error that prevents this has the status of a skipped check. */
async function diagnose(context: VerbContext, given: DoctorOptions): Promise<DoctorReport> {
  try {
    return await examine(context.session, await context.host(), context.state, given);
  } catch (error) {
    throw new CliError(reasonOf(error), doctorStatus.skipped);
  }
}

async function examine(
  session: Session,
  host: Host,
  state: string | undefined,
  { vip, ignore, role, rules, passive }: DoctorOptions,
): Promise<DoctorReport> {
  const file = findRulesFile(rules);
  const machine = new HostSnapshot(host);
  const context = new CheckContext({
    session,
    machine,
    savedRules: async () => (file === undefined ? undefined : loadRulesFile(session.reading, file)),
    virtualAddresses: vip.map(String),
    setUp: await setUpOf(machine, state),
    role,
  });
  // A file given with --rules must be readable; a broken system default only affects the checks that need it.
  if (rules !== undefined) await context.savedRules();
  return runChecks(checks, context, {
    active: !passive,
    ignored: new Set(ignore),
    onProgress: (made, of) => session.progress.show(() => `${made} of ${of} checks`),
  });
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

import { textOf, textsOf } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import { checks } from '../../doctor/checks.js';
import { reasonOf, runChecks } from '../../doctor/examine.js';
import type { DoctorReport } from '../../doctor/examine.js';
import { reportJson, reportText } from '../../doctor/report.js';
import { CheckContext } from '../../doctor/check-context.js';
import type { RealServerSetUp, RoleName } from '../../doctor/check-context.js';
import type { Host } from '../../host/host.js';
import { HostError } from '../../host/host-error.js';
import { HostSnapshot } from '../../host/snapshot.js';
import type { IpAddress } from '../../ipvs/model/address.js';
import { findRulesFile } from '../../rules/rules-file.js';
import { JournalFile } from '../../setup/journal.js';
import { loadRulesFile } from '../../state/load-rules.js';
import { CliError } from '../../terminal/cli-error.js';
import { coloursFor } from '../../terminal/colours.js';
import { doctorStatus, exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface DoctorOptions {
  readonly vip: readonly IpAddress[];
  readonly ignore: readonly string[];
  readonly role: RoleName | undefined;
  readonly rules: string | undefined;
  readonly passive: boolean;
  readonly list: boolean;
}

export const doctor: VerbAction<DoctorOptions, DoctorReport | 'list'> = {
  run: async (context, given) => {
    checkIds(given.ignore);
    return given.list ? 'list' : diagnose(context, given);
  },
  status: (result) => (result === 'list' ? exitStatus.done : statusOf(result)),
  render: {
    text: async (result, session) => {
      if (result === 'list') await session.output.lines(listText());
      else await session.output.line(reportText(result, await coloursFor(session.io)));
    },
    json: (result) => (result === 'list' ? { checks: listedChecks() } : reportJson(result)),
  },
};

/** @throws CliError when an id is not that of a check. */
function checkIds(ids: readonly string[]): void {
  const unknown = ids.find((id) => !checks.some((check) => check.id === id));
  if (unknown === undefined) return;
  throw new CliError(
    `--ignore ${printable(unknown)}: no such finding. To see them: ipvs doctor --list`,
    exitStatus.usage,
  );
}

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
  state: string | undefined,
): Promise<RealServerSetUp | undefined> {
  try {
    const journal = await (await JournalFile.of(machine, state, 'realserver')).read();
    if (journal === undefined) return undefined;
    const { method, vip } = journal.request;
    return { method: textOf(method), virtualAddresses: textsOf(vip) };
  } catch (error) {
    if (error instanceof CliError || error instanceof HostError) return undefined;
    throw error;
  }
}

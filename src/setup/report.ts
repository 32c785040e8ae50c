import type { Session } from '../terminal/session.js';
import { coloursFor } from '../terminal/colours.js';
import { cliStatus } from '../terminal/cli-error.js';
import { describe } from './changes.js';
import type { Role } from './journal.js';
import { commandLine } from './command.js';
import type { Outcome, Standing } from './verbs.js';

export interface ReportOptions {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** Exit status of a set-up that does not run, as init scripts have it. */
const NOT_RUNNING = 3;

/** Prints what was done, or in a dry run what would be done. */
export async function reportOutcome(
  session: Session,
  role: Role,
  outcome: Outcome | undefined,
  { json = false, dryRun = false }: ReportOptions,
): Promise<number> {
  await session.progress.clear();
  const { changes = [], failures = [], status = cliStatus.ok } = outcome ?? {};
  const commands = changes.flatMap((change) => change.commands.map(commandLine));
  if (json) {
    const changed = changes
      .filter((change) => change.commands.length > 0)
      .map(({ step, from, to }) => ({ kind: step.kind, name: step.name, from, to }));
    const left = changes.flatMap((change) => change.left);
    const kept = changes.flatMap((change) => change.kept);
    const report = { role, changed, left: [...left, ...kept], failures };
    await printJson(session, dryRun ? { ...report, commands } : report);
    return status;
  }
  if (dryRun) for (const command of commands) await session.output.line(command);
  else await tell(session, role, outcome);
  for (const failure of failures) await session.complain(failure);
  if (failures.length > 0) await session.complain(`The rest is on record: ipvs ${role} down`);
  return status;
}

async function tell(session: Session, role: Role, outcome: Outcome | undefined): Promise<void> {
  const { output } = session;
  if (outcome === undefined) {
    await output.line(`Nothing to do: ipvs ${role} up has changed nothing here.`);
    return;
  }
  const paint = await coloursFor(session.io);
  for (const change of outcome.changes) {
    const done = change.commands.length > 0;
    if (done || !change.back) {
      const word = change.back ? 'undone' : done ? 'done' : 'is there already';
      await output.line(`${describe(change.step)}: ${done ? paint.good(word) : paint.faint(word)}`);
    }
    for (const line of change.left) {
      await session.complain(`Left as it is, for somebody has changed it since: ${line}`);
    }
    for (const line of change.kept) {
      await session.complain(`Left as it is, for others have added it: ${line}`);
    }
  }
  if (outcome.changes.every(({ commands }) => commands.length === 0)) {
    await output.line('Nothing was changed.');
  }
}

export async function reportStandings(
  session: Session,
  role: Role,
  standings: readonly Standing[],
  { json = false }: ReportOptions,
): Promise<number> {
  const running = standings.length > 0 && standings.every(({ right }) => right);
  const status = running ? cliStatus.ok : NOT_RUNNING;
  if (json) {
    const steps = standings.map(({ step, current, right, note }) => ({
      kind: step.kind,
      name: step.name,
      right,
      wanted: step.wanted,
      now: current,
      ...(note === undefined ? {} : { note }),
    }));
    await printJson(session, { role, running, steps });
    return status;
  }
  const { output } = session;
  const paint = await coloursFor(session.io);
  for (const { step, current, right, note } of standings) {
    const shown = note ?? (right ? undefined : actual(step.name, current));
    const word = right ? paint.good('ok     ') : paint.bad('not ok ');
    await output.line(`${word} ${describe(step)}${shown === undefined ? '' : ` (${shown})`}`);
  }
  await output.line(running ? paint.good('running') : paint.bad('not running'));
  return status;
}

/** The current state, where it is not what is wanted. */
function actual(name: string, current: readonly string[]): string {
  const own = current.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const text = own ?? current.join('; ');
  return text === '' ? 'not there' : `is ${text}`;
}

async function printJson(session: Session, value: unknown): Promise<void> {
  await session.output.line(JSON.stringify(value, undefined, 2));
}

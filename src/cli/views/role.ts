import { describe } from '../../setup/changes.js';
import { commandLine } from '../../setup/command.js';
import type { Outcome } from '../../setup/verbs.js';
import { coloursFor } from '../../terminal/colours.js';
import type { Session } from '../../terminal/session.js';
import type { RoleOutcome, RoleStatus } from '../actions/role.js';

/** Writes what was done, or in a dry run what would be done. */
export async function writeOutcome(
  { role, outcome, dryRun }: RoleOutcome,
  session: Session,
): Promise<void> {
  const { output } = session;
  if (dryRun) for (const command of commandsOf(outcome)) await output.line(command);
  else if (outcome !== undefined) await writeChanges(outcome, session);
  else await output.line(`Nothing to do: ipvs ${role} up has changed nothing here.`);
  const failures = outcome?.failures ?? [];
  for (const failure of failures) await session.complain(failure);
  if (failures.length > 0) await session.complain(`To undo the rest, run again: ipvs ${role} down`);
}

const commandsOf = (outcome: Outcome | undefined): readonly string[] =>
  outcome?.changes.flatMap(({ commands }) => commands.map(commandLine)) ?? [];

async function writeChanges({ changes }: Outcome, session: Session): Promise<void> {
  const { output } = session;
  const paint = await coloursFor(session.io);
  for (const change of changes) {
    const done = change.commands.length > 0;
    if (done || !change.back) {
      const word = change.back ? 'undone' : done ? 'done' : 'unchanged';
      await output.line(`${describe(change.step)}: ${done ? paint.good(word) : paint.faint(word)}`);
    }
    for (const line of change.left) {
      await session.complain(`Left as it is, because it was changed since: ${line}`);
    }
    for (const line of change.kept) {
      await session.complain(`Left as it is, because others added it: ${line}`);
    }
  }
  if (changes.every(({ commands }) => commands.length === 0)) {
    await output.line('Nothing was changed.');
  }
}

export function outcomeJson({ role, outcome, dryRun }: RoleOutcome) {
  const { changes = [], failures = [] } = outcome ?? {};
  const changed = changes
    .filter((change) => change.commands.length > 0)
    .map(({ step, from, to }) => ({ kind: step.kind, name: step.name, from, to }));
  const left = changes.flatMap((change) => change.left);
  const kept = changes.flatMap((change) => change.kept);
  const commands = dryRun ? { commands: commandsOf(outcome) } : {};
  return { role, changed, left: [...left, ...kept], failures, ...commands };
}

/** Writes each step, and whether it is as it should be. */
export async function writeStatus(
  { standings, running }: RoleStatus,
  session: Session,
): Promise<void> {
  const { output } = session;
  const paint = await coloursFor(session.io);
  for (const { step, current, right, note } of standings) {
    const shown = note ?? (right ? undefined : actual(step.name, current));
    const word = right ? paint.good('ok     ') : paint.bad('not ok ');
    await output.line(`${word} ${describe(step)}${shown === undefined ? '' : ` (${shown})`}`);
  }
  await output.line(running ? paint.good('running') : paint.bad('not running'));
}

export function statusJson({ role, standings, running }: RoleStatus) {
  const steps = standings.map(({ step, current, right, note }) => ({
    kind: step.kind,
    name: step.name,
    right,
    wanted: step.wanted,
    now: current,
    ...(note === undefined ? {} : { note }),
  }));
  return { role, running, steps };
}

/** The current state, where it is not what is wanted. */
function actual(name: string, current: readonly string[]): string {
  const own = current.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const text = own ?? current.join('; ');
  return text === '' ? 'not there' : `is ${text}`;
}

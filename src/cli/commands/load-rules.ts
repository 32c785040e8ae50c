import { execute } from '../../ipvsadm/execute.js';
import { kernelErrorText } from '../../ipvsadm/kernel-errors.js';
import { complainOf, refusal } from '../../rules/parse-rules.js';
import type { Rule, RuleLine } from '../../rules/parse-rules.js';
import { commandOf } from '../../ipvsadm/restore.js';
import type { Session } from '../../terminal/session.js';
import { apply } from '../../state/apply.js';
import type { ApplyFailure } from '../../state/apply.js';
import { diff } from '../../state/diff.js';
import { readTable } from '../../state/read-table.js';
import { loadRulesFile, keyOf } from '../../rules/load-rules.js';
import type { LoadedRules } from '../../rules/load-rules.js';
import { cliStatus } from '../../terminal/cli-error.js';
import { existingRulesFile } from '../../rules/rules-file.js';

/**
 * Makes the table what a rules file says, and touches nothing of it that is right already. A file with a fault changes
 * nothing. What the kernel refuses is reported and does not stop the rest.
 */
export async function applyRulesFile(session: Session, named: string | undefined): Promise<number> {
  const file = existingRulesFile(named);
  const loaded = await loadRulesFile(session, file);
  await complainOf(session, loaded.faults);
  if (loaded.faults.length > 0) {
    await session.complain(`Nothing was changed. Fix ${file} and try again.`);
    return cliStatus.usage;
  }
  await complainOf(session, loaded.contradictions);
  let well = loaded.contradictions.length === 0;
  if (loaded.services.length > 0) well = (await applyTable(session, loaded, file)) && well;
  else await session.complain(emptyText(file));
  for (const rule of loaded.others) well = (await applyOther(session, rule)) && well;
  return well ? cliStatus.ok : cliStatus.failed;
}

const emptyText = (file: string) =>
  `Warning: ${file} has no virtual services. The table was left as it is; to delete all of it: ipvsadm -C`;

/** Applies what the file says to the kernel's table. @returns whether all of it took effect. */
async function applyTable(
  session: Session,
  { services, lines }: LoadedRules,
  file: string,
): Promise<boolean> {
  const client = await session.client();
  const outcome = await apply(client, diff(await readTable(client), services));
  for (const failure of outcome.failures) await session.complain(describeFailure(failure, lines));
  if (outcome.deletionsWithheld) {
    await session.complain(
      `Because of that nothing was deleted: the table has more than ${file} says. Once that is fixed: ipvs rules reload`,
    );
  }
  const servers = services.reduce((sum, { destinations }) => sum + destinations.length, 0);
  await session.output.line(
    `${file}: virtual services: ${services.length}, real servers: ${servers}, changes: ${outcome.applied.length}`,
  );
  return outcome.failures.length === 0;
}

/** Names the line that asked for an operation; a deletion has none, so it names what was to be deleted. */
function describeFailure(
  { operation, error }: ApplyFailure,
  lines: ReadonlyMap<string, RuleLine>,
): string {
  const text = kernelErrorText(commandOf(operation.type), error);
  const key = keyOf(operation);
  const line = lines.get(key);
  return line === undefined ? `cannot delete ${key}: ${text}` : refusal(line, text);
}

/** A daemon that runs is what its rule wants: the rules of a director are applied more than once. */
async function applyOther(session: Session, { invocation, line }: Rule): Promise<boolean> {
  if (invocation.command === 'start-daemon') {
    const daemons = await (await session.client()).syncDaemons();
    if (daemons.some(({ state }) => state === invocation.daemon.state)) return true;
  }
  return (await execute(session, invocation, (text) => refusal(line, text))) === 0;
}

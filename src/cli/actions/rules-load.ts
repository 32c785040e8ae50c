import { IpvsError } from '../../ipvs/errors.js';
import type { Operation } from '../../ipvs/client/operations.js';
import { formatServiceId, toServiceId } from '../../ipvs/model/service.js';
import { faultText, refusal } from '../../rules/parse-rules.js';
import type { Rule, RuleLine } from '../../rules/parse-rules.js';
import { existingRulesFile } from '../../rules/rules-file.js';
import { apply } from '../../state/apply.js';
import type { ApplyFailure } from '../../state/apply.js';
import { applyInvocation } from '../../state/apply-invocation.js';
import { diff } from '../../state/diff.js';
import { keyOf, loadRulesFile } from '../../state/load-rules.js';
import type { LoadedRules, LoadedRulesFile } from '../../state/load-rules.js';
import { readTable } from '../../state/read-table.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { refuseKept, runningAgent } from '../running-agent.js';
import type { VerbAction, VerbContext } from '../verb.js';

/** What happened to a rules file. */
interface RulesOutcome {
  readonly file: string;
  /** Lines that cannot be read; with one of them nothing else is done. */
  readonly faults: readonly string[];
  /** How many services and real servers the file asks for. */
  readonly services: number;
  readonly servers: number;
  /** How many changes of the table took effect. */
  readonly changes: number;
  /** How many rules about something else took effect: timeouts, daemons. */
  readonly others: number;
  /** Lines that contradict those before them, and lines that the kernel refused. */
  readonly failures: readonly string[];
  /** Whether nothing was deleted because something new was refused. */
  readonly deletionsWithheld: boolean;
}

/** Of `rules load` and `rules reload`. */
export const rulesLoad: VerbAction<{ readonly file: string | undefined }, RulesOutcome> = {
  run: (context, { file }) => applyRulesFile(context, file),
  status: statusOf,
  render: { text: report },
};

/**
 * Makes the table what a rules file says, and touches nothing of it that is right already. A file with a fault changes
 * nothing. What the kernel refuses is reported and does not stop the rest.
 */
async function applyRulesFile(
  context: VerbContext,
  named: string | undefined,
): Promise<RulesOutcome> {
  const { session } = context;
  const file = existingRulesFile(named);
  const loaded = await loadRulesFile(session.reading, file);
  const outcome = {
    file,
    faults: loaded.faults.map(faultText),
    services: loaded.services.length,
    servers: loaded.services.reduce((sum, { destinations }) => sum + destinations.length, 0),
  };
  const nothing = { changes: 0, others: 0, failures: [], deletionsWithheld: false };
  if (loaded.faults.length > 0) return { ...outcome, ...nothing };
  const table = loaded.services.length > 0 ? await applyTable(context, loaded) : nothing;
  const others = await applyOthers(session, loaded.others);
  const failures = [...loaded.contradictions.map(faultText), ...table.failures, ...others.failures];
  return { ...outcome, ...table, others: others.applied, failures };
}

type TableOutcome = Pick<RulesOutcome, 'changes' | 'failures' | 'deletionsWithheld'>;

/** Applies what the file says to the kernel's table. */
async function applyTable(
  context: VerbContext,
  { services, lines }: LoadedRules,
): Promise<TableOutcome> {
  const client = await context.session.client();
  const agent = await runningAgent(context);
  const difference = diff(await readTable(client), services);
  refuseKept(agent, servicesOf([...difference.changes, ...difference.deletions]));
  const applying = apply(client, difference);
  const outcome = await applying.catch((error: unknown) => {
    if (!(error instanceof IpvsError)) throw error;
    throw new CliError(
      `${error.message}\nWhat took effect is not known. To see it: ipvsadm -Ln`,
      exitStatus.partly,
    );
  });
  return {
    changes: outcome.applied.length,
    failures: outcome.failures.map((failure) => describeFailure(failure, lines())),
    deletionsWithheld: outcome.deletionsWithheld,
  };
}

const servicesOf = (operations: readonly Operation[]): readonly string[] =>
  operations.flatMap((one) => ('service' in one ? formatServiceId(toServiceId(one.service)) : []));

/** Names the line that asked for an operation; a deletion has none, and its error says what was to be deleted. */
function describeFailure(
  { operation, error }: ApplyFailure,
  lines: ReadonlyMap<string, RuleLine>,
): string {
  const line = lines.get(keyOf(operation));
  return line === undefined ? error.message : refusal(line, error.message);
}

async function applyOthers(session: Session, rules: LoadedRulesFile['others']) {
  const failures: string[] = [];
  let applied = 0;
  for (const rule of rules) {
    try {
      if (await applyOther(session, rule)) applied += 1;
    } catch (error) {
      if (!(error instanceof IpvsError)) throw error;
      failures.push(refusal(rule.line, error.message));
    }
  }
  return { applied, failures };
}

/**
 * A daemon that runs is what its rule wants: the rules of a director are applied more than once.
 * @returns whether something was changed.
 */
async function applyOther(session: Session, { invocation }: Rule): Promise<boolean> {
  const client = await session.client();
  if (invocation.command === 'start-daemon') {
    const daemons = await client.syncDaemons();
    if (daemons.some(({ state }) => state === invocation.daemon.state)) return false;
  }
  if (invocation.command === 'list' || invocation.command === 'save') return false;
  await applyInvocation(client, invocation);
  return true;
}

function statusOf({ faults, failures, changes, others }: RulesOutcome): number {
  if (faults.length > 0) return exitStatus.usage;
  if (failures.length === 0) return exitStatus.done;
  return changes + others > 0 ? exitStatus.partly : exitStatus.refused;
}

async function report(outcome: RulesOutcome, session: Session): Promise<void> {
  const { file, services, servers, changes } = outcome;
  for (const text of [...outcome.faults, ...outcome.failures]) await session.complain(text);
  if (outcome.faults.length > 0) {
    await session.complain(`Nothing was changed. Fix ${file} and try again.`);
    return;
  }
  if (outcome.deletionsWithheld) {
    await session.complain(
      `Because of that nothing was deleted: the table has more than ${file} says. Once that is fixed: ipvs rules reload`,
    );
  }
  if (services === 0) await session.complain(emptyText(file));
  else {
    await session.output.line(
      `${file}: virtual services: ${services}, real servers: ${servers}, changes: ${changes}`,
    );
  }
}

const emptyText = (file: string) =>
  `Warning: ${file} has no virtual services. The table was left as it is; to delete all of it: ipvsadm -C`;

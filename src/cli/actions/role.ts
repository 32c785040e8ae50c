import type { JsonRecord } from '../../common/json.js';
import { setupContext } from '../../setup/context.js';
import type { Role } from '../../setup/journal.js';
import { down, standings as standingsOf, tryDown, tryUp, up } from '../../setup/verbs.js';
import type { Outcome, Plan, Standing } from '../../setup/verbs.js';
import { exitStatus, NOT_RUNNING } from '../../terminal/exit-status.js';
import type { OptionValues } from '../option-spec.js';
import type { changeOptions } from '../options.js';
import type { VerbContext } from '../verb.js';
import { outcomeJson, statusJson, writeOutcome, writeStatus } from '../views/role.js';

/** What the verbs of directors and of real servers have in common. */

export type ChangeOptions = OptionValues<typeof changeOptions>;

/** What `up` or `down` has done, or in a dry run would do. */
export interface RoleOutcome {
  readonly role: Role;
  /** Undefined: there is nothing to undo. */
  readonly outcome: Outcome | undefined;
  readonly dryRun: boolean;
}

export async function runUp(
  context: VerbContext,
  role: Role,
  plan: Plan,
  options: ChangeOptions,
): Promise<RoleOutcome> {
  const { dryRun } = options;
  const outcome = await (dryRun ? tryUp : up)(await contextOf(context, role, options), plan);
  return { role, outcome, dryRun };
}

export async function runDown(
  context: VerbContext,
  role: Role,
  options: ChangeOptions,
): Promise<RoleOutcome> {
  const { dryRun } = options;
  const outcome = await (dryRun ? tryDown : down)(await contextOf(context, role, options));
  return { role, outcome, dryRun };
}

/** Whether a role is as it should be, step by step. */
export interface RoleStatus {
  readonly role: Role;
  readonly standings: readonly Standing[];
  readonly running: boolean;
}

/** @param planOf may read the request that is in the journal; it returns undefined when nothing is wanted. */
export async function readStatus(
  context: VerbContext,
  role: Role,
  planOf: (recorded: () => Promise<JsonRecord | undefined>) => Promise<Plan | undefined>,
): Promise<RoleStatus> {
  const setup = await contextOf(context, role, { dryRun: true, forget: false });
  const plan = await planOf(async () => (await setup.file.read())?.request);
  const standings = plan === undefined ? [] : await standingsOf(setup, plan.steps);
  const running = standings.length > 0 && standings.every(({ right }) => right);
  return { role, standings, running };
}

async function contextOf(
  { session, host, state }: VerbContext,
  role: Role,
  options: ChangeOptions,
) {
  return setupContext({ session, host: await host(), state, role, ...options });
}

/** How the outcome of `up` and `down` is shown. */
export const outcomeViews = {
  status: ({ outcome }: RoleOutcome) => outcome?.status ?? exitStatus.done,
  render: { text: writeOutcome, json: outcomeJson },
};

/** How `status` is shown. */
export const statusViews = {
  status: ({ running }: RoleStatus) => (running ? exitStatus.done : NOT_RUNNING),
  render: { text: writeStatus, json: statusJson },
};

import { counted, firstOf } from '../../common/plural.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import type { DesiredState } from '../../state/file/desired.js';
import { currentTable } from '../../state/plan/current-table.js';
import { stepCommands } from '../../state/plan/step-commands.js';
import { stepJson } from '../../state/plan/plan-json.js';
import { coloursFor } from '../../terminal/colours.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { planFor } from '../planning.js';
import type { Planned, PlanOptions } from '../planning.js';
import { runningAgent } from '../running-agent.js';
import { readStateInput } from '../state-input.js';
import { readRecords } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';
import { stepLine } from '../views/steps.js';

type DiffOptions = PlanOptions & { readonly file: string };
export type Difference = Pick<Planned, 'steps' | 'cuts'>;

export const diff: VerbAction<DiffOptions, Difference> = {
  run: (context, options) => differenceFrom(context, options),
  status: ({ steps }) => (steps.length === 0 ? exitStatus.done : exitStatus.no),
  render: {
    text: writeDifference,
    json: differenceJson,
    formats: { commands: writeCommands },
  },
};

export async function differenceFrom(
  context: VerbContext,
  options: DiffOptions,
): Promise<Difference> {
  const desired = await readStateInput(context.session, options.file);
  const records = await readRecords(context);
  const client = await context.session.client();
  const wanted = await effectiveState(context, client, desired);
  return planFor(client, wanted, records, options);
}

/** What the file wants; in services that an agent keeps, with what health makes of it. */
async function effectiveState(
  context: VerbContext,
  client: IpvsClient,
  desired: DesiredState,
): Promise<DesiredState> {
  const agent = await runningAgent(context);
  if (agent === undefined) return desired;
  const { services, agent: its } = agent.status;
  const { withHealth } = await import('../with-health.js');
  const effective = withHealth(desired, services, await currentTable(client));
  if (effective.adapted.length > 0) {
    await context.session.complain(
      `Compared with the health that the agent (PID ${its.pid}) sees, in ${firstOf(effective.adapted)}. To see it: ipvs status`,
    );
  }
  return effective;
}

export async function writeDifference(
  { steps, cuts }: Difference,
  session: Session,
): Promise<void> {
  const paint = await coloursFor(session.io);
  for (const step of steps) await session.output.line(stepLine(step, paint));
  await session.output.line(
    steps.length === 0
      ? 'Same: there is nothing to change.'
      : `${counted(steps.length, 'change')}, ${cuts === 0 ? 'no connection is cut' : `cuts ${counted(cuts, 'connection')}`}.`,
  );
}

export function differenceJson({ steps, cuts }: Difference) {
  return { changes: steps.length, cuts, steps: steps.map(stepJson) };
}

async function writeCommands({ steps }: Difference, session: Session): Promise<void> {
  for (const step of steps) {
    for (const command of stepCommands(step)) await session.output.line(command);
  }
}

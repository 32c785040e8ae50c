import { counted } from '../../common/plural.js';
import { stepCommands } from '../../state/plan/step-commands.js';
import { stepJson } from '../../state/plan/plan-json.js';
import { coloursFor } from '../../terminal/colours.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { planFor } from '../planning.js';
import type { Planned, PlanOptions } from '../planning.js';
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
  return planFor(await context.session.client(), desired, records, options);
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

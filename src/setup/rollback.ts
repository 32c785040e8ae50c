import { describe, groupsOf, rollbackChanges } from './changes.js';
import type { Change, SetupContext } from './changes.js';
import { perform } from './perform.js';
import type { Recorded } from './step.js';

/** How a rollback went. */
export interface RollbackResult {
  readonly changes: readonly Change[];
  /** What could not be reverted, and why. */
  readonly stayed: string[];
  /** The records of what could not be reverted, or was not tried. */
  readonly rest: readonly Recorded[];
}

/** Reverts records, the latest first. A failure does not stop the rest. */
export async function rollback(
  context: SetupContext,
  records: readonly Recorded[],
  mayContinue: () => boolean = () => true,
): Promise<RollbackResult> {
  const { snapshot, session } = context;
  const changes: Change[] = [];
  const stayed: string[] = [];
  const rest: Recorded[] = [];
  const bringBack = async (group: readonly Recorded[]): Promise<void> => {
    const back = await rollbackChanges(group, snapshot);
    await perform(
      snapshot.machine.host,
      session,
      back.flatMap(({ commands }) => commands),
    );
    changes.push(...back);
    snapshot.forgetMachine();
  };
  for (const group of groupsOf(records.toReversed(), ({ step }) => step)) {
    if (!mayContinue()) {
      rest.unshift(...group.toReversed());
      continue;
    }
    await session.progress.show(() => `${changes.length} of ${records.length} steps undone`);
    if (group.length > 1 && (await succeeds(bringBack(group)))) continue;
    // One by one, to find out which one fails.
    if (group.length > 1) snapshot.forget();
    for (const record of group) {
      try {
        await bringBack([record]);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        stayed.push(`${describe(record.step)}: ${error.message}`);
        rest.unshift(record);
        snapshot.forget();
      }
    }
  }
  return { changes, stayed, rest };
}

const succeeds = (handler: Promise<void>): Promise<boolean> =>
  handler.then(
    () => true,
    () => false,
  );

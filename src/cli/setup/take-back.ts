import { describe, groupsOf, returnsOf } from './changes.js';
import type { Change, Scene } from './changes.js';
import { Look } from './look.js';
import { perform } from './perform.js';
import type { Recorded } from './step.js';

/** How taking back went. */
export interface TakenBack {
  readonly changes: readonly Change[];
  /** What could not be brought back, and why. */
  readonly stayed: string[];
  /** The records of that. */
  readonly rest: readonly Recorded[];
}

/** Brings back what was found, the last first. What cannot be brought back does not keep the rest from it. */
export async function takeBack(
  scene: Scene,
  records: readonly Recorded[],
  mayContinue: () => boolean = () => true,
): Promise<TakenBack> {
  const { machine, session } = scene;
  const changes: Change[] = [];
  const stayed: string[] = [];
  const rest: Recorded[] = [];
  let look = new Look(machine, session);
  const bringBack = async (group: readonly Recorded[]): Promise<void> => {
    const back = await returnsOf(group, look);
    await perform(
      machine,
      session,
      back.flatMap(({ commands }) => commands),
    );
    changes.push(...back);
    look.forgetNetwork();
  };
  for (const group of groupsOf(records.toReversed(), ({ step }) => step)) {
    if (!mayContinue()) {
      rest.unshift(...group.toReversed());
      continue;
    }
    await session.progress.show(() => `${changes.length} of ${records.length} steps undone`);
    if (group.length > 1 && (await succeeds(bringBack(group)))) continue;
    // One by one, for it must be known which.
    if (group.length > 1) look = new Look(machine, session);
    for (const record of group) {
      try {
        await bringBack([record]);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        stayed.push(`${describe(record.step)}: ${error.message}`);
        rest.unshift(record);
        look = new Look(machine, session);
      }
    }
  }
  return { changes, stayed, rest };
}

const succeeds = (deed: Promise<void>): Promise<boolean> =>
  deed.then(
    () => true,
    () => false,
  );

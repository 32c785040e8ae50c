import type { IpvsClient } from '../../ipvs/client/client.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import { withoutWeight } from '../../state/record-changes.js';
import { carryOut, noChange } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keepRecords } from '../edit-target.js';
import { changingTable } from '../table-records.js';
import type { VerbContext } from '../verb.js';
import { keysOf, placesNow, weightSteps } from './targets.js';

/**
 * Gives real servers back the weights that they had before they were drained, where nobody has set another weight since.
 * @param before as they were.
 */
export async function giveBack(
  context: VerbContext,
  client: IpvsClient,
  before: readonly ServerPlace[],
): Promise<ChangeOutcome> {
  const changed = before.filter(({ server }) => server.settings.weight > 0);
  if (changed.length === 0) return noChange;
  return changingTable(context, async (recorder) => {
    const now = await placesNow(client, changed);
    const weights = new Map(
      changed.map((place) => [keysOf(place).join(' '), place.server.settings.weight]),
    );
    const quiescent = now.filter(({ server }) => server.settings.weight === 0);
    const given = await carryOut(
      client,
      weightSteps(quiescent, (place) => weights.get(keysOf(place).join(' '))),
    );
    if (given.failures.length > 0) return { ...given, undone: [] };
    const after = changed.reduce(
      (rest, place) => withoutWeight(rest, ...keysOf(place)),
      recorder.records,
    );
    await keepRecords(recorder, after);
    return given;
  });
}

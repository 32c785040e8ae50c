import type { IpvsClient } from '../../ipvs/client/client.js';
import type { DrainedServer } from '../../state/drain-rules.js';
import { costOf } from '../../state/plan/cuts.js';
import { currentTable } from '../../state/plan/current-table.js';
import { withoutWeight, withWeight } from '../../state/record-changes.js';
import { carryOut, noChange } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keepRecords } from '../edit-target.js';
import { changingTable } from '../table-records.js';
import type { Recorder } from '../table-records.js';
import type { VerbContext } from '../verb.js';
import { giveBack } from './give-back.js';
import type { Begun, DrainMeans } from './means.js';
import type { DrainRequest } from './run.js';
import { deletionSteps, keysOf, placesNow, placesOf, targetOf, weightSteps } from './targets.js';

/** Drains in the kernel's table. The lock is held only while something is changed. */
export function tableMeans(context: VerbContext, request: DrainRequest): DrainMeans {
  return {
    begin: (client) =>
      changingTable(context, (recorder) => begin(context, client, recorder, request)),
    giveBack: (client, { places }) => giveBack(context, client, places),
    remove: (client, begun, servers) =>
      deleteServers(context, client, begun, servers, request.force),
  };
}

/** Sets the weights to 0. Those from before are kept first, so that they are not lost however this ends. */
async function begin(
  { session }: VerbContext,
  client: IpvsClient,
  recorder: Recorder,
  { servers, services }: DrainRequest,
): Promise<Begun> {
  const { records } = recorder;
  const places = placesOf(await currentTable(client), records, servers, services);
  // From here on a signal is answered by giving the weights back.
  const signal = session.io.interruption?.();
  const steps = weightSteps(places, () => 0);
  let kept = records;
  for (const place of places) {
    const { weight } = place.server.settings;
    if (weight > 0) kept = withWeight(kept, ...keysOf(place), weight);
  }
  if (steps.length > 0) await recorder.save(kept);
  const outcome = await carryOut(client, steps);
  if (outcome.failures.length > 0 && outcome.done.length === 0) await recorder.save(records);
  return { places, targets: places.map(targetOf), outcome, signal };
}

/** Deletes the servers that are drained, or with force all. Those that have a weight again stay. */
async function deleteServers(
  context: VerbContext,
  client: IpvsClient,
  { places }: Begun,
  servers: readonly DrainedServer[],
  force: boolean,
): Promise<ChangeOutcome> {
  const going = places.filter((_, index) => force || servers[index]?.drained === true);
  if (going.length === 0) return noChange;
  return changingTable(context, async (recorder) => {
    const now = await placesNow(client, going);
    const quiescent = now.filter(({ server }) => server.settings.weight === 0);
    const { steps } = await costOf({ steps: deletionSteps(quiescent) }, client);
    const outcome = await carryOut(client, steps);
    if (outcome.failures.length > 0) return outcome;
    const after = quiescent.reduce(
      (rest, place) => withoutWeight(rest, ...keysOf(place)),
      recorder.records,
    );
    await keepRecords(recorder, after);
    return outcome;
  });
}

import type { IpvsClient } from '../../ipvs/client/client.js';
import { waitUntilDrained } from '../../state/drain.js';
import type { DrainProgress } from '../../state/drain.js';
import type { DrainedServer } from '../../state/drain-rules.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import { costOf } from '../../state/plan/cuts.js';
import { currentTable } from '../../state/plan/current-table.js';
import { withoutWeight, withWeight } from '../../state/record-changes.js';
import type { ServerSelector, ServiceSelector } from '../../state/selection.js';
import { carryOut, noChange, together } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keepRecords } from '../edit-target.js';
import { changingTable } from '../table-records.js';
import type { Recorder } from '../table-records.js';
import type { VerbContext } from '../verb.js';
import { giveBack } from './give-back.js';
import { deletionSteps, keysOf, placesNow, placesOf, targetOf, weightSteps } from './targets.js';
import { QUIESCENT, warningsFor } from './warnings.js';
import type { DrainWarning } from './warnings.js';

/** What is to be drained, and what becomes of it. */
export interface DrainRequest {
  readonly servers: readonly ServerSelector[];
  /** None: all that have the servers. */
  readonly services: readonly ServiceSelector[];
  readonly timeoutSeconds: number;
  readonly deletes: boolean;
  /** Whether to delete also what is not drained in time. */
  readonly force: boolean;
}

/** Who hears at once what happens. */
export interface DrainListener {
  readonly onWeights: (outcome: ChangeOutcome) => Promise<void>;
  readonly onWarning: (warning: DrainWarning) => Promise<void>;
  readonly onProgress: (progress: DrainProgress) => Promise<void>;
}

export interface DrainResult {
  readonly outcome: ChangeOutcome;
  /** What `--delete` has done; part of the outcome. */
  readonly deletions: ChangeOutcome;
  /** How far each was at the end; none if their weights could not be set. */
  readonly servers: readonly DrainedServer[];
  readonly warnings: readonly DrainWarning[];
  readonly elapsedSeconds: number;
  /** The exit status, if a signal ended it. */
  readonly interruption: number | undefined;
}

/** Drains real servers. The lock is held only while something is changed. */
export async function runDrain(
  context: VerbContext,
  request: DrainRequest,
  listener: DrainListener,
): Promise<DrainResult> {
  const client = await context.session.client();
  const begun = await changingTable(context, (recorder) =>
    begin(context, client, recorder, request),
  );
  const { outcome } = begun;
  if (outcome.failures.length > 0) {
    return { ...nothingYet, outcome };
  }
  await listener.onWeights(outcome);
  return finish(context, client, request, begun, listener);
}

const nothingYet = {
  deletions: noChange,
  servers: [],
  warnings: [],
  elapsedSeconds: 0,
  interruption: undefined,
} as const;

/** The servers whose weight is 0 now. */
interface Begun {
  /** As they were before. */
  readonly places: readonly ServerPlace[];
  readonly outcome: ChangeOutcome;
  readonly signal: AbortSignal | undefined;
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
  return { places, outcome, signal };
}

async function finish(
  context: VerbContext,
  client: IpvsClient,
  request: DrainRequest,
  begun: Begun,
  listener: DrainListener,
): Promise<DrainResult> {
  const { places, outcome, signal } = begun;
  const targets = places.map(targetOf);
  const warnings: DrainWarning[] = [];
  const start = performance.now();
  let servers: readonly DrainedServer[] = [];
  let isFirst = true;
  const onProgress = async (progress: DrainProgress): Promise<void> => {
    ({ servers } = progress);
    if (isFirst) {
      isFirst = false;
      warnings.push(...(await warningsOf(context, client, request, begun, servers)));
      for (const warning of warnings) await listener.onWarning(warning);
    }
    await listener.onProgress(progress);
  };
  const elapsed = () => Math.round((performance.now() - start) / 1000);
  try {
    const timeoutMs = request.timeoutSeconds * 1000;
    servers = await waitUntilDrained(client, targets, { timeoutMs, signal, onProgress });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    const given = await giveBack(context, client, places);
    const undone: ChangeOutcome =
      given.failures.length > 0
        ? { ...given, done: outcome.done }
        : { ...noChange, undone: outcome.done };
    const interruption = Number(signal.reason);
    const elapsedSeconds = elapsed();
    return { ...nothingYet, outcome: undone, servers, warnings, elapsedSeconds, interruption };
  }
  const elapsedSeconds = elapsed();
  const deletions = request.deletes
    ? await deleteServers(context, client, begun, servers, request.force)
    : noChange;
  const all = together(outcome, deletions);
  return { ...nothingYet, outcome: all, deletions, servers, warnings, elapsedSeconds };
}

async function warningsOf(
  { host }: VerbContext,
  client: IpvsClient,
  { timeoutSeconds }: DrainRequest,
  { places }: Begun,
  servers: readonly DrainedServer[],
): Promise<DrainWarning[]> {
  const [machine, { udpSeconds }] = await Promise.all([host(), client.timeouts()]);
  const text = await machine.read(`/proc/sys/${QUIESCENT}`);
  const expireQuiescentTemplate = text === undefined ? undefined : Number(text);
  const surroundings = { timeoutSeconds, udpSeconds, expireQuiescentTemplate };
  return servers.flatMap((server, index) => {
    const settings = places[index]?.service.settings;
    return settings === undefined ? [] : warningsFor(server, settings, surroundings);
  });
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

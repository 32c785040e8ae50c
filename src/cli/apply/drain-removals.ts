import { counted } from '../../common/plural.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { formatPlace } from '../../ipvs/model/place.js';
import { isDraining } from '../../state/drain-rules.js';
import { waitUntilDrained } from '../../state/drain.js';
import type { DesiredState } from '../../state/file/desired.js';
import { leaversOf, whileDraining } from '../../state/plan/draining.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import { withWeight } from '../../state/record-changes.js';
import type { TableRecords } from '../../state/records.js';
import type { Session } from '../../terminal/session.js';
import type { AnyStep } from '../../state/plan/perform.js';
import { noChange } from '../change-table.js';
import { giveBack } from '../drain/give-back.js';
import { keysOf, targetOf } from '../drain/targets.js';
import { planTable } from '../planning.js';
import { changingTable } from '../table-records.js';
import type { VerbContext } from '../verb.js';
import { converge } from './converge.js';
import type { Converged, ConvergeOptions } from './converge.js';

export interface DrainOptions extends ConvergeOptions {
  /** Seconds to wait at most. */
  readonly drain: number;
}

/** What was done before the removals, and whether a signal ended the wait. */
export interface Drained extends Converged {
  /** The exit status of the signal. */
  readonly interrupted: number | undefined;
}

/**
 * Does all but the removals, gives what will go weight 0, and waits until its connections have ended. Others may change the
 * table meanwhile: the lock is held only while something is written. After a signal, the weights are given back.
 */
export async function drainRemovals(
  context: VerbContext,
  client: IpvsClient,
  desired: DesiredState,
  options: DrainOptions,
): Promise<Drained> {
  const signal = context.session.io.interruption?.();
  const { leavers, outcome } = await quietLeavers(context, client, desired, options);
  const done = { ...outcome, interrupted: undefined };
  if (outcome.failures.length > 0 || leavers.length === 0) return done;
  try {
    await waitUntilDrained(client, leavers.map(targetOf), {
      timeoutMs: options.drain * 1000,
      signal,
      onProgress: ({ servers }) => showProgress(context.session, servers.filter(isDraining).length),
    });
    return done;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    const { failures } = await giveBack(context, client, leavers);
    const interrupted = Number(signal.reason);
    if (failures.length > 0) return { ...done, failures, interrupted };
    const quiet = new Set(leavers.map(({ service, server }) => formatPlace(service.id, server.id)));
    const isBack = (step: AnyStep) =>
      step.kind === 'table' &&
      step.destination !== undefined &&
      quiet.has(formatPlace(step.service, step.destination));
    return {
      ...done,
      done: done.done.filter((step) => !isBack(step)),
      undone: done.done.filter(isBack),
      interrupted,
    };
  }
}

async function showProgress(session: Session, left: number): Promise<void> {
  await session.progress.show(() => `draining: ${counted(left, 'real server')} left`);
}

async function quietLeavers(
  context: VerbContext,
  client: IpvsClient,
  desired: DesiredState,
  options: DrainOptions,
) {
  return changingTable(context, async (recorder) => {
    const { current, table } = await planTable(client, desired, recorder.records, options);
    const leavers = leaversOf(table, current);
    if (leavers.length === 0) {
      return { leavers, outcome: { ...noChange, refusedCut: undefined } };
    }
    const { services } = recorder.records;
    const meanwhile = whileDraining(
      desired.services,
      current,
      leavers,
      (service) => services.get(service)?.name,
    );
    // Kept first: whoever is killed while draining can have the weights back.
    const records = withWeights(recorder.records, leavers);
    await recorder.save(records);
    const outcome = await converge(
      client,
      { ...desired, services: meanwhile },
      { ...recorder, records },
      { ...options, prune: 'none', maxCut: undefined },
    );
    return { leavers, outcome };
  });
}

/** The records with the weights from before. A server that has weight 0 already may have one on record. */
function withWeights(records: TableRecords, leavers: readonly ServerPlace[]): TableRecords {
  return leavers
    .filter(({ server }) => server.settings.weight > 0)
    .reduce(
      (kept, place) => withWeight(kept, ...keysOf(place), place.server.settings.weight),
      records,
    );
}

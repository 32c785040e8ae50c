import type { IpvsClient } from '../../ipvs/client/client.js';
import type { Operation } from '../../ipvs/client/operations.js';
import { IpvsError } from '../../ipvs/errors.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import { sendBatch } from '../send-batch.js';
import type { PlanStep } from './plan.js';
import { sendSteps } from './send-steps.js';
import type { SettingRequest, SettingStep } from './settings.js';

/** What carrying out a plan needs of a client. */
export type PerformClient = Pick<
  IpvsClient,
  'batch' | 'destinations' | 'setTimeouts' | 'startSyncDaemon' | 'stopSyncDaemon'
>;

/** A step of either kind. */
export type AnyStep = PlanStep | SettingStep;

/** A step that was refused, and why. */
export interface StepFailure {
  readonly step: AnyStep;
  readonly error: IpvsError;
}

/** How carrying out a plan went. Each step is in one of the lists. */
export interface PerformOutcome {
  /** Steps that took effect and stay. */
  readonly done: readonly AnyStep[];
  /** Steps that took effect and were undone, because another was refused. */
  readonly undone: readonly AnyStep[];
  readonly failures: readonly StepFailure[];
  /** Steps that were not tried, because another was refused. */
  readonly withheld: readonly AnyStep[];
}

/**
 * Carries out steps: additions and changes first, then removals. When one of the former is refused, nothing is removed, and
 * what was done is undone, except what would cut connections: a new real server that has some already.
 * @throws IpvsError when the kernel does not answer; what was sent by then is done.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { parseState, perform, plan, readTable } from 'ipvs/state';
 *
 * const { services: wanted } = parseState(`
 *   services:
 *     - service: tcp:192.0.2.1:80
 *       servers: [10.0.0.2:8080, 10.0.0.3:8080]
 * `);
 *
 * await using client = await IpvsClient.open();
 * const { steps } = plan({ current: await readTable(client), wanted });
 * const { done, failures } = await perform(client, steps);
 * console.log(done.length, failures.length); // 3 0
 * ```
 */
export async function perform(
  client: PerformClient,
  steps: readonly AnyStep[],
): Promise<PerformOutcome> {
  const table = steps.filter((step) => step.kind === 'table');
  const settings = steps.filter((step) => step.kind === 'setting');
  const removals = table.filter(({ action }) => action === 'remove');
  const changed = await tryTable(
    client,
    table.filter(({ action }) => action !== 'remove'),
  );
  const set = changed.failures.length > 0 ? untried(settings) : await trySettings(client, settings);
  const tried = [...changed.done, ...set.done];
  const failures = [...changed.failures, ...set.failures];
  if (failures.length > 0) {
    const undone = await undo(client, tried);
    return {
      done: tried.filter((step) => !undone.has(step)),
      undone: tried.filter((step) => undone.has(step)),
      failures,
      withheld: [...set.withheld, ...removals],
    };
  }
  const removed = await tryTable(client, removals);
  const done = [...tried, ...removed.done];
  return { done, undone: [], failures: removed.failures, withheld: [] };
}

type Tried = Omit<PerformOutcome, 'undone'>;

const untried = (steps: readonly AnyStep[]): Tried => ({ done: [], failures: [], withheld: steps });

async function tryTable(client: PerformClient, steps: readonly PlanStep[]): Promise<Tried> {
  return { ...(await sendSteps(client, steps)), withheld: [] };
}

async function trySettings(client: PerformClient, steps: readonly SettingStep[]): Promise<Tried> {
  for (const [index, step] of steps.entries()) {
    const error = await trySetting(client, step.requests);
    if (error === undefined) continue;
    const withheld = steps.slice(index + 1);
    return { done: steps.slice(0, index), failures: [{ step, error }], withheld };
  }
  return { done: steps, failures: [], withheld: [] };
}

async function trySetting(
  client: PerformClient,
  requests: readonly SettingRequest[],
): Promise<IpvsError | undefined> {
  try {
    for (const request of requests) await send(client, request);
    return undefined;
  } catch (error) {
    if (error instanceof IpvsError) return error;
    throw error;
  }
}

function send(client: PerformClient, request: SettingRequest): Promise<void> {
  switch (request.type) {
    case 'setTimeouts':
      return client.setTimeouts(request.timeouts);
    case 'startSyncDaemon':
      return client.startSyncDaemon(request.daemon);
    case 'stopSyncDaemon':
      return client.stopSyncDaemon(request.state);
  }
}

/** Takes steps back, the last one first. @returns those that are undone. */
async function undo(
  client: PerformClient,
  done: readonly AnyStep[],
): Promise<ReadonlySet<AnyStep>> {
  const undone = new Set<AnyStep>();
  const busy = await busyAdditions(client, done);
  const back: { readonly step: PlanStep; readonly operation: Operation }[] = [];
  for (const step of done.toReversed()) {
    if (step.kind === 'setting') {
      if ((await trySetting(client, step.undo)) === undefined) undone.add(step);
    } else if (step.undo !== undefined && !isBusy(step, busy)) {
      back.push({ step, operation: step.undo });
    }
  }
  const { done: taken } = await sendBatch(client, back, ({ operation }) => operation);
  for (const { step } of taken) undone.add(step);
  return undone;
}

type Busy = ReadonlyMap<string, ReadonlySet<string>>;

/** New real servers that have connections already, by service. */
async function busyAdditions(client: PerformClient, steps: readonly AnyStep[]): Promise<Busy> {
  const services = new Map<string, ServiceId>();
  for (const step of steps) {
    if (step.kind === 'table' && step.action === 'add') {
      services.set(formatServiceId(step.service), step.service);
    }
  }
  const keys = services.keys();
  const busy = new Map<string, ReadonlySet<string>>();
  for await (const servers of client.destinations(services.values(), { statistics: false })) {
    const used = servers.filter(
      ({ activeConnections, inactiveConnections }) => activeConnections + inactiveConnections > 0,
    );
    busy.set(keys.next().value ?? '', new Set(used.map(({ id }) => formatDestinationId(id))));
  }
  return busy;
}

/** Whether undoing a step would cut connections. */
function isBusy({ action, service, destination }: PlanStep, busy: Busy): boolean {
  const servers = busy.get(formatServiceId(service));
  if (action !== 'add' || servers === undefined) return false;
  return destination === undefined
    ? servers.size > 0
    : servers.has(formatDestinationId(destination));
}

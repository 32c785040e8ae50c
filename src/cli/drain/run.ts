import { EXPIRE_QUIESCENT_TEMPLATE } from '../../host/ipvs-sysctls.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { waitUntilDrained } from '../../state/drain.js';
import type { DrainProgress } from '../../state/drain.js';
import type { DrainedServer } from '../../state/drain-rules.js';
import { currentTable } from '../../state/plan/current-table.js';
import type { PortNames, ServerSelector, ServiceSelector } from '../../state/selection.js';
import { noChange, together } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { runningAgent } from '../running-agent.js';
import type { VerbContext } from '../verb.js';
import type { Begun, DrainMeans } from './means.js';
import { parseServers, parseServices } from './targets.js';
import { tableMeans } from './table-means.js';
import { warningsFor } from './warnings.js';
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

/** Drains real servers: those of an agent by asking it, others in the table itself. */
export async function runDrain(
  context: VerbContext,
  request: DrainRequest,
  listener: DrainListener,
): Promise<DrainResult> {
  const client = await context.session.client();
  const means = await meansFor(context, client, request);
  const begun = await means.begin(client);
  const { outcome } = begun;
  if (outcome.failures.length > 0) {
    return { ...nothingYet, outcome };
  }
  await listener.onWeights(outcome);
  return finish(context, client, request, means, begun, listener);
}

/** One server of one service, named in full. */
export const drainRequest = (
  service: string,
  server: string,
  timeoutSeconds: number,
): DrainRequest => ({
  servers: parseServers([server], noPorts),
  services: parseServices([service], noPorts),
  ...{ timeoutSeconds, deletes: false, force: false },
});

const noPorts: PortNames = () => undefined;

/** Sets the weights to 0 and waits for nothing. */
export async function beginDrain(
  context: VerbContext,
  request: DrainRequest,
): Promise<ChangeOutcome> {
  const client = await context.session.client();
  const means = await meansFor(context, client, request);
  return (await means.begin(client)).outcome;
}

async function meansFor(
  context: VerbContext,
  client: IpvsClient,
  request: DrainRequest,
): Promise<DrainMeans> {
  const agent = await runningAgent(context);
  if (agent === undefined) return tableMeans(context, request);
  const { keptTargets } = await import('./kept-targets.js');
  const table = await currentTable(client);
  const kept = keptTargets(agent, table, request.servers, request.services);
  if (kept === undefined) return tableMeans(context, request);
  return (await import('./agent-means.js')).agentMeans(context, kept, request);
}

const nothingYet = {
  deletions: noChange,
  servers: [],
  warnings: [],
  elapsedSeconds: 0,
  interruption: undefined,
} as const;

async function finish(
  context: VerbContext,
  client: IpvsClient,
  request: DrainRequest,
  means: DrainMeans,
  begun: Begun,
  listener: DrainListener,
): Promise<DrainResult> {
  const { targets, outcome, signal } = begun;
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
    const given = await means.giveBack(client, begun);
    const undone: ChangeOutcome =
      given.failures.length > 0
        ? { ...given, done: outcome.done }
        : { ...noChange, undone: outcome.done };
    const interruption = Number(signal.reason);
    const elapsedSeconds = elapsed();
    return { ...nothingYet, outcome: undone, servers, warnings, elapsedSeconds, interruption };
  }
  const elapsedSeconds = elapsed();
  const deletions = request.deletes ? await means.remove(client, begun, servers) : noChange;
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
  const text = await machine.read(`/proc/sys/${EXPIRE_QUIESCENT_TEMPLATE}`);
  const expireQuiescentTemplate = text === undefined ? undefined : Number(text);
  const surroundings = { timeoutSeconds, udpSeconds, expireQuiescentTemplate };
  const settingsOf = new Map(
    places.map(({ service }) => [formatServiceId(service.id), service.settings]),
  );
  return servers.flatMap((server) => {
    const settings = settingsOf.get(formatServiceId(server.service));
    return settings === undefined ? [] : warningsFor(server, settings, surroundings);
  });
}

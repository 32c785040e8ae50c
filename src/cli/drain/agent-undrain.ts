import type { IpvsClient } from '../../ipvs/client/client.js';
import { formatPlace } from '../../ipvs/model/place.js';
import { currentTable } from '../../state/plan/current-table.js';
import { plan } from '../../state/plan/plan.js';
import type { ServerSelector } from '../../state/selection.js';
import { agentFailure } from '../ask-agent.js';
import { noChange } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import type { RunningAgent } from '../running-agent.js';
import { namesOf } from './agent-means.js';
import { keptTargets } from './kept-targets.js';

/**
 * Has the agent take drains back in services that it keeps.
 * @returns what it has changed in the table; undefined where the servers are in none of its services.
 */
export async function undrainByAgent(
  agent: RunningAgent,
  client: IpvsClient,
  servers: readonly ServerSelector[],
): Promise<ChangeOutcome | undefined> {
  const before = await currentTable(client);
  const kept = keptTargets(agent, before, servers, []);
  if (kept === undefined) return undefined;
  try {
    await agent.client.undrain(namesOf(kept.targets));
  } catch (error) {
    throw agentFailure(error);
  }
  const places = new Set(
    kept.targets.map(({ service, destination }) => formatPlace(service, destination)),
  );
  const after = await currentTable(client);
  const { steps } = plan({ current: before, wanted: after });
  const own = steps.filter(
    ({ service, destination }) =>
      destination !== undefined && places.has(formatPlace(service, destination)),
  );
  return { ...noChange, done: own };
}

import { pause } from '../../common/pause.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatPlace } from '../../ipvs/model/place.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { DrainTarget } from '../../state/drain-rules.js';
import { currentTable } from '../../state/plan/current-table.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { agentFailure } from '../ask-agent.js';
import { noChange } from '../change-table.js';
import type { VerbContext } from '../verb.js';
import type { KeptTargets } from './kept-targets.js';
import type { DrainMeans } from './means.js';
import type { DrainRequest } from './run.js';
import { deletionSteps, keysOf, placesNow, weightSteps } from './targets.js';

/** The agent looks each second whether connections have ended. */
const LOOKS = 40;
const LOOK_MS = 250;

/**
 * Has the agent drain in services that it keeps. What it has changed is shown as if the command had done it.
 * @throws CliError when something is asked for that the agent does not do
 */
export function agentMeans(
  { session }: VerbContext,
  { agent, targets }: KeptTargets,
  { timeoutSeconds, deletes, force }: DrainRequest,
): DrainMeans {
  const { configFile } = agent.status.agent;
  if (force) {
    throw new CliError(
      `Nothing was changed: the agent keeps these services, and --force is not for them. To cut connections: take the server out of ${configFile}, with drain: 0s, then: ipvs agent reload`,
      exitStatus.usage,
    );
  }
  const names = namesOf(targets);
  return {
    begin: async (client) => {
      const places = placesAmong(await currentTable(client), targets);
      const signal = session.io.interruption?.();
      await asked(agent.client.drain({ ...names, timeoutSeconds, delete: deletes }));
      const done = weightSteps(places, () => 0);
      return { places, targets, outcome: { ...noChange, done }, signal };
    },
    giveBack: async () => {
      await asked(agent.client.undrain(names));
      return noChange;
    },
    remove: async (client, { places }, servers) => {
      const going = places.filter((place) => {
        const key = keysOf(place).join(' ');
        return servers.some(
          ({ service, destination, drained }) =>
            drained && formatPlace(service, destination) === key,
        );
      });
      for (let look = 0; look < LOOKS; look += 1) {
        if ((await placesNow(client, going)).length === 0) {
          return { ...noChange, done: deletionSteps(going) };
        }
        await pause(LOOK_MS);
      }
      return noChange;
    },
  };
}

/** Servers and services as the agent takes them. */
export function namesOf(targets: readonly DrainTarget[]): {
  readonly servers: readonly string[];
  readonly services: readonly string[];
} {
  return {
    servers: [...new Set(targets.map(({ destination }) => formatDestinationId(destination)))],
    services: [...new Set(targets.map(({ service }) => formatServiceId(service)))],
  };
}

async function asked(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    throw agentFailure(error);
  }
}

function placesAmong(
  table: readonly ServerPlace['service'][],
  targets: readonly DrainTarget[],
): ServerPlace[] {
  const keys = new Set(
    targets.map(({ service, destination }) => formatPlace(service, destination)),
  );
  return table.flatMap((service) =>
    service.destinations
      .map((server) => ({ service, server }))
      .filter((place) => keys.has(keysOf(place).join(' '))),
  );
}

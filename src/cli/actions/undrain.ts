import { currentTable } from '../../state/plan/current-table.js';
import { withoutWeight } from '../../state/record-changes.js';
import type { TableRecords } from '../../state/records.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { carryOut, changesJson, changeStatus, writeChanges } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keysOf, parseServers, placesOf, weightSteps } from '../drain/targets.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import { keepRecords } from '../edit-target.js';
import { portNamesOf } from '../port-names.js';
import { runningAgent } from '../running-agent.js';
import { changingTable } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface UndrainOptions {
  readonly quiet: boolean;
}

interface Undrained {
  readonly outcome: ChangeOutcome;
  /** What is said of servers that were not drained. */
  readonly remarks: readonly string[];
}

export const undrain: VerbAction<UndrainOptions, Undrained & UndrainOptions> = {
  run: async (context, { quiet }, words) => ({ quiet, ...(await undrainServers(context, words)) }),
  status: ({ outcome }) => changeStatus(outcome),
  render: {
    text: async ({ outcome, quiet, remarks }, session) => {
      for (const remark of remarks) await session.complain(remark);
      await writeChanges(outcome, session, { quiet });
    },
    json: ({ outcome }) => changesJson(outcome),
  },
};

/** Gives drained servers their weights back. @param words servers. @throws CliError, HostError, IpvsError */
export async function undrainServers(
  context: VerbContext,
  words: readonly string[],
): Promise<Undrained> {
  const { session } = context;
  const servers = parseServers(words, portNamesOf(session));
  const client = await session.client();
  const agent = await runningAgent(context);
  if (agent !== undefined) {
    const { undrainByAgent } = await import('../drain/agent-undrain.js');
    const outcome = await undrainByAgent(agent, client, servers);
    if (outcome !== undefined) return { outcome, remarks: [] };
  }
  return changingTable(context, async (recorder) => {
    const { records } = recorder;
    const places = placesOf(await currentTable(client), records, servers, []);
    const kept = (place: ServerPlace) => weightBefore(records, place);
    const names = [...new Set(places.map((place) => keysOf(place)[1]))];
    const placesWith = (name: string) => places.filter((place) => keysOf(place)[1] === name);
    for (const name of names) checkKnown(name, placesWith(name), kept);
    const remarks = names.flatMap((name) => remarkOn(name, placesWith(name)));
    const drained = places.filter(isDrained);
    const outcome = await carryOut(client, weightSteps(drained, kept));
    if (outcome.failures.length === 0) {
      const after = places.reduce((rest, place) => withoutWeight(rest, ...keysOf(place)), records);
      await keepRecords(recorder, after);
    }
    return { outcome, remarks };
  });
}

const isDrained = ({ server }: ServerPlace): boolean => server.settings.weight === 0;

export function weightBefore({ drained }: TableRecords, place: ServerPlace): number | undefined {
  const [service, server] = keysOf(place);
  return drained.get(service)?.get(server);
}

/** @throws CliError when a server has weight 0, and no weight from before is known in any service. */
function checkKnown(
  server: string,
  places: readonly ServerPlace[],
  kept: (place: ServerPlace) => number | undefined,
): void {
  const drained = places.filter(isDrained);
  if (drained.length === 0 || drained.some((place) => kept(place) !== undefined)) return;
  const lines = drained.map((place) => `ipvs set ${keysOf(place).join(' ')} weight=1`);
  throw new CliError(
    `Nothing was changed. It is not known which weight ${server} had before it got 0. To give it one:\n${lines.join('\n')}`,
    exitStatus.usage,
  );
}

function remarkOn(server: string, places: readonly ServerPlace[]): string[] {
  if (places.some(isDrained)) return [];
  return places.map((place) => {
    const [service] = keysOf(place);
    return `${server} is not drained: its weight in ${service} is ${place.server.settings.weight}.`;
  });
}

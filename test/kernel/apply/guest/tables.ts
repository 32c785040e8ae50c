/** Runs in the guest: tables that become others, and tables that are watched while they do. */
import { IpvsClient } from '../../../../src/index.js';
import { compareServices, formatServiceId } from '../../../../src/ipvs/model/service.js';
import { parseRules } from '../../../../src/rules.js';
import { tableFrom } from '../../../../src/state.js';
import { currentTable } from '../../../../src/state/plan/current-table.js';
import { perform } from '../../../../src/state/plan/perform.js';
import { stepJson } from '../../../../src/state/plan/plan-json.js';
import { plan } from '../../../../src/state/plan/plan.js';

export interface Became {
  /** Operations that were sent. */
  readonly steps: number;
  readonly refused: readonly string[];
  /** What differs in the end. */
  readonly left: readonly unknown[];
}

/** Makes one table of another, each given as rules. */
export async function become(from: string, to: string): Promise<Became> {
  await using client = await IpvsClient.open();
  await client.flush();
  await client.batch(parseRules(from));
  const wanted = tableFrom(parseRules(to));
  const { steps } = plan({ current: await currentTable(client), wanted, prune: 'all' });
  const { failures } = await perform(client, steps);
  const after = plan({ current: await currentTable(client), wanted, prune: 'all' });
  return {
    steps: steps.length,
    refused: failures.map(({ error }) => error.message),
    left: after.steps.map(stepJson),
  };
}

let watching: { stop: boolean; readonly done: Promise<Watched> } | undefined;

export interface Watched {
  readonly samples: number;
  /** Services that had no real server at a moment. */
  readonly empty: readonly string[];
}

/** Begins to look at the services that are there, one each millisecond, for one without a real server. */
export async function watchServed(): Promise<number> {
  const client = await IpvsClient.open();
  const ids = (await currentTable(client)).map(({ id }) => id).sort(compareServices);
  const state = { stop: false };
  const watch = async (): Promise<Watched> => {
    const empty = new Set<string>();
    let samples = 0;
    while (!state.stop) {
      const id = ids[samples % ids.length];
      if (id === undefined) break;
      let servers = 0;
      for await (const found of client.destinations(id))
        servers += found.settings.weight >= 0 ? 1 : 0;
      if (servers === 0) empty.add(formatServiceId(id));
      samples += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    client.close();
    return { samples, empty: [...empty] };
  };
  const done = watch();
  watching = Object.assign(state, { done });
  return ids.length;
}

export async function stopWatching(): Promise<Watched> {
  if (watching === undefined) throw new Error('nothing is watched');
  watching.stop = true;
  return watching.done;
}

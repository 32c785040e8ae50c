import type { ServiceStatusJson } from '../../agent/control/shapes.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { ticks } from '../../common/ticks.js';
import { CliError } from '../../terminal/cli-error.js';
import { coloursFor } from '../../terminal/colours.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { Painter } from '../../terminal/painter.js';
import { knownRecords, parseSelectors, reportMissing } from '../table-reader.js';
import { portNamesOf } from '../port-names.js';
import { runningAgent } from '../running-agent.js';
import type { RunningAgent } from '../running-agent.js';
import { frameText } from '../top/batch.js';
import { healthReader } from '../top/health-reader.js';
import { watchLive } from '../top/live.js';
import type { Order } from '../top/order.js';
import { TopReader } from '../top/reader.js';
import { Readings } from '../top/readings.js';
import { initialState } from '../top/state.js';
import type { TopState } from '../top/state.js';
import { update } from '../top/update.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface TopOptions {
  readonly interval: number;
  readonly sort: Order;
  readonly exact: boolean;
  readonly batch: boolean;
  readonly count: number | undefined;
}

/** What is shown, and how it begins. */
interface Beginning {
  readonly readings: Readings;
  readonly state: TopState;
}

/** It shows what it reads while it runs: there is no result that could be shown afterwards. */
export const top: VerbAction<TopOptions, number> = {
  run: async (context, options, words) => {
    const { io } = context.session;
    const open = options.batch ? undefined : await io.screenOpener?.();
    if (!options.batch && open === undefined) {
      throw new CliError(
        'The live view needs a terminal. To print it as plain text: ipvs top -b -n 1',
        exitStatus.usage,
      );
    }
    const beginning = await begin(context, options, words);
    if (typeof beginning === 'number') return beginning;
    if (open === undefined) return printFrames(context, options, beginning);
    return watchLive({
      ...beginning,
      open,
      painter: new Painter(await coloursFor(io)),
      count: options.count,
      act: async (action) => (await import('../top/act.js')).act(context, action),
      interruption: io.interruption?.(),
    });
  },
  status: (status) => status,
  render: { text: () => Promise.resolve() },
};

/** Reads the table once, to see what is there. @returns the exit status when what was named is not. */
async function begin(
  context: VerbContext,
  { interval, sort, exact }: TopOptions,
  words: readonly string[],
): Promise<Beginning | number> {
  const { session } = context;
  const selectors = parseSelectors(words, portNamesOf(session));
  const client = await session.client();
  const reader = new TopReader(client, selectors, await knownRecords(context));
  const { entries, missing } = await reader.services();
  if (missing.length > 0) return reportMissing(session, missing);
  const [selector] = selectors;
  const [first] = entries;
  const isAlone = selectors.length === 1 && selector?.kind !== 'server' && first !== undefined;
  const state = initialState({
    intervalSeconds: interval,
    isExact: exact,
    order: sort,
    opened: isAlone ? formatServiceId(first.id) : undefined,
    size: { columns: 80, rows: 24 },
  });
  return { readings: new Readings(reader, entries, healthReader(askingAgent(context))), state };
}

/** Asks the agent, if one runs. One that cannot be asked is no reason to show nothing. */
function askingAgent(
  context: VerbContext,
): () => Promise<readonly ServiceStatusJson[] | undefined> {
  let agent: RunningAgent | undefined;
  return async () => {
    try {
      agent ??= await runningAgent(context);
      return (await agent?.client.status())?.services;
    } catch (error) {
      agent = undefined;
      const { agentFailure } = await import('../ask-agent.js');
      if (agentFailure(error) instanceof CliError) return undefined;
      throw error;
    }
  };
}

/** Prints a frame after each reading, until there are enough. @returns the exit status. */
async function printFrames(
  { session }: VerbContext,
  { interval, count = Infinity }: TopOptions,
  { readings, state }: Beginning,
): Promise<number> {
  const interruption = session.io.interruption?.();
  let shown = state;
  let frames = 0;
  const isLast = async (): Promise<boolean> => {
    shown = update(shown, await readings.all(shown.opened));
    await session.output.lines(frameText(shown));
    await session.output.flush();
    frames += 1;
    return frames >= count;
  };
  if (await isLast()) return exitStatus.done;
  const rest = ticks(interval * 1000, interruption);
  while ((await rest.next()).done !== true) {
    if (await isLast()) return exitStatus.done;
  }
  return Number(interruption?.reason);
}

import { ticks } from '../../common/ticks.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { counted, noCounters, ratesOver, sumOfCounters, sumOfRates } from '../../state/counters.js';
import type { Counters } from '../../state/counters.js';
import type { Selector } from '../../state/selection.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { untilInterrupted } from '../interruption.js';
import { reportMissing, tableReader } from '../table-reader.js';
import type { NamedService, TableReader } from '../table-reader.js';
import type { VerbAction } from '../verb.js';
import { printStatsJson, printStatsNdjson } from '../views/stats-json.js';
import { printStatsTable } from '../views/stats-table.js';
import type { PrintSample, Sample, ServiceSample } from '../views/stats-sample.js';

interface StatsOptions {
  readonly interval: number | undefined;
  readonly count: number | undefined;
  readonly exact: boolean;
}

interface StatsResult {
  readonly options: StatsOptions;
  readonly reader: TableReader;
  readonly hasSelectors: boolean;
  readonly first: Reading;
  readonly missing: readonly Selector[];
  /** The exit status, where a signal ended it. */
  interruption?: number;
}

/** The selected services at a moment. */
interface Reading {
  readonly services: readonly NamedService[];
  readonly time: Date;
  /** Of a clock that is never set back. */
  readonly atMs: number;
}

export const stats: VerbAction<StatsOptions, StatsResult> = {
  run: async (context, options, words) => {
    if (options.count !== undefined && options.interval === undefined) {
      throw new CliError('--count needs an interval: ipvs stats --interval 2', exitStatus.usage);
    }
    const reader = await tableReader(context, words);
    const { entries, missing } = await reader.readServices();
    const first = readingOf(entries);
    return { options, reader, hasSelectors: words.length > 0, first, missing };
  },
  status: ({ interruption = exitStatus.done, missing }) => {
    if (interruption !== exitStatus.done) return interruption;
    return missing.length > 0 ? exitStatus.no : exitStatus.done;
  },
  render: {
    text: (result, session) => show(result, session, printStatsTable),
    formats: {
      json: (result, session) => show(result, session, printStatsJson),
      ndjson: (result, session) => show(result, session, printStatsNdjson),
    },
  },
};

function readingOf(services: readonly NamedService[]): Reading {
  return { services, time: new Date(), atMs: performance.now() };
}

/** Prints the counters once, or rates at each tick. */
async function show(result: StatsResult, session: Session, print: PrintSample): Promise<void> {
  const { options, reader, first, missing, hasSelectors } = result;
  await reportMissing(session, missing);
  const style = { isExact: options.exact, hasServices: hasSelectors };
  const { interval, count = Infinity } = options;
  if (interval === undefined) return print(currentSample(first), style, session, 'once');
  result.interruption = await untilInterrupted(session, async (signal) => {
    const clock = ticks(interval * 1000, signal);
    let before = first;
    for (let done = 0; done < count; done += 1) {
      if ((await clock.next()).done === true) return;
      const now = readingOf((await reader.readServices(signal)).entries);
      await print(sampleBetween(before, now), style, session, done === 0 ? 'first' : 'later');
      await session.output.flush();
      before = now;
    }
  });
}

/** Counters, and the rates that the kernel estimates. */
export function currentSample({ services, time }: Reading): Sample {
  const samples = services.map(({ id, name, statistics }): ServiceSample => {
    return { id, name, statistics, rates: statistics.rates };
  });
  return {
    time,
    services: samples,
    total: {
      statistics: sumOfCounters(samples.map(({ statistics }) => statistics)),
      rates: sumOfRates(samples.map(({ rates }) => rates)),
    },
  };
}

/** Counters, and rates from what was counted since a reading before; a service that is new has counted from 0. */
export function sampleBetween(before: Reading, now: Reading): Sample {
  const seconds = (now.atMs - before.atMs) / 1000;
  const earlier = new Map<string, Counters>(
    before.services.map(({ id, statistics }) => [formatServiceId(id), statistics]),
  );
  const growths: Counters[] = [];
  const services = now.services.map(({ id, name, statistics }): ServiceSample => {
    const growth = counted(earlier.get(formatServiceId(id)) ?? noCounters, statistics);
    growths.push(growth);
    return { id, name, statistics, rates: ratesOver(growth, seconds) };
  });
  return {
    time: now.time,
    services,
    total: {
      statistics: sumOfCounters(services.map(({ statistics }) => statistics)),
      rates: ratesOver(sumOfCounters(growths), seconds),
    },
  };
}

import { InvalidArgumentError } from 'commander';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputFormats } from '../options.js';
import { defineVerb } from '../verb.js';
import { seconds, selectorsArgument } from './looking.js';

const intervalOption: OptionSpec<number | undefined> = {
  flags: '--interval <seconds>',
  summary: 'print rates every so many seconds',
  initial: undefined,
  parse: seconds,
};

const MOST_SAMPLES = 1_000_000_000;

const countOption: OptionSpec<number | undefined> = {
  flags: '--count <n>',
  summary: 'end after so many intervals (default: on Ctrl-C)',
  initial: undefined,
  parse: (text) => {
    const count = /^\d{1,10}$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= MOST_SAMPLES) return count;
    throw new InvalidArgumentError(`It must be a number from 1 to ${MOST_SAMPLES}.`);
  },
};

export const stats = defineVerb({
  path: ['stats'],
  summary: 'show counters of virtual services, or rates between samples of them',
  arguments: [selectorsArgument],
  options: {
    interval: intervalOption,
    count: countOption,
    exact: flag('--exact', 'print all digits of counters and rates'),
    ...outputFormats(['table', 'json', 'ndjson']),
  },
  notes: `The kernel brings its counters up to date every 2 seconds: with a shorter
interval, rates jump between 0 and too much.`,
  examples: [
    ['ipvs stats', 'counters since the last zeroing'],
    ['ipvs stats --interval 10', 'rates of all services together'],
    ['ipvs stats web --interval 2 --count 5', 'of one service, five times'],
    ['ipvs stats --interval 60 -o ndjson', 'for programs'],
  ],
  action: async () => (await import('../actions/stats.js')).stats,
});

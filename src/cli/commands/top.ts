import { InvalidArgumentError } from 'commander';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { defaultOrder, orderBy, sortKeys } from '../top/order.js';
import type { Order } from '../top/order.js';
import { defineVerb } from '../verb.js';

const DEFAULT_SECONDS = 2;
const LONGEST_SECONDS = 86_400;
const SHORTEST_SECONDS = 0.1;

const intervalOption: OptionSpec<number> = {
  flags: '--interval <seconds>',
  summary: 'time between two readings; fractions are possible',
  initial: DEFAULT_SECONDS,
  shownDefault: String(DEFAULT_SECONDS),
  parse: (text) => {
    const seconds = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
    if (seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) return seconds;
    throw new InvalidArgumentError(`It must be from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}.`);
  },
};

const countOption: OptionSpec<number | undefined> = {
  flags: '-n, --count <number>',
  summary: 'end after so many readings',
  initial: undefined,
  parse: (text) => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (count > 0) return count;
    throw new InvalidArgumentError('It must be a number from 1 to 999999999.');
  },
};

const sortOption: OptionSpec<Order> = {
  flags: '--sort <key>',
  summary: `sort by ${sortKeys.join(', ')}; with :asc or :desc`,
  initial: defaultOrder,
  shownDefault: 'connections:desc',
  completes: sortKeys,
  parse: (text) => {
    const [, key = '', direction] = /^(\w+)(?::(asc|desc))?$/.exec(text) ?? [];
    if (!sortKeys.includes(key)) {
      throw new InvalidArgumentError(`It must be one of ${sortKeys.join(', ')}.`);
    }
    return orderBy(key, direction);
  },
};

export const top = defineVerb({
  path: ['top'],
  summary: 'watch the services and their rates, live',
  arguments: [
    {
      name: 'selector',
      summary: 'virtual services, or real servers whose services are shown',
      isRequired: false,
      isVariadic: true,
      completes: 'selector',
    },
  ],
  options: {
    interval: intervalOption,
    sort: sortOption,
    exact: flag('--exact', 'show all digits'),
    batch: flag('-b, --batch', 'print plain text, also where there is no terminal'),
    count: countOption,
  },
  notes: `A service that is named alone is shown with its real servers. ? shows the keys.`,
  examples: [
    ['ipvs top', 'the services with the most new connections first'],
    ['ipvs top --sort outgoingBytes', 'those that send most first'],
    ['ipvs top tcp:192.0.2.1:80', 'the real servers of one service'],
    ['ipvs top -b -n 10 --interval 5', 'ten times, every five seconds, for a file'],
  ],
  overview: ['ipvs top', 'watch services and rates live'],
  action: async () => (await import('../actions/top.js')).top,
});

import { InvalidArgumentError } from 'commander';
import { protocols } from '../../ipvs/model/service.js';
import type { Protocol } from '../../ipvs/model/service.js';
import { schedulers } from '../../rules/grammar/schedulers.js';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputFormats } from '../options.js';
import { defineVerb } from '../verb.js';
import { seconds, selectorsArgument } from './looking.js';

/** The interval of the kernel's estimator of rates. */
const DEFAULT_WATCH_SECONDS = 2;
type Watch = number | true | undefined;

const watchOption: OptionSpec<Watch> = {
  flags: '--watch [seconds]',
  summary: `show it again and again (default: every ${DEFAULT_WATCH_SECONDS}); with -o ndjson, print changes`,
  initial: undefined,
  parse: watchInterval,
};

/** A selector behind the option would be taken for its value. */
function watchInterval(given: string): number {
  try {
    return seconds(given);
  } catch {
    throw new InvalidArgumentError(
      `It is not a number of seconds. Write selectors before --watch.`,
    );
  }
}

/** How often it is shown; undefined: once. */
export function watchSeconds(given: Watch): number | undefined {
  return given === true ? DEFAULT_WATCH_SECONDS : given;
}

function text(
  flags: string,
  summary: string,
  more: Pick<OptionSpec<string | undefined>, 'completes'> = {},
): OptionSpec<string | undefined> {
  return { flags, summary, initial: undefined, ...more };
}

const protocolOption: OptionSpec<Protocol | undefined> = {
  flags: '--protocol <protocol>',
  summary: 'only services of this protocol',
  initial: undefined,
  choices: Object.keys(protocols),
};

export type ListedMethod = 'nat' | 'dr' | 'tun' | 'local';

const methodOption: OptionSpec<ListedMethod | undefined> = {
  flags: '--method <method>',
  summary: 'only real servers with this forwarding method',
  initial: undefined,
  choices: ['nat', 'dr', 'tun', 'local'] satisfies ListedMethod[],
};

const filterOptions = {
  protocol: protocolOption,
  scheduler: text('--scheduler <name>', 'only services with this scheduler', {
    completes: schedulers.map(({ word }) => word),
  }),
  method: methodOption,
  server: text('--server <address>', 'only these real servers: A, A:PORT, A/LEN or A/LEN:PORT', {
    completes: 'server',
  }),
  address: text('--address <address>', 'only services with this address: A or A/LEN'),
  down: flag('--down', 'only what gets no new connections: weight 0, no servers, overloaded'),
};

/** A word that begins with --no is true until it is given. */
const serversOption: OptionSpec<boolean> = {
  flags: '--no-servers',
  summary: 'leave out the real servers',
  initial: true,
};

export const list = defineVerb({
  path: ['list'],
  summary: 'show virtual services and their real servers',
  arguments: [selectorsArgument],
  options: {
    stats: flag('--stats', 'add counters: connections, packets, bytes'),
    rates: flag('--rates', 'add rates per second'),
    thresholds: flag('--thresholds', 'add upper and lower thresholds'),
    persistent: flag('--persistent', 'add persistent connections'),
    columns: text('--columns <list>', 'the columns, separated by commas', { completes: 'column' }),
    sort: text('--sort <key>', 'sort by a column, as weight or weight:desc', {
      completes: 'column',
    }),
    servers: serversOption,
    ...filterOptions,
    names: flag('--names', 'look up the names of addresses and ports'),
    exact: flag('--exact', 'print all digits of counters and rates'),
    watch: watchOption,
    ...outputFormats(['table', 'wide', 'json', 'ndjson', 'yaml']),
  },
  notes: `A selector is a virtual service (tcp:192.0.2.1:80, mark:7, or its name) or a
real server (10.0.0.2:8080, or 10.0.0.2 whatever its port). All filters must
hold. Exit status 1: something that was named does not exist. The columns are
in ipvs-list(8).`,
  examples: [
    ['ipvs list', 'everything'],
    ['ipvs list tcp:192.0.2.1:80 --stats', 'one service, with its counters'],
    ['ipvs list 10.0.0.2', 'the services that have this real server'],
    ['ipvs list --down', 'what gets no new connections'],
    ['ipvs list --sort active:desc --watch', 'the busiest first, again and again'],
    ['ipvs list --json', 'for programs'],
  ],
  overview: ['ipvs list', 'see services and their real servers'],
  action: async () => (await import('../actions/list.js')).list,
});

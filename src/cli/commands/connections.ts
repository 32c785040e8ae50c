import { InvalidArgumentError } from 'commander';
import { connectionStates } from '../../ipvs/model/connection.js';
import { protocols } from '../../ipvs/model/service.js';
import type { Grouping } from '../../state/connection-counts.js';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputFormats } from '../options.js';
import { defineVerb } from '../verb.js';

/** A filter that may be given more than once: any of its values will do. */
function anyOf(
  flags: string,
  summary: string,
  completes?: 'service' | 'server',
): OptionSpec<readonly string[]> {
  return {
    flags,
    summary,
    initial: [],
    ...(completes !== undefined && { completes }),
    parse: (text, before) => [...before, text],
  };
}

function numberOption(
  flags: string,
  summary: string,
  atLeast: number,
): OptionSpec<number | undefined> {
  return {
    flags,
    summary,
    initial: undefined,
    parse: (text) => {
      const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
      if (number < atLeast) {
        throw new InvalidArgumentError(`It must be a whole number from ${atLeast} on.`);
      }
      return number;
    },
  };
}

const protocolOption: OptionSpec<string | undefined> = {
  flags: '--protocol <protocol>',
  summary: 'of this protocol; ip for the templates of services by mark',
  initial: undefined,
  choices: [...Object.keys(protocols), 'ip'],
};

const stateOption: OptionSpec<readonly string[]> = {
  flags: '--state <state>',
  summary: 'in this state, or in one of several with commas between them: ESTABLISHED,FIN_WAIT',
  initial: [],
  completes: connectionStates,
  parse: (text, before) => [...before, ...text.split(',').map(stateOf)],
};

/** @throws InvalidArgumentError */
function stateOf(text: string): string {
  const state = text.toUpperCase();
  if (connectionStates.includes(state)) return state;
  throw new InvalidArgumentError(`The states are ${connectionStates.join(', ')}.`);
}

const templatesOption: OptionSpec<boolean | undefined> = {
  flags: '--templates',
  summary: 'only the templates that keep persistent clients on their real servers',
  initial: undefined,
};

const countByOption: OptionSpec<Grouping | undefined> = {
  flags: '--count-by <what>',
  summary: 'count them by client, service, server or state, the most first',
  initial: undefined,
  choices: ['client', 'service', 'server', 'state'] satisfies Grouping[],
};

export const connections = defineVerb({
  path: ['connections'],
  summary: 'list or count the connections that IPVS knows',
  arguments: [
    {
      name: 'selector',
      summary: 'virtual services and real servers whose connections are wanted (default: all)',
      isRequired: false,
      isVariadic: true,
      completes: 'selector',
    },
  ],
  options: {
    client: anyOf('--client <address>', 'from this client: A[/LEN][:PORT], IPv6 as [A/LEN]:PORT'),
    service: anyOf('--service <service>', 'to this virtual service', 'service'),
    server: anyOf('--server <address>', 'to this real server: A[/LEN][:PORT]', 'server'),
    protocol: protocolOption,
    state: stateOption,
    templates: templatesOption,
    noTemplates: { ...templatesOption, flags: '--no-templates', summary: 'no templates' },
    orphans: flag('--orphans', 'whose real server is gone from the table or has weight 0'),
    expiresWithin: numberOption('--expires-within <seconds>', 'that expire so soon', 0),
    limit: numberOption('--limit <number>', 'at most so many', 1),
    count: flag('--count', 'print only how many there are'),
    countBy: countByOption,
    ...outputFormats(['table', 'json', 'ndjson']),
  },
  notes: `Filters are combined: an entry is shown when all of them hold. One that is
given more than once holds when any of its values does.`,
  examples: [
    ['ipvs connections tcp:192.0.2.1:80', 'of one virtual service'],
    ['ipvs connections --client 198.51.100.0/24 --state ESTABLISHED'],
    ['ipvs connections --count-by client --limit 10', 'who has the most'],
    ['ipvs connections --orphans --count-by server', 'left behind by real servers'],
    ['ipvs connections --templates -o ndjson', 'for another program'],
  ],
  action: async () => (await import('../actions/connections.js')).connections,
});

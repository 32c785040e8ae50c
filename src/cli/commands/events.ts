import { InvalidArgumentError } from 'commander';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputFormats, socketOption } from '../options.js';
import { defineVerb } from '../verb.js';

const sinceOption: OptionSpec<number> = {
  flags: '--since <number>',
  summary: 'only events with a higher number than this one',
  initial: 0,
  shownDefault: 'all that the agent keeps',
  parse: (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('It must be the number of an event.');
  },
};

export const events = defineVerb({
  path: ['events'],
  summary: 'show what has happened to services and servers of the agent',
  options: {
    follow: flag('--follow', 'go on with what happens from now on'),
    since: sinceOption,
    socket: socketOption,
    ...outputFormats(['text', 'json', 'ndjson']),
  },
  notes: `Each event has a number, which survives a restart of the agent. The agent
keeps the last 10,000. With --follow an agent that ends is waited for, half a
minute, and nothing is lost or shown twice meanwhile.`,
  examples: [
    ['ipvs events', 'all that the agent keeps'],
    ['ipvs events --follow', 'and what happens from now on'],
    ['ipvs events --since 4711 -o ndjson', 'for programs: what came after'],
  ],
  action: async () => (await import('../actions/events.js')).events,
});

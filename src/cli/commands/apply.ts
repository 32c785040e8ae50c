import { InvalidArgumentError } from 'commander';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputOptions, quietOption, stateFileOption } from '../options.js';
import { planOptions } from '../plan-options.js';
import { defineVerb } from '../verb.js';

const drainOption: OptionSpec<number> = {
  flags: '--drain <seconds>',
  summary: 'let the connections of what goes end first, at most so long; 0 cuts them at once',
  initial: 0,
  shownDefault: '0',
  parse: (text) => wholeNumber(text, 86_400),
};

const maxCutOption: OptionSpec<number | undefined> = {
  flags: '--max-cut <number>',
  summary: 'refuse to cut more connections than this',
  initial: undefined,
  parse: (text) => wholeNumber(text, Number.MAX_SAFE_INTEGER),
};

/** @throws InvalidArgumentError */
function wholeNumber(text: string, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Infinity;
  if (value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${most}.`);
}

export const apply = defineVerb({
  path: ['apply'],
  summary: 'make the table what a state file says, with as few changes as possible',
  options: {
    file: stateFileOption,
    ...planOptions,
    drain: drainOption,
    maxCut: maxCutOption,
    keepWeights: flag('--keep-weights', 'leave the weights of real servers that exist'),
    dryRun: flag('--dry-run', 'show what would be done, as ipvs diff does'),
    quiet: quietOption,
    ...outputOptions,
  },
  notes:
    'What is right already is not touched. New services and real servers come first,\n' +
    'and nothing is removed if one of them was refused. Services that others have\n' +
    'made stay, and an empty file removes nothing, unless --prune all is given.',
  examples: [
    ['ipvs apply -f web.yaml --dry-run', 'see what would be done'],
    ['ipvs apply -f web.yaml'],
    ['ipvs apply -f /etc/ipvs/conf.d --drain 300', 'give connections 5 minutes to end'],
    ['ipvs apply -f web.yaml --max-cut 0', 'only if no connection is cut'],
  ],
  overview: ['ipvs apply -f web.yaml', 'make the table what a state file says'],
  action: async () => (await import('../actions/apply.js')).apply,
});

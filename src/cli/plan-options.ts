import { InvalidArgumentError } from 'commander';
import type { Prune } from '../state/plan/plan.js';
import type { OptionSpec } from './option-spec.js';

const pruneOption: OptionSpec<Prune> = {
  flags: '--prune <which>',
  summary:
    'which services that are not in the file go: none, owned (an earlier apply with this owner has made them), or all',
  initial: 'owned',
  shownDefault: 'owned',
  choices: ['none', 'owned', 'all'],
};

const ownerOption: OptionSpec<string> = {
  flags: '--owner <name>',
  summary: 'in whose name services are made',
  initial: 'ipvs',
  shownDefault: 'ipvs',
  parse: (text) => {
    if (/^[\w][\w.@-]{0,63}$/.test(text)) return text;
    throw new InvalidArgumentError('It must be a word of at most 64 letters, digits and . @ _ -');
  },
};

/** Of verbs that compare the table with a state file: which services may go, and whose they are. */
export const planOptions = { prune: pruneOption, owner: ownerOption };

import { flag } from '../option-spec.js';
import { outputFormats, stateFileOption } from '../options.js';
import { planOptions } from '../plan-options.js';
import { defineVerb } from '../verb.js';

export const diff = defineVerb({
  path: ['diff'],
  summary: 'show what apply would change, and how many connections that would cut',
  options: {
    file: stateFileOption,
    ...planOptions,
    keepWeights: flag('--keep-weights', 'leave the weights of real servers that exist'),
    ...outputFormats(['text', 'json', 'commands']),
  },
  notes:
    'The table of the kernel is compared with a state file: YAML, JSON, or a rules\n' +
    'file of ipvsadm-save. Exit status 0: nothing differs; 1: something does.',
  examples: [
    ['ipvs diff -f web.yaml'],
    ['ipvs diff -f /etc/ipvs/conf.d --prune all', 'as if services that are in no file should go'],
    ['ipvs diff -f web.yaml -o commands', 'as command lines of ipvsadm'],
  ],
  overview: ['ipvs diff -f web.yaml', 'see what differs from a state file'],
  action: async () => (await import('../actions/diff.js')).diff,
});

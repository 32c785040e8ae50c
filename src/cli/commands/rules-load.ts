import { rulesFileOption } from '../options.js';
import { defineVerb } from '../verb.js';

export const rulesLoad = defineVerb({
  path: ['rules', 'load'],
  // Units and scripts that exist have these words.
  aliases: [['service', 'start']],
  summary: 'make the table match the rules file',
  options: { file: rulesFileOption },
  examples: [['ipvs rules load'], ['ipvs rules load -f ./rules', 'with a file of your own']],
  overview: ['ipvs rules load -f ./rules', 'with a file of your own'],
  action: async () => (await import('../actions/rules-load.js')).rulesLoad,
});

import { rulesFileOption } from '../options.js';
import { defineVerb } from '../verb.js';

export const rulesReload = defineVerb({
  path: ['rules', 'reload'],
  aliases: [['service', 'reload']],
  summary: 'apply a changed rules file; what is already correct is left alone',
  options: { file: rulesFileOption },
  examples: [['ipvs rules reload', 'after the rules file was edited']],
  overview: ['ipvs rules reload', 'after the rules file was edited'],
  action: async () => (await import('../actions/rules-load.js')).rulesLoad,
});

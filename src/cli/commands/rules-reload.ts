import { defineVerb } from '../verb.js';
import { rulesLoading } from './rules-load.js';

export const rulesReload = defineVerb({
  path: ['rules', 'reload'],
  aliases: [['service', 'reload']],
  summary: 'apply a changed rules file; what is already correct is left alone',
  examples: [['ipvs rules reload', 'after the rules file was edited']],
  overview: ['ipvs rules reload', 'after the rules file was edited'],
  ...rulesLoading,
});

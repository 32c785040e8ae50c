import { defineVerb } from '../verb.js';
import { rulesLoading } from './rules-load.js';

export const rulesReload = defineVerb({
  path: ['rules', 'reload'],
  aliases: [['service', 'reload']],
  summary: 'load changed rules; whatever is right already goes on undisturbed',
  examples: [['ipvs rules reload', 'after the rules file was edited']],
  overview: ['ipvs rules reload', 'after the rules file was edited'],
  ...rulesLoading,
});

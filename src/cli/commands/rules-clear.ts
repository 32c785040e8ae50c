import { defineVerb } from '../verb.js';

export const rulesClear = defineVerb({
  path: ['rules', 'clear'],
  aliases: [['service', 'stop']],
  summary: 'delete all virtual services',
  options: {},
  examples: [['ipvs rules clear']],
  action: async () => (await import('../actions/rules-clear.js')).rulesClear,
});

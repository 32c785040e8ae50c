import { flag } from '../option-spec.js';
import { rulesFileOption } from '../options.js';
import { defineVerb } from '../verb.js';

export const rulesSave = defineVerb({
  path: ['rules', 'save'],
  aliases: [['service', 'save']],
  summary: "write the kernel's rules to the rules file, replacing it as a whole; -f - prints them",
  options: {
    file: rulesFileOption,
    empty: flag('--empty', 'even if the table is empty and the file has rules'),
  },
  examples: [
    ['ipvs rules save', 'keep the rules that are in the kernel now'],
    ['ipvs rules save -f -', 'print them'],
  ],
  overview: ['ipvs rules save', 'keep the rules of the kernel'],
  action: async () => (await import('../actions/rules-save.js')).rulesSave,
});

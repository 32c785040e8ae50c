import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { outputFormats } from '../options.js';
import { defineVerb } from '../verb.js';

/** Programs whose configurations are read, with what says so on the command line. */
const PROGRAMS = ['keepalived', 'ldirectord', 'rules'] as const;

const configId: OptionSpec<string | undefined> = {
  flags: '--config-id <id>',
  summary:
    "lines of keepalived's file that begin with @: those for this id (default: this machine's name)",
  initial: undefined,
};

export const importVerb = defineVerb({
  path: ['import'],
  summary:
    'turn a configuration of keepalived or ldirectord, or rules of ipvsadm, into a state file',
  arguments: [
    {
      name: 'program',
      summary: PROGRAMS.join(', '),
      isRequired: true,
      completes: PROGRAMS,
    },
    {
      name: 'file',
      summary: 'its configuration; - reads standard input',
      isRequired: true,
      completes: 'file',
    },
  ],
  options: {
    strict: flag('--strict', 'exit status 1 if a state file cannot express all of it'),
    configId,
    ...outputFormats(['yaml', 'json']),
  },
  notes:
    'The state file goes to standard output, and nothing is changed. What it cannot\n' +
    'express is a comment there, and a warning on standard error.',
  examples: [
    ['ipvs import keepalived /etc/keepalived/keepalived.conf >ipvs.yaml', 'what keepalived checks'],
    ['ipvs import ldirectord /etc/ha.d/ldirectord.cf >ipvs.yaml', 'what ldirectord checks'],
    ['ipvs import rules /etc/ipvsadm.rules | ipvs diff -f -', 'compare rules with the table'],
  ],
  action: async () => (await import('../actions/import.js')).importAction,
});

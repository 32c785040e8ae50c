import { stateFileOption } from '../options.js';
import { defineVerb } from '../verb.js';

export const agentCheck = defineVerb({
  path: ['agent', 'check'],
  summary: 'say whether a state file is good for the agent',
  options: { file: stateFileOption },
  notes: `All that the agent would need is prepared: certificates are read, patterns
compiled. Nothing is checked or changed. Exit status 0: good; 2: not.`,
  examples: [
    ['ipvs agent check -f /etc/ipvs/ipvs.yaml'],
    ['ipvs agent check -f /etc/ipvs/conf.d', 'all files of a folder'],
  ],
  action: async () => (await import('../actions/agent-check.js')).agentCheck,
});

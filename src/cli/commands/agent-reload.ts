import { outputOptions, quietOption, socketOption } from '../options.js';
import { defineVerb } from '../verb.js';

export const agentReload = defineVerb({
  path: ['agent', 'reload'],
  summary: 'have the agent read its files again',
  options: { quiet: quietOption, socket: socketOption, ...outputOptions },
  notes: `The files are checked as a whole first: faulty ones change nothing, and the
problem is shown. Exit status 0: reloaded; 2: the problem, or no agent runs.`,
  examples: [['ipvs agent reload']],
  action: async () => (await import('../actions/agent-reload.js')).agentReload,
});

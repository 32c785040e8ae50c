import { outputOptions, socketOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { selectorsArgument } from './looking.js';

export const status = defineVerb({
  path: ['status'],
  summary: 'show what the agent knows: services, servers, their health and why',
  arguments: [selectorsArgument],
  options: { socket: socketOption, ...outputOptions },
  notes: `A selector is a virtual service (tcp:192.0.2.1:80, mark:7, or its name) or a
real server (10.0.0.2:8080, or 10.0.0.2 whatever its port). Exit status 0: all
that is selected is well; 1: something of it is down; 2: no agent is running.`,
  examples: [
    ['ipvs status', 'everything'],
    ['ipvs status web', 'one service'],
    ['ipvs status 10.0.0.2:8080', 'a real server, in all services that have it'],
    ['ipvs status --json', 'for programs'],
  ],
  overview: ['ipvs status', 'see what is up and what is down, and why'],
  action: async () => (await import('../actions/status.js')).status,
});

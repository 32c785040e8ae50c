import type { OptionSpec } from '../option-spec.js';
import { agentServicesOption, outputOptions, quietOption, socketOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { serversArgument } from './target-arguments.js';

const reasonOption: OptionSpec<string | undefined> = {
  flags: '--reason <text>',
  summary: 'why, for whoever looks at ipvs status',
  initial: undefined,
};

const options = { service: agentServicesOption };
const others = { quiet: quietOption, socket: socketOption, ...outputOptions };

export const maintenanceOn = defineVerb({
  path: ['maintenance', 'on'],
  summary: 'have the agent take real servers out, until maintenance off',
  arguments: [serversArgument],
  options: { ...options, reason: reasonOption, ...others },
  notes: `A server in maintenance gets no new clients, however healthy it is; those it
has go on. That is kept over restarts of the agent and of the machine.`,
  examples: [
    ['ipvs maintenance on 10.0.0.2:8080 --reason "new disk"'],
    ['ipvs maintenance on 10.0.0.2:8080 --service web', 'in one service'],
  ],
  action: async () => (await import('../actions/maintenance.js')).maintenanceOn,
});

export const maintenanceOff = defineVerb({
  path: ['maintenance', 'off'],
  summary: 'have the agent take real servers in again, as their health is',
  arguments: [serversArgument],
  options: { ...options, ...others },
  examples: [['ipvs maintenance off 10.0.0.2:8080', 'in all services']],
  action: async () => (await import('../actions/maintenance.js')).maintenanceOff,
});

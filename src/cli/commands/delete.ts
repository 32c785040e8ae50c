import { outputOptions, quietOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { serverArgument, serviceArgument } from './target-arguments.js';

export const deleteVerb = defineVerb({
  path: ['delete'],
  summary: 'delete a virtual service with its real servers, or one real server',
  arguments: [
    serviceArgument,
    serverArgument('the real server that goes; without it, the service goes'),
  ],
  options: { quiet: quietOption, ...outputOptions },
  notes: `Connections of a real server that goes are cut, and the output says how many.
To let them end first: ipvs drain SERVER --delete`,
  examples: [
    ['ipvs delete tcp:192.0.2.1:80 10.0.0.2:8080', 'a real server'],
    ['ipvs delete web', 'a service with all its real servers'],
  ],
  action: async () => (await import('../actions/delete.js')).deleteAction,
});

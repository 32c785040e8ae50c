import { outputOptions, quietOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { serverArgument, serviceArgument, settingsArgument } from './target-arguments.js';
import { settingsHelp } from './setting-keys.js';

export const add = defineVerb({
  path: ['add'],
  summary: 'add a virtual service, or a real server to one',
  arguments: [
    serviceArgument,
    serverArgument('the real server: 10.0.0.2:8080; without a port, that of the service'),
    settingsArgument,
  ],
  options: { quiet: quietOption, ...outputOptions },
  notes: `Without settings: scheduler=wlc of a service; method=nat weight=1 of a server.\n\n${settingsHelp}`,
  examples: [
    ['ipvs add tcp:192.0.2.1:80 scheduler=wrr'],
    ['ipvs add tcp:192.0.2.1:80 10.0.0.2:8080 method=nat weight=3'],
  ],
  action: async () => (await import('../actions/add.js')).add,
});

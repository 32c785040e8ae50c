import { outputOptions, quietOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { serverArgument, serviceArgument, settingsArgument } from './target-arguments.js';
import { settingsHelp } from './setting-keys.js';

export const set = defineVerb({
  path: ['set'],
  summary: 'change settings of a virtual service, or of one of its real servers',
  arguments: [
    serviceArgument,
    serverArgument('the real server, for settings of it: 10.0.0.2:8080'),
    settingsArgument,
  ],
  options: { quiet: quietOption, ...outputOptions },
  notes: `Only what is named is changed.\n\n${settingsHelp}`,
  examples: [
    ['ipvs set tcp:192.0.2.1:80 scheduler=wrr persistence=600'],
    ['ipvs set web 10.0.0.2:8080 weight=50%', 'half of its present weight'],
    ['ipvs set web 10.0.0.2:8080 upperThreshold=1000'],
  ],
  overview: ['ipvs set web 10.0.0.2:8080 weight=3', 'change one setting'],
  action: async () => (await import('../actions/set.js')).set,
});

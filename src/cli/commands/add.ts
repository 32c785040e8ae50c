import { outputOptions, quietOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { settingsHelp, settingWords } from './setting-keys.js';

export const add = defineVerb({
  path: ['add'],
  summary: 'add a virtual service, or a real server to one',
  arguments: [
    {
      name: 'service',
      summary: 'the service: tcp:192.0.2.1:80, mark:7',
      isRequired: true,
      completes: 'service',
    },
    {
      name: 'server',
      summary: 'the real server: 10.0.0.2:8080; without a port, that of the service',
      isRequired: false,
      completes: 'server',
    },
    {
      name: 'setting',
      summary: 'key=value',
      isRequired: false,
      isVariadic: true,
      completes: settingWords,
    },
  ],
  options: { quiet: quietOption, ...outputOptions },
  notes: `Without settings: scheduler=wlc for a service; method=nat weight=1 for a real server.\n\n${settingsHelp}`,
  examples: [
    ['ipvs add tcp:192.0.2.1:80 scheduler=wrr'],
    ['ipvs add tcp:192.0.2.1:80 10.0.0.2:8080 method=nat weight=3'],
  ],
  action: async () => (await import('../actions/add.js')).add,
});

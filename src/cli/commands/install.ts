import { placementOptions } from '../options.js';
import { defineVerb } from '../verb.js';

export const install = defineVerb({
  path: ['install'],
  summary: 'put the systemd unit, shell completions and start scripts in place',
  options: placementOptions,
  examples: [['ipvs install', 'then: systemctl enable --now ipvs']],
  overview: ['ipvs install', 'then: systemctl enable --now ipvs'],
  action: async () => (await import('../actions/install.js')).install,
});

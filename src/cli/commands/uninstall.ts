import { placementOptions } from '../options.js';
import { defineVerb } from '../verb.js';

export const uninstall = defineVerb({
  path: ['uninstall'],
  summary: 'remove what install put in place',
  options: placementOptions,
  examples: [['ipvs uninstall'], ['ipvs uninstall --prefix /opt/ipvs --dry-run']],
  action: async () => (await import('../actions/uninstall.js')).uninstall,
});

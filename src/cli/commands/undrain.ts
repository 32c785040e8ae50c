import { outputOptions, quietOption } from '../options.js';
import { defineVerb } from '../verb.js';
import { serversArgument } from './target-arguments.js';

export const undrain = defineVerb({
  path: ['undrain'],
  summary: 'give real servers the weight back that they had before they were drained',
  arguments: [serversArgument],
  options: { quiet: quietOption, ...outputOptions },
  examples: [['ipvs undrain 10.0.0.2:8080', 'in all services in which it was drained']],
  action: async () => (await import('../actions/undrain.js')).undrain,
});

import { defineVerb } from '../verb.js';
import { outputFormats } from '../options.js';

export const exportState = defineVerb({
  path: ['export'],
  summary: "print the kernel's table as a state file",
  arguments: [
    {
      name: 'selector',
      summary:
        'services, by what they are or by name; real servers for the services that have them',
      isRequired: false,
      isVariadic: true,
      completes: 'selector',
    },
  ],
  options: outputFormats(['yaml', 'json', 'rules']),
  notes: `Exit status: 1 when a service that was named does not exist, or when there is
something that a state file cannot hold: it is then a comment in the output.`,
  examples: [
    ['ipvs export > /etc/ipvs/ipvs.yaml', 'begin with what is there now'],
    ['ipvs export web -o json', 'one service, as JSON'],
    ['ipvs export -o rules', 'as ipvsadm-save writes it'],
  ],
  action: async () => (await import('../actions/export.js')).exportState,
});

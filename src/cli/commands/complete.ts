import { defineVerb } from '../verb.js';

/** What completions ask for. */
export const complete = defineVerb({
  path: ['complete'],
  summary: 'print words of the kernel that a shell may complete',
  isHidden: true,
  arguments: [
    {
      name: 'kind',
      summary: 'selector, service or server',
      isRequired: true,
      completes: ['selector', 'service', 'server'],
    },
  ],
  options: {},
  examples: [['ipvs complete service']],
  action: async () => (await import('../actions/complete.js')).complete,
});

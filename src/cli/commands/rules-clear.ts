import { exitStatus } from '../../terminal/exit-status.js';
import { defineVerb } from '../verb.js';

export const rulesClear = defineVerb({
  path: ['rules', 'clear'],
  aliases: [['service', 'stop']],
  summary: 'delete all virtual services',
  options: {},
  examples: [['ipvs rules clear']],
  run: async ({ session }) => (await session.client()).flush(),
  status: () => exitStatus.done,
  render: { text: () => Promise.resolve() },
});

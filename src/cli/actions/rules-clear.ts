import { exitStatus } from '../../terminal/exit-status.js';
import type { VerbAction } from '../verb.js';

export const rulesClear: VerbAction<object, void> = {
  run: async ({ session }) => (await session.client()).flush(),
  status: () => exitStatus.done,
  render: { text: () => Promise.resolve() },
};

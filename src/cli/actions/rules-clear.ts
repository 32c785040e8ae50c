import { exitStatus } from '../../terminal/exit-status.js';
import { keptBy, refuseKept, runningAgent } from '../running-agent.js';
import type { VerbAction } from '../verb.js';

export const rulesClear: VerbAction<object, void> = {
  run: async (context) => {
    const client = await context.session.client();
    const agent = await runningAgent(context);
    refuseKept(agent, [...keptBy(agent)]);
    await client.flush();
  },
  status: () => exitStatus.done,
  render: { text: () => Promise.resolve() },
};

import type { ReloadJson } from '../../agent/control/shapes.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { askAgent } from '../ask-agent.js';
import type { VerbAction } from '../verb.js';

interface ReloadOptions {
  readonly socket: string;
  readonly quiet: boolean;
}

interface Reloaded extends ReloadJson {
  readonly quiet: boolean;
}

export const agentReload: VerbAction<ReloadOptions, Reloaded> = {
  run: async (_context, { socket, quiet }) => {
    return { quiet, ...(await askAgent(socket, (client) => client.reload())) };
  },
  status: ({ configValid }) => (configValid ? exitStatus.done : exitStatus.usage),
  render: {
    text: async ({ quiet, configValid, problem = '' }, session) => {
      if (!configValid) {
        await session.complain(
          `${problem}\nNothing was changed: the agent keeps what it had. Correct this, then: ipvs agent reload`,
        );
      } else if (!quiet) await session.output.line('Reloaded.');
    },
    json: ({ configValid, problem }) => ({
      configValid,
      ...(problem !== undefined && { problem }),
    }),
  },
};

import { pingMethod } from '../../agent/checks/ping.js';
import type { PingMethod } from '../../agent/checks/ping.js';
import { checksOf } from '../../agent/config/checks-of.js';
import type { AgentConfig } from '../../agent/config/config.js';
import type { PlacedProblem } from '../../agent/config/place-problems.js';
import { counted } from '../../common/plural.js';
import { printable } from '../../common/printable.js';
import { StateFileError } from '../../state/file/desired.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { isError, readAgentInput } from '../agent-input.js';
import { inputError, problemLines } from '../state-input.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface CheckOptions {
  readonly file: string;
}

interface Checked {
  readonly file: string;
  readonly config: AgentConfig;
  readonly problems: readonly PlacedProblem[];
  /** Undefined: no check is of type ping. */
  readonly ping: PingMethod | undefined;
}

export const agentCheck: VerbAction<CheckOptions, Checked> = {
  run: (context, { file }) => check(context, file),
  status: ({ problems }) => (isGood(problems) ? exitStatus.done : exitStatus.usage),
  render: {
    text: async (checked, session) => {
      const { file, config, problems, ping } = checked;
      if (problems.length > 0) await session.complain(problemLines(problems));
      if (!isGood(problems)) return;
      const counts = [
        counted(config.services.length, 'service'),
        counted(config.services.flatMap(({ servers }) => servers).length, 'server'),
        counted(checksOf(config).length, 'check'),
      ];
      await session.output.line(`${printable(file)} is good: ${counts.join(', ')}.`);
      if (ping !== undefined) await session.output.line(pingText(ping));
    },
  },
};

async function check(context: VerbContext, file: string): Promise<Checked> {
  const host = await context.host();
  const { config, problems } = await readAgentInput(context.session, host, file).catch(
    (error: unknown) => {
      throw error instanceof StateFileError ? inputError(error) : error;
    },
  );
  const usesPing = checksOf(config).some(({ type }) => type === 'ping');
  const ping = usesPing ? await pingMethod(host) : undefined;
  return { file, config, problems, ping };
}

const isGood = (problems: readonly PlacedProblem[]): boolean => !problems.some(isError);

/** Without the program there is an error instead. */
function pingText({ program = 'ping', groups }: PingMethod): string {
  return groups === undefined
    ? `Checks of type ping run ${program}, which needs CAP_NET_RAW: net.ipv4.ping_group_range lets no group do without.`
    : `Checks of type ping run ${program}, which needs no privilege in the groups ${groups} (net.ipv4.ping_group_range).`;
}

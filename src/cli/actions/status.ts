import { isWell, selectStatus } from '../../agent/control/select-status.js';
import type { StatusSelection } from '../../agent/control/select-status.js';
import type { StatusJson } from '../../agent/control/shapes.js';
import { printable } from '../../common/printable.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { askAgent } from '../ask-agent.js';
import { portNamesOf } from '../port-names.js';
import { parseSelectors, reportMissing, usage } from '../table-reader.js';
import type { VerbAction } from '../verb.js';
import { statusText } from '../views/agent-status.js';

interface StatusOptions {
  readonly socket: string;
}

interface StatusResult extends StatusSelection {
  readonly status: StatusJson;
}

export const status: VerbAction<StatusOptions, StatusResult> = {
  run: async ({ session }, { socket }, words) => {
    const selectors = parseSelectors(words, portNamesOf(session));
    const known = await askAgent(socket, (client) => client.status());
    return { status: known, ...usage(() => selectStatus(known.services, selectors)) };
  },
  status: ({ selected, missing }) =>
    missing.length === 0 && selected.every(isWell) ? exitStatus.done : exitStatus.no,
  render: {
    text: async (result, session) => {
      await complain(result, session);
      await session.output.lines(await statusText(result.status, result.selected, session));
    },
    json: ({ status: { agent }, selected }) => ({
      agent,
      services: selected.map((one) => one.status),
    }),
  },
};

async function complain({ status: known, missing }: StatusResult, session: Session) {
  const { configValid, configFile, problem = '' } = known.agent;
  if (!configValid) {
    await session.complain(
      `${printable(configFile)} is faulty, so the agent keeps what it had. Correct it, then: ipvs agent reload\n` +
        printable(problem),
    );
  }
  await reportMissing(session, missing, 'ipvs status');
}

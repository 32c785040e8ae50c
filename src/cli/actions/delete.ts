import { counted } from '../../common/plural.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { costOf } from '../../state/plan/cuts.js';
import { currentService } from '../../state/plan/current-table.js';
import { plan } from '../../state/plan/plan.js';
import type { CurrentServer, CurrentService, PlanStep } from '../../state/plan/plan.js';
import { withoutService, withoutWeight } from '../../state/record-changes.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { carryOut, changesJson, changeStatus, writeChanges } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keepRecords, noService, parseTarget, serverOf, serviceIdOf } from '../edit-target.js';
import { portNamesOf } from '../port-names.js';
import { refuseKept, runningAgent } from '../running-agent.js';
import { changingTable } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface DeleteOptions {
  readonly quiet: boolean;
}

/** A real server that went with its service. */
interface LostServer {
  readonly server: string;
  readonly cuts: number;
}

interface Deleted {
  readonly outcome: ChangeOutcome;
  readonly servers: readonly LostServer[];
}

export const deleteAction: VerbAction<DeleteOptions, Deleted & DeleteOptions> = {
  run: async (context, { quiet }, words) => ({ quiet, ...(await remove(context, words)) }),
  status: ({ outcome }) => changeStatus(outcome),
  render: {
    text: async (result, session) => {
      const { outcome, quiet, servers } = result;
      await writeChanges(outcome, session, { quiet });
      if (!quiet) await writeServers(servers, session);
    },
    json: ({ outcome, servers }) => ({
      ...changesJson(outcome),
      ...(servers.length > 0 && { servers }),
    }),
  },
};

async function remove(context: VerbContext, words: readonly string[]): Promise<Deleted> {
  const { session } = context;
  const target = parseTarget(words, portNamesOf(session));
  const [extra] = target.settings;
  if (extra !== undefined) {
    throw new CliError('delete takes a service and at most one real server.', exitStatus.usage);
  }
  const client = await session.client();
  const agent = await runningAgent(context);
  return changingTable(context, async (recorder) => {
    const id = serviceIdOf(target.service, recorder.records);
    const key = formatServiceId(id);
    refuseKept(agent, [key]);
    const service = await currentService(client, id);
    if (service === undefined) throw noService(key);
    const { records } = recorder;
    if (target.server !== undefined) {
      const server = serverOf(service, target.server);
      const outcome = await carryOut(
        client,
        await counting(client, withoutServer(service, server)),
      );
      const after = withoutWeight(records, key, formatDestinationId(server.id));
      if (outcome.done.length > 0) await keepRecords(recorder, after);
      return { outcome, servers: [] };
    }
    const [whole, ...each] = await counting(client, [
      ...plan({ current: [service], wanted: [], prune: 'all' }).steps,
      ...service.destinations.flatMap((server) => withoutServer(service, server)),
    ]);
    const outcome = await carryOut(client, whole === undefined ? [] : [whole]);
    if (outcome.done.length === 0) return { outcome, servers: [] };
    await keepRecords(recorder, withoutService(records, key));
    return { outcome, servers: each.flatMap(lostServer) };
  });
}

const counting = async (client: IpvsClient, steps: readonly PlanStep[]) =>
  (await costOf({ steps }, client)).steps;

function withoutServer(service: CurrentService, server: CurrentServer): readonly PlanStep[] {
  const destinations = service.destinations.filter((one) => one !== server);
  return plan({ current: [service], wanted: [{ ...service, destinations }] }).steps;
}

function lostServer({ destination, cuts }: PlanStep): LostServer[] {
  return destination === undefined ? [] : [{ server: formatDestinationId(destination), cuts }];
}

async function writeServers(servers: readonly LostServer[], session: Session): Promise<void> {
  for (const { server, cuts } of servers) {
    const cost = cuts === 0 ? '' : `  cuts ${counted(cuts, 'connection')}`;
    await session.output.line(`    ${server}${cost}`);
  }
}

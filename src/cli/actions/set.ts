import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { serverFault } from '../../state/file/faults.js';
import { currentService } from '../../state/plan/current-table.js';
import { plan } from '../../state/plan/plan.js';
import type { CurrentServer, CurrentService } from '../../state/plan/plan.js';
import { withoutWeight } from '../../state/record-changes.js';
import type { WantedService } from '../../state/table.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { carryOut, changesJson, changeStatus, writeChanges } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keepRecords, noService, parseTarget, serverOf, serviceIdOf } from '../edit-target.js';
import type { EditTarget } from '../edit-target.js';
import { changedServer, changedService, parseSettings } from '../setting-words.js';
import type { SettingTexts } from '../setting-words.js';
import { portNamesOf } from '../port-names.js';
import { refuseKept, runningAgent } from '../running-agent.js';
import { changingTable } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface EditOptions {
  readonly quiet: boolean;
}

interface Edited extends EditOptions {
  readonly outcome: ChangeOutcome;
}

export const set: VerbAction<EditOptions, Edited> = {
  run: async (context, { quiet }, words) => ({ quiet, outcome: await setSettings(context, words) }),
  status: ({ outcome }) => changeStatus(outcome),
  render: {
    text: ({ outcome, quiet }, session) => writeChanges(outcome, session, { quiet }),
    json: ({ outcome }) => changesJson(outcome),
  },
};

/** Sets what the words say: a service, a server of it if need be, and settings. @throws CliError, HostError, IpvsError */
export async function setSettings(
  context: VerbContext,
  words: readonly string[],
): Promise<ChangeOutcome> {
  const { session } = context;
  const target = parseTarget(words, portNamesOf(session));
  const texts = parseSettings(target.settings, target.server === undefined ? 'service' : 'server');
  if (texts.size === 0) {
    throw new CliError(
      'Name what to set, as weight=3. To see the keys: ipvs set -h',
      exitStatus.usage,
    );
  }
  const client = await session.client();
  const agent = await runningAgent(context);
  return changingTable(context, async (recorder) => {
    const id = serviceIdOf(target.service, recorder.records);
    refuseKept(agent, [formatServiceId(id)]);
    const service = await currentService(client, id);
    if (service === undefined) throw noService(formatServiceId(id));
    const server = target.server && serverOf(service, target.server);
    const wanted =
      server === undefined ? withSettings(service, texts) : withServer(service, server, texts);
    const outcome = await carryOut(client, plan({ current: [service], wanted: [wanted] }).steps);
    if (server !== undefined && outcome.done.length > 0 && target.settings.some(isWeight)) {
      // A weight that somebody chooses is not the one from before a drain.
      const place = [formatServiceId(id), formatDestinationId(server.id)] as const;
      await keepRecords(recorder, withoutWeight(recorder.records, ...place));
    }
    return outcome;
  });
}

const isWeight = (word: EditTarget['settings'][number]): boolean => word.startsWith('weight=');

function withSettings(service: CurrentService, texts: SettingTexts): WantedService {
  return { ...service, settings: changedService(service.id, service.settings, texts) };
}

/** @throws CliError when the settings contradict each other and have not done so before. */
function withServer(
  service: CurrentService,
  server: CurrentServer,
  texts: SettingTexts,
): WantedService {
  const after = {
    ...server,
    settings: changedServer(service.id, server.id, server.settings, texts),
  };
  const fault = serverFault(service.id, after);
  if (fault !== undefined && serverFault(service.id, server) === undefined) {
    throw new CliError(`${fault.message}. Nothing was changed.`, exitStatus.usage);
  }
  return {
    ...service,
    destinations: service.destinations.map((one) => (one === server ? after : one)),
  };
}

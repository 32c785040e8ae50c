import { formatDestinationId } from '../../ipvs/model/destination.js';
import { standardServer } from '../../state/standard-server.js';
import type { DestinationId } from '../../ipvs/model/destination.js';
import { defaultServiceSettings, formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import { serverFault } from '../../state/file/faults.js';
import { currentService } from '../../state/plan/current-table.js';
import { plan } from '../../state/plan/plan.js';
import type { CurrentService } from '../../state/plan/plan.js';
import { withoutService, withoutWeight } from '../../state/record-changes.js';
import type { TableRecords } from '../../state/records.js';
import type { ServerSelector } from '../../state/selection.js';
import { serviceSettings } from '../../state/table.js';
import type { WantedService } from '../../state/table.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { carryOut, changesJson, changeStatus, writeChanges } from '../change-table.js';
import type { ChangeOutcome } from '../change-table.js';
import { keepRecords, parseTarget, serviceIdOf } from '../edit-target.js';
import { changedServer, changedService, parseSettings } from '../setting-words.js';
import type { SettingTexts } from '../setting-words.js';
import { portNamesOf } from '../port-names.js';
import { refuseKept, runningAgent } from '../running-agent.js';
import { changingTable } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface AddOptions {
  readonly quiet: boolean;
}

interface Added extends AddOptions {
  readonly outcome: ChangeOutcome;
}

export const add: VerbAction<AddOptions, Added> = {
  run: async (context, { quiet }, words) => ({ quiet, outcome: await addTo(context, words) }),
  status: ({ outcome }) => changeStatus(outcome),
  render: {
    text: ({ outcome, quiet }, session) => writeChanges(outcome, session, { quiet }),
    json: ({ outcome }) => changesJson(outcome),
  },
};

async function addTo(context: VerbContext, words: readonly string[]): Promise<ChangeOutcome> {
  const { session } = context;
  const { service: selector, server, settings } = parseTarget(words, portNamesOf(session));
  const texts = parseSettings(settings, server === undefined ? 'service' : 'server');
  if (server === undefined && selector.kind === 'name') {
    throw usage(`A new service is named by its address: ipvs add tcp:192.0.2.1:80 scheduler=wrr`);
  }
  const client = await session.client();
  const agent = await runningAgent(context);
  return changingTable(context, async (recorder) => {
    const id = serviceIdOf(selector, recorder.records);
    refuseKept(agent, [formatServiceId(id)]);
    const current = await currentService(client, id);
    const { wanted, forget } =
      server === undefined ? newService(id, current, texts) : newServer(id, current, server, texts);
    const before = current === undefined ? [] : [current];
    const outcome = await carryOut(client, plan({ current: before, wanted: [wanted] }).steps);
    if (outcome.done.length > 0) await keepRecords(recorder, forget(recorder.records));
    return outcome;
  });
}

const usage = (text: string): CliError => new CliError(text, exitStatus.usage);

interface Addition {
  readonly wanted: WantedService;
  /** Drops what is known of a former one: whose it was, which weight it had. */
  readonly forget: (records: TableRecords) => TableRecords;
}

function newService(
  id: ServiceId,
  current: CurrentService | undefined,
  texts: SettingTexts,
): Addition {
  const key = formatServiceId(id);
  if (current !== undefined) {
    throw usage(`${key} exists already. To change it: ipvs set ${key} scheduler=wrr`);
  }
  const settings = changedService(id, serviceSettings(id, defaultServiceSettings), texts);
  if (!isMark(id) && id.port === 0 && settings.persistence === undefined) {
    throw usage(`${key}: port 0, which is every port, needs persistence=SECONDS.`);
  }
  const wanted = { id, settings, destinations: [] };
  return { wanted, forget: (records) => withoutService(records, key) };
}

function newServer(
  service: ServiceId,
  current: CurrentService | undefined,
  { address, port = isMark(service) ? 0 : service.port }: ServerSelector,
  texts: SettingTexts,
): Addition {
  const key = formatServiceId(service);
  const id: DestinationId = { address, port };
  const name = formatDestinationId(id);
  if (current === undefined) {
    throw usage(`There is no virtual service ${key}. To add it: ipvs add ${key}`);
  }
  if (current.destinations.some((one) => formatDestinationId(one.id) === name)) {
    throw usage(`${key} has ${name} already. To change it: ipvs set ${key} ${name} weight=3`);
  }
  const settings = changedServer(service, id, standardServer, texts, true);
  const fault = serverFault(service, { id, settings });
  if (fault !== undefined) throw usage(`${fault.message}. Nothing was changed.`);
  const wanted = { ...current, destinations: [...current.destinations, { id, settings }] };
  return { wanted, forget: (records) => withoutWeight(records, key, name) };
}

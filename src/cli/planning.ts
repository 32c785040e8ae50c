import type { IpvsClient } from '../ipvs/client/client.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { DesiredState } from '../state/file/desired.js';
import { ownedBy } from '../state/ownership.js';
import { costOf, cutsOf } from '../state/plan/cuts.js';
import { currentTable } from '../state/plan/current-table.js';
import type { AnyStep } from '../state/plan/perform.js';
import { plan } from '../state/plan/plan.js';
import type { CurrentService, Plan, Prune } from '../state/plan/plan.js';
import { settingSteps } from '../state/plan/settings.js';
import type { TableRecords } from '../state/records.js';

/** Which services may go, and whose they are. */
export interface PlanOptions {
  readonly prune: Prune;
  readonly owner: string;
  readonly keepWeights: boolean;
}

/** What it takes to make the table what a state file asks for. */
export interface Planned {
  /** The table that was planned for. */
  readonly current: readonly CurrentService[];
  readonly steps: readonly AnyStep[];
  /** Connections that the steps cut in all. */
  readonly cuts: number;
}

/** Plans from the table as it is now, which is read a moment before. */
export async function planFor(
  client: IpvsClient,
  desired: DesiredState,
  records: TableRecords,
  options: PlanOptions,
): Promise<Planned> {
  const { current, table } = await planTable(client, desired, records, options);
  const { steps } = await costOf(table, client);
  const settings = await settingSteps(client, desired);
  return { current, steps: [...steps, ...settings], cuts: cutsOf(steps) };
}

/** The plan for services and real servers alone, before anything is counted. */
export async function planTable(
  client: IpvsClient,
  desired: DesiredState,
  records: TableRecords,
  { prune, owner, keepWeights }: PlanOptions,
): Promise<{ readonly current: readonly CurrentService[]; readonly table: Plan }> {
  const current = await currentTable(client);
  const table = plan({
    current,
    wanted: desired.services,
    prune: effectivePrune(desired, prune),
    owned: ownedBy(records, owner),
    keepWeights,
  });
  return { current, table };
}

/** An empty file is more often a mistake than a wish: it deletes nothing unless all is to go. */
function effectivePrune({ services }: DesiredState, prune: Prune): Prune {
  return services.length === 0 && prune === 'owned' ? 'none' : prune;
}

/** Services of the file that others have made: a second owner would change them back. */
export async function foreignServices(
  client: IpvsClient,
  { services }: DesiredState,
  records: TableRecords,
  owner: string,
): Promise<readonly string[]> {
  const foreign = services.flatMap(({ id }) => {
    const service = formatServiceId(id);
    const other = records.services.get(service)?.owner;
    return other === undefined || other === owner ? [] : [{ service, other }];
  });
  if (foreign.length === 0) return [];
  // A record outlives a service that ipvsadm has deleted, and a network namespace whose number is used again.
  const present = new Set((await currentTable(client)).map(({ id }) => formatServiceId(id)));
  return foreign.flatMap(({ service, other }) =>
    present.has(service) ? [`${service} (${other})`] : [],
  );
}

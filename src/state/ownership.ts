import { formatDestinationId } from '../ipvs/model/destination.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { DesiredState } from './file/desired.js';
import type { AnyStep } from './plan/perform.js';
import { formatRecords } from './records.js';
import type { ServiceRecord, TableRecords } from './records.js';
import type { WantedService } from './table.js';

/** The records when an owner is about to make services. Those that are there already are not its own. */
export function claim(
  records: TableRecords,
  steps: readonly AnyStep[],
  owner: string,
): TableRecords {
  const made = steps.flatMap((step) =>
    step.kind === 'table' && step.action === 'add' && step.destination === undefined
      ? [formatServiceId(step.service)]
      : [],
  );
  if (made.length === 0) return records;
  const services = new Map(records.services);
  for (const service of made) services.set(service, { ...services.get(service), owner });
  return { ...records, services };
}

/** The services that an owner has made. */
export function ownedBy({ services }: TableRecords, owner: string): ReadonlySet<string> {
  const owned = Array.from(services).filter(([, record]) => record.owner === owner);
  return new Set(owned.map(([service]) => service));
}

/** The records for the table that is there now: with the names that a state file gives, and nothing of what is gone. */
export function settle(
  records: TableRecords,
  desired: DesiredState,
  current: readonly WantedService[],
): TableRecords {
  const names = new Map(desired.services.map(({ id, name }) => [formatServiceId(id), name]));
  const services = new Map<string, ServiceRecord>();
  for (const { id } of current) {
    const service = formatServiceId(id);
    const record = withName(records.services.get(service), names, service);
    if (record.owner !== undefined || record.name !== undefined) services.set(service, record);
  }
  const settled = { services, drained: stillDrained(records, current) };
  return isSame(records, settled) ? records : settled;
}

/** A service that the file names has the name there, or none. */
function withName(
  record: ServiceRecord = {},
  names: ReadonlyMap<string, string | undefined>,
  service: string,
): ServiceRecord {
  if (!names.has(service)) return record;
  const { owner } = record;
  const name = names.get(service);
  return { ...(owner !== undefined && { owner }), ...(name !== undefined && { name }) };
}

/** The weights from before of real servers that are still there with weight 0. */
function stillDrained(
  { drained }: TableRecords,
  current: readonly WantedService[],
): TableRecords['drained'] {
  const kept = new Map<string, ReadonlyMap<string, number>>();
  if (drained.size === 0) return kept;
  for (const { id, destinations } of current) {
    const weights = drained.get(formatServiceId(id));
    if (weights === undefined) continue;
    const quiet = destinations.filter(({ settings }) => settings.weight === 0);
    const keys = new Set(quiet.map((server) => formatDestinationId(server.id)));
    const left = Array.from(weights).filter(([server]) => keys.has(server));
    if (left.length > 0) kept.set(formatServiceId(id), new Map(left));
  }
  return kept;
}

function isSame(one: TableRecords, other: TableRecords): boolean {
  return formatRecords(one) === formatRecords(other);
}

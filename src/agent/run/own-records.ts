import { readFileIfExists } from '../../common/read-if-exists.js';
import { hostCall } from '../../host/host-error.js';
import type { Host } from '../../host/host.js';
import { isThere } from '../../host/is-there.js';
import { LockHeldError } from '../../host/lock.js';
import { replaceFile } from '../../host/replace-file.js';
import { recordsFileIn, withTableLock } from '../../host/table-lock.js';
import { ownedBy } from '../../state/ownership.js';
import { formatRecords, noRecords, parseRecords } from '../../state/records.js';
import type { ServiceRecord, TableRecords } from '../../state/records.js';

/** Who the records say has made a service. */
export const OWNER = 'agent';

/** What the records are to say of a service from now on; undefined: nothing, for it is gone. */
export type RecordChange = readonly [service: string, record: ServiceRecord | undefined];

/** The records beside the kernel's table, which verbs keep too, and the lock of both. */
export interface TableGuard {
  /** Holds the lock of the table while it works. Where the lock cannot be written, works without it: no verb could take it either. */
  whileLocked<T>(work: () => Promise<T>): Promise<T>;
  /** To be called while it is locked. */
  record(changes: readonly RecordChange[]): Promise<void>;
  /** Whether there are records at all: somebody may have removed them. */
  exists(): Promise<boolean>;
  /** The services that an agent has owned. */
  owned(): Promise<readonly string[]>;
  /** The names that state files gave to services, also to those of other owners. */
  names(): Promise<ReadonlyMap<string, string>>;
}

/** @param folder of the records of this network namespace. */
export function tableGuard(host: Host, folder: string): TableGuard {
  const file = recordsFileIn(folder);
  const load = async (): Promise<TableRecords> =>
    parseRecords((await readFileIfExists(file)) ?? '') ?? noRecords;
  return {
    whileLocked: async (work) => {
      let isLocked = false;
      try {
        return await withTableLock(host, folder, () => {
          isLocked = true;
          return work();
        });
      } catch (error) {
        // By then work may have begun, which the compiler does not see.
        if ((isLocked as boolean) || error instanceof LockHeldError) throw error;
        return work();
      }
    },
    exists: () => isThere(file),
    record: async (changes) => {
      const before = await load();
      const after = withRecords(before, changes);
      if (after === before) return;
      await hostCall(`Cannot write ${file}`, replaceFile(file, formatRecords(after), 0o600));
    },
    owned: async () => {
      return [...ownedBy(await load(), OWNER)];
    },
    names: async () => {
      const { services } = await load();
      const named = Array.from(services).flatMap(([service, { name }]) =>
        name === undefined ? [] : [[service, name] as const],
      );
      return new Map(named);
    },
  };
}

/** @returns the object itself where nothing differs. */
export function withRecords(records: TableRecords, changes: readonly RecordChange[]): TableRecords {
  const news = changes.filter((change) => !isRecorded(records, change));
  if (news.length === 0) return records;
  // One copy for all: there may be thousands.
  const services = new Map(records.services);
  const drained = new Map(records.drained);
  for (const [service, record] of news) {
    if (record !== undefined) services.set(service, record);
    else {
      services.delete(service);
      drained.delete(service);
    }
  }
  return { services, drained };
}

function isRecorded({ services, drained }: TableRecords, [service, record]: RecordChange): boolean {
  const known = services.get(service);
  if (record === undefined) return known === undefined && !drained.has(service);
  return known?.owner === record.owner && known?.name === record.name;
}

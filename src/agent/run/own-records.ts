import { join } from 'node:path';
import { readFileIfExists } from '../../common/read-if-exists.js';
import { hostCall } from '../../host/host-error.js';
import type { Host } from '../../host/host.js';
import { lock } from '../../host/lock.js';
import { replaceFile } from '../../host/replace-file.js';
import { makeRunFolder } from '../../host/run-folder.js';
import { formatRecords, noRecords, parseRecords } from '../../state/records.js';
import type { ServiceRecord, TableRecords } from '../../state/records.js';

/** Who the records say has made a service. */
export const OWNER = 'agent';

/** A verb holds the lock only while it writes. */
const LOCK_WAIT_MS = 60_000;

/** What the records are to say of a service; undefined: nothing, for it is gone. */
export type RecordWish = readonly [service: string, record: ServiceRecord | undefined];

/** The records beside the kernel's table, which verbs keep too, and the lock of both. */
export interface TableGuard {
  /** Works while no verb changes the table. */
  whileLocked<T>(work: () => Promise<T>): Promise<T>;
  /** To be called while it is locked. */
  record(wishes: readonly RecordWish[]): Promise<void>;
  /** The services that an agent has owned. */
  owned(): Promise<readonly string[]>;
}

/** @param folder of the records of this network namespace. */
export function tableGuard(host: Host, folder: string): TableGuard {
  const file = join(folder, 'table.json');
  const load = async (): Promise<TableRecords> =>
    parseRecords((await readFileIfExists(file)) ?? '') ?? noRecords;
  return {
    whileLocked: async (work) => {
      // A system that cleans up /run takes the folder along.
      await makeRunFolder(folder);
      const release = await lock(host, join(folder, 'table.lock'), { waitMs: LOCK_WAIT_MS });
      try {
        return await work();
      } finally {
        await release();
      }
    },
    record: async (wishes) => {
      const before = await load();
      const after = withRecords(before, wishes);
      if (after === before) return;
      await hostCall(`Cannot write ${file}`, replaceFile(file, formatRecords(after), 0o600));
    },
    owned: async () => {
      const { services } = await load();
      return [...services].filter(([, { owner }]) => owner === OWNER).map(([service]) => service);
    },
  };
}

/** @returns the object itself where nothing differs. */
export function withRecords(records: TableRecords, wishes: readonly RecordWish[]): TableRecords {
  const services = new Map(records.services);
  const drained = new Map(records.drained);
  let isChanged = false;
  for (const [service, record] of wishes) {
    const before = services.get(service);
    if (record === undefined) {
      isChanged ||= before !== undefined || drained.has(service);
      services.delete(service);
      drained.delete(service);
    } else if (before?.owner !== record.owner || before?.name !== record.name) {
      isChanged = true;
      services.set(service, record);
    }
  }
  return isChanged ? { services, drained } : records;
}

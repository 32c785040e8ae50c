/** Runs in the guest: imports a configuration, and makes this namespace's table what it says. */
import { readFile } from 'node:fs/promises';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { apply } from '../../../src/state/apply.js';
import { diff } from '../../../src/state/diff.js';
import type { ImportNote, ImportSources } from '../../../src/state/import/imported.js';
import { importKeepalived } from '../../../src/state/import/keepalived/import-keepalived.js';
import { readTable } from '../../../src/state/read-table.js';

export interface AppliedImport {
  readonly failures: readonly string[];
  readonly notes: readonly ImportNote[];
}

export async function applyKeepalived(file: string, configId: string): Promise<AppliedImport> {
  const sources: ImportSources = {
    read: (path) => readFile(path, 'utf8').catch(() => undefined),
    glob: (path) => Promise.resolve([path]),
    addressOf: () => Promise.resolve(undefined),
    portOf: () => undefined,
    configId,
  };
  const { state, notes } = await importKeepalived(file, sources);
  await using client = await IpvsClient.open();
  const { failures } = await apply(client, diff(await readTable(client), state.services));
  if (state.timeouts !== undefined) await client.setTimeouts(state.timeouts);
  for (const daemon of state.syncDaemons ?? []) await client.startSyncDaemon(daemon);
  return { failures: failures.map(({ error }) => error.message), notes };
}

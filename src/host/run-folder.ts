import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../common/error-code.js';
import type { Host } from './host.js';
import { hostCall, HostError } from './host-error.js';

/** Where records of this boot are kept: a restart of the machine empties it. */
const RUN_FOLDER = '/run/ipvs';

/** The folder for the records of this network namespace: IPVS has a table for each, though they may share /run. */
export async function runFolderOf(host: Host, folder: string = RUN_FOLDER): Promise<string> {
  const link = (await host.link('/proc/self/ns/net')) ?? '';
  const namespace = /^net:\[(\d+)\]$/.exec(link)?.[1];
  if (namespace === undefined)
    throw new HostError('Cannot see /proc/self/ns/net: is /proc mounted?');
  return join(folder, namespace);
}

/** Makes the folder, for its owner alone. */
export async function makeRunFolder(folder: string): Promise<void> {
  for (const one of [dirname(folder), folder]) {
    const made = mkdir(one, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await hostCall(`Nothing was changed. Cannot make ${one}`, made);
  }
}

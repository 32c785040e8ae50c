import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, withContext } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { Package, VerbAction } from '../verb.js';
import { filesFor, MARK, readPlaced } from './placed-files.js';
import type { PlacementOptions } from './placed-files.js';

/** Which files were removed, or in a dry run would be. */
interface Removed {
  readonly paths: readonly string[];
  readonly dryRun: boolean;
  /** Why it stopped before the last file. */
  readonly failure?: CliError;
}

export const uninstall: VerbAction<PlacementOptions, Removed> = {
  run: ({ package: files }, options) => removeFiles(files, options),
  status: statusOf,
  render: { text: report },
};

/** Removes what `ipvs install` has put somewhere. */
async function removeFiles(
  files: Package | undefined,
  { prefix, dryRun }: PlacementOptions,
): Promise<Removed> {
  const paths: string[] = [];
  for (const { path } of filesFor(files, resolve(prefix))) {
    try {
      if ((await readPlaced(path))?.endsWith(MARK) !== true) continue;
      if (!dryRun) await withContext(`Cannot remove ${path}`, rm(path));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { paths, dryRun, failure: error };
    }
    paths.push(path);
  }
  return { paths, dryRun };
}

function statusOf({ paths, dryRun, failure }: Removed): number {
  if (failure === undefined) return exitStatus.done;
  return paths.length > 0 && !dryRun ? exitStatus.partly : failure.status;
}

async function report({ paths, dryRun, failure }: Removed, session: Session): Promise<void> {
  const word = dryRun ? 'would remove' : 'removed';
  for (const path of paths) await session.output.line(`${word}: ${path}`);
  if (failure !== undefined) await session.complain(failure.message);
}

import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '../../host/replace-file.js';
import { CliError, withContext } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { Package, VerbAction } from '../verb.js';
import { filesFor, MARK, readPlaced } from './placed-files.js';
import type { PlacedFile, PlacementOptions } from './placed-files.js';

/** What happened to each file. */
interface Installed {
  readonly files: readonly { readonly path: string; readonly word: string }[];
  readonly dryRun: boolean;
  /** Why it stopped before the last file. */
  readonly failure?: CliError;
}

export const install: VerbAction<PlacementOptions, Installed> = {
  run: ({ package: files }, options) => installFiles(files, options),
  status: statusOf,
  render: { text: report },
};

/** Puts the package's files where the system looks for them. Files of others are not touched. */
async function installFiles(
  files: Package | undefined,
  { prefix, dryRun }: PlacementOptions,
): Promise<Installed> {
  const placed = filesFor(files, resolve(prefix));
  const present: (string | undefined)[] = [];
  for (const { path } of placed) present.push(await readPlaced(path));
  const foreign = placed.filter((_, index) => isForeign(present[index]));
  if (foreign.length > 0) throw new CliError(foreignText(foreign));
  const done: { path: string; word: string }[] = [];
  for (const [index, file] of placed.entries()) {
    const { path } = file;
    const isCurrent = present[index] === file.text;
    try {
      if (!isCurrent && !dryRun) await place(file);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { files: done, dryRun, failure: error };
    }
    done.push({ path, word: isCurrent ? 'unchanged' : dryRun ? 'would write' : WROTE });
  }
  return { files: done, dryRun };
}

async function place({ path, text, mode }: PlacedFile): Promise<void> {
  await withContext(`Cannot make ${dirname(path)}`, mkdir(dirname(path), { recursive: true }));
  await withContext(`Cannot write ${path}`, replaceFile(path, text, mode));
}

const WROTE = 'wrote';

function statusOf({ files, failure }: Installed): number {
  if (failure === undefined) return exitStatus.done;
  return files.some(({ word }) => word === WROTE) ? exitStatus.partly : failure.status;
}

async function report({ files, dryRun, failure }: Installed, session: Session): Promise<void> {
  for (const { path, word } of files) await session.output.line(`${word}: ${path}`);
  if (failure !== undefined) await session.complain(failure.message);
  else if (!dryRun) await session.output.line(NEXT_STEPS);
}

const NEXT_STEPS = `Next, where systemd runs the machine:
  systemctl daemon-reload
  ipvs rules save                 if rules are in the kernel that you want to keep
  systemctl enable --now ipvs
  systemctl enable --now ipvs-agent    to have real servers checked, by /etc/ipvs/ipvs.yaml`;

function isForeign(content: string | undefined): boolean {
  return content !== undefined && !content.endsWith(MARK);
}

function foreignText(foreign: readonly PlacedFile[]): string {
  return (
    `These files are not of this package, and nothing was done:\n` +
    foreign.map(({ path }) => `  ${path}\n`).join('') +
    `Move them away first; on Debian, files of a package with: dpkg-divert --local --rename --add FILE`
  );
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellQuoted } from '../../common/shell-quoted.js';
import { readFileIfExists } from '../../common/read-if-exists.js';
import { CliError, withContext } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { commandNames, completionPlaces } from '../completion-places.js';
import type { OptionValues } from '../option-spec.js';
import type { placementOptions } from '../options.js';
import type { Package } from '../verb.js';

/** A file that belongs somewhere on the system. */
export interface PlacedFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** The last line of every installed file. Only files with it are replaced or removed. */
export const MARK = '# Put here by: ipvs install\n';

export type PlacementOptions = OptionValues<typeof placementOptions>;

/** The current content of the place of a file; undefined if there is none. */
export function readPlaced(path: string): Promise<string | undefined> {
  return withContext(`Cannot read ${path}`, readFileIfExists(path));
}

const unitNames = ['ipvs.service', 'ipvs-agent.service'] as const;

/** Node needs more address space than this, in KiB: with less it hangs or crashes. */
const LEAST_ADDRESS_SPACE = 700_000;

/**
 * What a start script does before it starts Node: variables of the caller's environment that make Node load code or print
 * lines of its own are unset, and an address space limit that is too low is reported.
 */
const PREAMBLE = `#!/bin/sh
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_REPL_EXTERNAL_MODULE
limit=$(ulimit -v)
if [ "$limit" != unlimited ] && [ "$limit" -lt ${LEAST_ADDRESS_SPACE} ]; then
  echo "\${0##*/}: ulimit -v is $limit, and Node needs more than ${LEAST_ADDRESS_SPACE}" >&2
  exit ${exitStatus.usage}
fi
`;

const ALREADY_INSTALLED = `This ipvs came with its unit, manuals and completions: there is nothing to install or uninstall.
To remove a Debian package, type: apt remove ipvs`;

/**
 * The files of the package, and where the system looks for them.
 * @throws CliError for the single executable, which has none.
 */
export function filesFor(files: Package | undefined, prefix: string): PlacedFile[] {
  if (files === undefined) throw new CliError(ALREADY_INSTALLED, exitStatus.usage);
  const { folder, node } = files;
  const place = (path: string, text: string, mode = 0o644): PlacedFile => {
    return { path, text: `${text}${MARK}`, mode };
  };
  const copy = (from: string) => readFileSync(join(folder, from), 'utf8');
  const service = [node, join(folder, 'bin/ipvs.js')].map(unitQuoted).join(' ');
  return [
    // Callers such as cron and init scripts do not have node in their PATH.
    ...commandNames.map((name) => {
      const command = [node, join(folder, `bin/${name}.js`)].map(shellQuoted).join(' ');
      return place(join(prefix, 'sbin', name), `${PREAMBLE}exec ${command} "$@"\n`, 0o755);
    }),
    ...unitNames.map((name) =>
      place(
        join(prefix, 'lib/systemd/system', name),
        copy(`systemd/${name}`).replaceAll('@ipvs@', () => service),
      ),
    ),
    ...completionPlaces(join(prefix, 'share')).map(({ path, file }) =>
      place(path, copy(`dist/completions/${file}`)),
    ),
  ];
}

/** A word of a command line in a unit, systemd.service(5): quotes, backslashes, specifiers and variables are escaped. */
function unitQuoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&').replaceAll(/[%$]/g, '$&$&')}"`;
}

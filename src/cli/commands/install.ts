import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Session } from '../../terminal/session.js';
import { shellQuoted } from '../../common/shell-quoted.js';
import { readFileIfExists } from '../../common/read-if-exists.js';
import { cliStatus, CliError, withContext } from '../../terminal/cli-error.js';
import { replaceFile } from '../../host/replace-file.js';

/** Where this package is, and what runs it. */
export interface Package {
  /** The folder of its package.json. */
  readonly folder: string;
  /** The path of node. */
  readonly node: string;
}

interface Options {
  readonly prefix: string;
  readonly dryRun?: boolean;
}

/** A file that belongs somewhere on the system. */
interface Placed {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** The last line of every file that was put somewhere: what has it may be replaced and removed. */
const MARK = '# Put here by: ipvs install\n';

/** Puts the package's files where the system looks for them. Files of others are not touched. */
export async function install(
  session: Session,
  files: Package,
  { prefix, dryRun = false }: Options,
): Promise<number> {
  const placed = filesFor(files, resolve(prefix));
  const present: (string | undefined)[] = [];
  for (const { path } of placed) present.push(await read(path));
  const foreign = placed.filter((_, index) => isForeign(present[index]));
  if (foreign.length > 0) throw new CliError(foreignText(foreign));
  for (const [index, { path, text, mode }] of placed.entries()) {
    const current = present[index] === text;
    if (!current && !dryRun) {
      await withContext(`Cannot make ${dirname(path)}`, mkdir(dirname(path), { recursive: true }));
      await withContext(`Cannot write ${path}`, replaceFile(path, text, mode));
    }
    await session.output.line(
      `${current ? 'is there already' : dryRun ? 'would write' : 'wrote'}: ${path}`,
    );
  }
  if (!dryRun) await session.output.line(NEXT_STEPS);
  return cliStatus.ok;
}

/** Removes what {@link install} has put somewhere. */
export async function uninstall(
  session: Session,
  files: Package,
  { prefix, dryRun = false }: Options,
): Promise<number> {
  for (const { path } of filesFor(files, resolve(prefix))) {
    const content = await read(path);
    if (content?.endsWith(MARK) !== true) continue;
    if (!dryRun) await withContext(`Cannot remove ${path}`, rm(path));
    await session.output.line(`${dryRun ? 'would remove' : 'removed'}: ${path}`);
  }
  return cliStatus.ok;
}

function read(path: string): Promise<string | undefined> {
  return withContext(`Cannot read ${path}`, readFileIfExists(path));
}

const NEXT_STEPS = `Next, where systemd runs the machine:
  systemctl daemon-reload
  ipvs rules save                 if rules are in the kernel that you want to keep
  systemctl enable --now ipvsadm`;

function isForeign(content: string | undefined): boolean {
  return content !== undefined && !content.endsWith(MARK);
}

function foreignText(foreign: readonly Placed[]): string {
  return (
    `These files are not of this package, and nothing was done:\n` +
    foreign.map(({ path }) => `  ${path}\n`).join('') +
    `Move them away first; on Debian, files of a package with: dpkg-divert --local --rename --add FILE`
  );
}

/** The commands, and whose scripts make shells complete them. */
const programs = [
  ['ipvs', 'ipvs'],
  ['ipvsadm', 'ipvsadm'],
  ['ipvsadm-save', 'ipvsadm'],
  ['ipvsadm-restore', 'ipvsadm'],
] as const;

/** Node needs more address space than this, in KiB: with less it hangs or ends in a trap. */
const LEAST_ADDRESS_SPACE = 700_000;

/**
 * What a start script does before it starts Node: variables of the caller's environment that make Node load code or print
 * lines of its own are dropped, and a limit that Node cannot live with is reported.
 */
const PREAMBLE = `#!/bin/sh
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_REPL_EXTERNAL_MODULE
limit=$(ulimit -v)
if [ "$limit" != unlimited ] && [ "$limit" -lt ${LEAST_ADDRESS_SPACE} ]; then
  echo "\${0##*/}: ulimit -v is $limit, and Node needs more than ${LEAST_ADDRESS_SPACE}" >&2
  exit 1
fi
`;

function filesFor({ folder, node }: Package, prefix: string): Placed[] {
  const share = join(prefix, 'share');
  const place = (path: string, text: string, mode = 0o644): Placed => {
    return { path, text: `${text}${MARK}`, mode };
  };
  const copy = (from: string) => readFileSync(join(folder, from), 'utf8');
  const completions = (file: string) => copy(`dist/completions/${file}`);
  const service = [node, join(folder, 'bin/ipvs.js')].map(unitQuoted).join(' ');
  return [
    // Whoever calls them need not have node on the path, as cron and init scripts have not.
    ...programs.map(([name]) => {
      const command = [node, join(folder, `bin/${name}.js`)].map(shellQuoted).join(' ');
      return place(join(prefix, 'sbin', name), `${PREAMBLE}exec ${command} "$@"\n`, 0o755);
    }),
    place(
      join(prefix, 'lib/systemd/system/ipvsadm.service'),
      copy('systemd/ipvsadm.service').replaceAll('@ipvs@', () => service),
    ),
    // These two look for a file of the command's name.
    ...programs.map(([name, of]) =>
      place(join(share, 'bash-completion/completions', name), completions(`${of}.bash`)),
    ),
    ...programs.map(([name, of]) =>
      place(join(share, `fish/vendor_completions.d/${name}.fish`), completions(`${of}.fish`)),
    ),
    ...['_ipvs', '_ipvsadm'].map((name) =>
      place(join(share, 'zsh/site-functions', name), completions(name)),
    ),
  ];
}

/** A word of a command line in a unit, systemd.service(5): quotes, backslashes, specifiers and variables are escaped. */
function unitQuoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, '\\$&').replaceAll(/[%$]/g, '$&$&')}"`;
}

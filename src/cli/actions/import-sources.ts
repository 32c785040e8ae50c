import { readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../common/error-code.js';
import { isPattern, matches, withoutBraces } from '../../common/glob.js';
import { NotARegularFile, readRegularFile } from '../../common/regular-file.js';
import { errorText } from '../../common/system-errors.js';
import { StateFileError } from '../../state/file/desired.js';
import type { ImportSources } from '../../state/import/imported.js';
import type { Session } from '../../terminal/session.js';

/** The largest file that is read, and as much all files may have together. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_FILES = 10_000;
const NOT_THERE = ['ENOENT', 'ENOTDIR'];

/**
 * The files of this machine, its standard input as `-`, and its names.
 * @param configId which lines of keepalived's configuration are meant; undefined for those of this machine.
 */
export function importSources(session: Session, configId: string | undefined): ImportSources {
  const budget = { bytes: MOST_BYTES };
  const { names } = session;
  return {
    read: (path) =>
      path === '-' ? collected(session.io.stdin, budget, '-') : readText(path, budget),
    glob: findFiles,
    addressOf: async (host, family) => {
      await names.lookUpHost(host, family);
      return names.host(host, family);
    },
    portOf: (name, protocol) => names.port(name, protocol),
    configId: configId ?? hostname().split('.')[0],
  };
}

interface Budget {
  bytes: number;
}

function unreadable(file: string, reason: string): StateFileError {
  return new StateFileError([
    { file, line: undefined, column: undefined, message: `cannot be read: ${reason}` },
  ]);
}

async function collected(
  pieces: AsyncIterable<Uint8Array>,
  budget: Budget,
  file: string,
): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) {
    budget.bytes -= piece.length;
    if (budget.bytes < 0) throw unreadable(file, 'there is more than 16 MiB to read');
    all.push(piece);
  }
  return Buffer.concat(all).toString('utf8');
}

async function readText(path: string, budget: Budget): Promise<string | undefined> {
  try {
    return await collected(readRegularFile(path), budget, path);
  } catch (error) {
    if (error instanceof StateFileError) throw error;
    if (error instanceof NotARegularFile) throw unreadable(path, 'it is not a file');
    if (NOT_THERE.includes(codeOf(error))) return undefined;
    throw unreadable(path, errorText(error));
  }
}

/** The files that match, as a shell would put them; of folders and devices none. */
async function findFiles(pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const one of withoutBraces(pattern)) {
    const [, ...parts] = one.split('/');
    const paths = await expand('/', parts);
    for (const path of paths.sort()) {
      const isFile = await stat(path).then(
        (entry) => entry.isFile(),
        () => false,
      );
      if (isFile && !found.includes(path)) found.push(path);
    }
  }
  return found;
}

async function expand(folder: string, [part, ...rest]: readonly string[]): Promise<string[]> {
  if (part === undefined) return [folder];
  if (!isPattern(part)) return await expand(join(folder, part), rest);
  const names = await readdir(folder).catch(() => []);
  const paths: string[] = [];
  for (const name of names.filter((one) => matches(one, part))) {
    paths.push(...(await expand(join(folder, name), rest)));
    if (paths.length > MOST_FILES) throw unreadable(folder, `more than ${MOST_FILES} files match`);
  }
  return paths;
}

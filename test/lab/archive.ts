/** Archives as the kernel unpacks them when it starts (its Documentation/driver-api/early-userspace/buffer-format.rst). */

export interface ArchiveEntry {
  /** Without a slash at its beginning. */
  readonly path: string;
  /** Of a file, which all may execute; without it, this is a folder. */
  readonly content?: Uint8Array;
}

const MAGIC = '070701';
const FOLDER = 0o040755;
const FILE = 0o100755;

/** The folders that hold the entries need no entry of their own. */
export function archive(entries: readonly ArchiveEntry[]): Uint8Array {
  const named = new Set(entries.map(({ path }) => path));
  const parents = new Set(entries.flatMap(({ path }) => parentsOf(path)));
  const missing = [...parents].filter((path) => !named.has(path)).sort();
  const all = [...missing.map((path) => ({ path })), ...entries];
  return Buffer.concat([...all.map(record), record({ path: 'TRAILER!!!' })]);
}

function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function record(entry: ArchiveEntry, index = 0): Uint8Array {
  const { path, content = new Uint8Array() } = entry;
  const name = Buffer.from(`${path}\0`);
  const mode = entry.content === undefined ? FOLDER : FILE;
  // Number, mode, owner, group, links, time, size, two devices of two numbers each, length of the name, checksum.
  const numbers = [index, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const fields = numbers.map((number) => number.toString(16).padStart(8, '0')).join('');
  return Buffer.concat([padded(Buffer.from(MAGIC + fields), name), padded(content)]);
}

/** Filled up to a multiple of four bytes. */
function padded(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, new Uint8Array(-length & 3)]);
}

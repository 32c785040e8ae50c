import { matches } from '../../src/common/glob.js';
import type { Imported, Importer, ImportSources } from '../../src/state/import/imported.js';

/** Files of a machine that exists in a test alone, by their full paths. */
export function filesOf(files: Readonly<Record<string, string>>, configId = 'one'): ImportSources {
  return {
    read: (path) => Promise.resolve(files[path]),
    glob: (pattern) =>
      Promise.resolve(
        Object.keys(files)
          .filter((path) => matches(path.slice(1), pattern.slice(1)))
          .sort(),
      ),
    addressOf: () => Promise.resolve(undefined),
    portOf: () => undefined,
    configId,
  };
}

/** What a configuration comes to, which may include others. */
export function importOf(
  importer: Importer,
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Imported> {
  return importer('/etc/a.conf', filesOf({ '/etc/a.conf': text, ...files }));
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');

/** Words that send a reader to the dictionary where the field has one of its own. */
const banned = /\b(?:mend|mends|anew|told|deed|knock)\b/i;
/** Such a comment cannot be read alone, as an editor shows it. */
const leaning = /(?:\/\/|\/\*\*?|^\s*\*)\s*The same\b/m;

function filesOf(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
}

const offending = [...filesOf('src'), ...filesOf('man'), 'README.md', 'CONTRIBUTING.md'].filter(
  (path) => {
    const text = readFileSync(join(project, path), 'utf8');
    return banned.test(text) || (path.startsWith('src/') && leaning.test(text));
  },
);

test('no text uses a banned word, and no comment begins with "The same"', () => {
  expect(offending).toEqual([]);
});

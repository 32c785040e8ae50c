/** What docs/high-availability.md shows: its files are those that the tests run. */
import { blocksOf, readText } from '../../docs/markdown.js';

const DOCUMENT = 'docs/high-availability.md';

/** The file that a chapter shows: its block begins with a comment that is its path. */
export function documentedFile(chapter: string, path: string): string {
  const lines = readText(DOCUMENT).split('\n');
  const begin = lines.indexOf(`## ${chapter}`) + 1;
  const end = lines.findIndex((line, index) => index > begin && line.startsWith('## '));
  const files = blocksOf(DOCUMENT).filter(({ content, place }) => {
    const line = Number(place.split(':')[1]);
    const isWithin = begin > 0 && line > begin && (end < 0 || line <= end);
    return isWithin && content.startsWith(`# ${path}\n`);
  });
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new Error(`${DOCUMENT}: ${files.length} blocks of "${chapter}" are ${path}`);
  return file.content;
}

/** A shell script that makes the settings of a file of /etc/sysctl.d. */
export function settingsScript(file: string): string {
  const settings = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return settings.map((line) => `/usr/sbin/sysctl -q -w '${line.replace(' = ', '=')}'`).join('\n');
}

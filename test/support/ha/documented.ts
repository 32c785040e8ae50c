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

/** The settings that a chapter shows as a file of /etc/sysctl.d, as paths below /proc/sys. */
export function documentedSettings(chapter: string, path: string): Map<string, string> {
  const lines = documentedFile(chapter, path).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^([\w.]+) = (\d+)$/.exec(line) ?? [];
      return name === '' ? [] : [[name.replaceAll('.', '/'), value] as const];
    }),
  );
}

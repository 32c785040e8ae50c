// What the packages contain: the same files for Debian and in the tar.gz, below different folders.
import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { evaluate } from './evaluate.js';

const project = join(import.meta.dirname, '..');
const read = (path) => readFileSync(join(project, path), 'utf8');

export const manifest = JSON.parse(read('package.json'));

/** Records no time, so that the same text gives the same bytes. */
export const compressed = (text) => gzipSync(text, { level: 9 });

/** What administrators read, of docs/: the rest is for programmers, who have the npm package. */
const GUIDES = [
  'agent-api.md',
  'from-keepalived.md',
  'from-ldirectord.md',
  'from-scripts.md',
  'high-availability.md',
  'page.md',
];
/** What they copy and change. */
const EXAMPLES = ['grafana.json', 'prometheus-alerts.yml'];

function documents() {
  const folder = 'share/doc/ipvs';
  return [
    { path: join(folder, 'changelog.gz'), content: compressed(read('CHANGELOG.md')) },
    { path: join(folder, 'copyright'), content: read('packaging/debian/copyright') },
    ...GUIDES.map((name) => ({ path: join(folder, name), content: read(`docs/${name}`) })),
    ...EXAMPLES.map((name) => {
      return { path: join(folder, 'examples', name), content: read(`docs/${name}`) };
    }),
  ];
}

/**
 * @param prefix where the files will be installed.
 * @param zsh the folder for zsh completions, below share.
 * @returns entries with a path below the prefix and either a content, a file to copy, or the target of a link.
 */
export async function packageFiles({ processor, prefix, zsh }) {
  const { commandNames, completionPlaces } = await evaluate('src/cli/completion-places.ts');
  const executable = join(project, 'dist/executable', processor, 'ipvs');
  const links = commandNames.filter((name) => name !== 'ipvs');
  const units = ['ipvs.service', 'ipvs-agent.service'].map((name) => ({
    path: `lib/systemd/system/${name}`,
    content: read(`systemd/${name}`).replaceAll('@ipvs@', join(prefix, 'sbin/ipvs')),
  }));
  return [
    { path: 'sbin/ipvs', copyOf: executable, mode: 0o755 },
    ...links.map((name) => ({ path: join('sbin', name), link: 'ipvs' })),
    ...units,
    ...manifest.man.map((page) => {
      return {
        path: join(`share/man/man${extname(page).slice(1)}`, `${basename(page)}.gz`),
        content: compressed(read(page)),
      };
    }),
    ...completionPlaces('share', zsh).map(({ path, file }) => {
      return { path, content: read(`dist/completions/${file}`) };
    }),
    ...documents(),
  ];
}

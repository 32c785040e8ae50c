// The package for Debian, made by dpkg-deb alone.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compressed, manifest, packageFiles } from './package-files.js';

const sources = join(import.meta.dirname, '../packaging/debian');
const source = (name) => readFileSync(join(sources, name), 'utf8');

/** By Node's names for processors. */
export const architectures = { x64: 'amd64', arm64: 'arm64' };

/** Replaces names such as @version@ in a text by their values. */
function filled(text, values) {
  return text.replaceAll(/@(\w+)@/g, (_, name) => values[name]);
}

function changelog(version, seconds) {
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  return `ipvs (${version}) unstable; urgency=medium

  * See changelog.gz for the changes.

 -- ipvs maintainers <root@localhost>  ${date}
`;
}

function md5sums(files) {
  return files
    .filter(({ link }) => link === undefined)
    .map((file) => {
      const content = file.copyOf === undefined ? file.content : readFileSync(file.copyOf);
      const sum = createHash('md5').update(content).digest('hex');
      return `${sum}  ${file.path}\n`;
    })
    .join('');
}

/** In KiB, as dpkg counts: each file and folder takes one at least. */
function installedSize(files) {
  return files.reduce((sum, file) => {
    return sum + Math.ceil(sizeOf(file) / 1024);
  }, 0);
}

function sizeOf({ copyOf, content, link }) {
  if (link !== undefined) return 1;
  return copyOf === undefined ? Buffer.byteLength(content) : statSync(copyOf).size;
}

/** The files of the package, including those that dpkg-deb expects in DEBIAN. */
export async function debianFiles(processor, seconds) {
  const { version } = manifest;
  const below = { processor, prefix: '/usr', zsh: 'zsh/vendor-completions' };
  const shared = (await packageFiles(below)).map((file) => ({
    ...file,
    path: join('usr', file.path),
  }));
  const files = [
    ...shared,
    { path: 'usr/share/doc/ipvs/README.Debian', content: source('README.Debian') },
    {
      path: 'usr/share/doc/ipvs/changelog.Debian.gz',
      content: compressed(changelog(version, seconds)),
    },
    { path: 'usr/share/lintian/overrides/ipvs', content: source('lintian-overrides') },
  ];
  const diversions = { diversions: source('diversions.sh') };
  const script = (name, content) => ({ path: `DEBIAN/${name}`, content, mode: 0o755 });
  const control = filled(source('control.in'), {
    version,
    architecture: architectures[processor],
    installedSize: installedSize(files),
  });
  return [
    ...files,
    { path: 'DEBIAN/control', content: control },
    { path: 'DEBIAN/md5sums', content: md5sums(files) },
    script('preinst', filled(source('preinst.in'), diversions)),
    script('postinst', source('postinst')),
    script('postrm', filled(source('postrm.in'), diversions)),
  ];
}

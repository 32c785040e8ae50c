// The package for Debian, made by dpkg-deb alone.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compressed, manifest, packageFiles } from './package-files.js';

const sources = join(import.meta.dirname, '../packaging/debian');
const source = (name) => readFileSync(join(sources, name), 'utf8');

/** By the names that Node gives processors. */
export const architectures = { x64: 'amd64', arm64: 'arm64' };

/** Puts values into a text with names like @version@. */
function filled(text, values) {
  return text.replaceAll(/@(\w+)@/g, (_, name) => values[name]);
}

function changelog(version, seconds) {
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  return `ipvs (${version}) unstable; urgency=medium

  * What has changed is in changelog.gz.

 -- ipvs maintainers <root@localhost>  ${date}
`;
}

function contentOf({ copyOf, content }) {
  return copyOf === undefined ? Buffer.from(content) : readFileSync(copyOf);
}

function md5sums(files) {
  return files
    .filter(({ link }) => link === undefined)
    .map((file) => {
      const sum = createHash('md5').update(contentOf(file)).digest('hex');
      return `${sum}  ${file.path}\n`;
    })
    .join('');
}

/** In KiB, as dpkg counts: each file and folder takes one at least. */
function installedSize(files) {
  return files.reduce((sum, file) => {
    const bytes = file.link === undefined ? contentOf(file).length : 1;
    return sum + Math.ceil(bytes / 1024);
  }, 0);
}

/** The files of the package, those in DEBIAN that dpkg-deb wants included. */
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

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { project } from '../support/sources.js';

const run = promisify(execFile);

export const { version } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as {
  readonly version: string;
};
export const packages = join(project, 'dist/packages');
export const debianOf = (architecture: string) => {
  return join(packages, `ipvs_${version}_${architecture}.deb`);
};
export const tarballOf = (processor: string) => {
  return join(packages, `ipvs-${version}-linux-${processor}.tar.gz`);
};

/** Fills a folder with the package as `new.deb`, an older version of it as `old.deb`, and one that claims a file of it. */
export async function packVariants(folder: string): Promise<void> {
  await copyFile(debianOf('amd64'), join(folder, 'new.deb'));
  await copyFile(tarballOf('x64'), join(folder, 'ipvs.tar.gz'));
  const tree = join(folder, 'tree');
  await run('dpkg-deb', ['--raw-extract', debianOf('amd64'), tree]);
  const control = join(tree, 'DEBIAN/control');
  const text = await readFile(control, 'utf8');
  await writeFile(control, text.replace(/^Version: .*$/m, 'Version: 0.0.1'));
  await writeFile(join(tree, 'usr/sbin/ipvs'), '#!/bin/sh\necho "version 0.0.1, package ipvs"\n');
  await writeFile(join(tree, 'usr/share/doc/ipvs/former'), 'only in this version\n');
  await rm(join(tree, 'usr/share/man/man8/ipvs.8.gz'));
  // The files of this tree have no blanks in their names.
  await run('sh', ['-c', 'find usr -type f | xargs md5sum > DEBIAN/md5sums'], { cwd: tree });
  await build(tree, join(folder, 'old.deb'));
  await rm(tree, { recursive: true });
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  await mkdir(join(tree, 'usr/sbin'), { recursive: true });
  const fields = ['Package: rival', 'Version: 1', 'Architecture: all', 'Maintainer: nobody'];
  await writeFile(control, `${fields.join('\n')}\nDescription: has a file that ipvs has\n`);
  await writeFile(join(tree, 'usr/sbin/ipvs'), 'rival\n');
  await build(tree, join(folder, 'rival.deb'));
}

async function build(tree: string, file: string): Promise<void> {
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file]);
}

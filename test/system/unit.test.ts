/** The units of systemd, as `ipvs install` puts it in place, before systemd's own judges. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { project } from '../support/sources.js';
import { readText } from '../docs/markdown.js';

const run = promisify(execFile);
/**
 * The exposure that systemd counts, from 0 to 10. What is left is what driving IPVS takes; and that the agent's helper may
 * tell systemd how it is.
 */
const units = [
  ['ipvs.service', '2.1'],
  ['ipvs-agent.service', '2.3'],
] as const;
let folder = '';
let manuals = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-unit-'));
  await run(process.execPath, [join(project, 'bin/ipvs.js'), 'install', '--prefix', folder]);
  // The units name our manual, which is looked for.
  manuals = join(folder, 'man');
  const { man } = JSON.parse(readText('package.json')) as { readonly man: readonly string[] };
  for (const page of man) {
    const section = join(manuals, `man${extname(page).slice(1)}`);
    await mkdir(section, { recursive: true });
    await symlink(join(project, page), join(section, basename(page)));
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each(units)('%s', (name, exposure) => {
  const unit = () => join(folder, 'lib/systemd/system', name);
  const analyze = (...words: string[]) =>
    run('systemd-analyze', [...words, unit()], { env: { ...process.env, MANPATH: manuals } });

  test('systemd has nothing to say against it', async () => {
    expect(await analyze('verify', '--recursive-errors=no')).toEqual({ stdout: '', stderr: '' });
  });

  test('it is exposed to little', async () => {
    const { stdout } = await analyze(
      'security',
      '--offline=true',
      '--no-pager',
      `--threshold=${exposure.replace('.', '')}`,
    );
    expect(stdout).toContain(`Overall exposure level for ${name}: ${exposure} OK`);
  });

  test('it may administer networks, and has no other capability', async () => {
    const text = await readFile(unit(), 'utf8');
    expect(text.match(/^\w*Capabilit\w*=.*$/gm)).toEqual(['CapabilityBoundingSet=CAP_NET_ADMIN']);
    expect(text).toContain('\nNoNewPrivileges=yes\n');
  });
});

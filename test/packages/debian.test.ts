/** The package for Debian on small systems: on its own, and beside Debian's package ipvsadm, which has the same commands. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chroot, releases } from './chroot.js';
import { listFiles, noteSystemctl, readRules, stateOf, writeRules } from './state.js';
import { packVariants, version } from './variants.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-packages-'));
  await packVariants(folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Three commands in /usr/sbin and in /sbin, and their manuals. */
const DIVERSIONS = 9;
const ours = { owners: ['ours'], diversions: DIVERSIONS, said: '' };
const genuine = { owners: ['genuine'], diversions: 0, said: '' };
/** What dpkg says of files that an administrator has edited. */
const edited = `??5?????? c /etc/default/ipvsadm
??5?????? c /etc/ipvsadm.rules
`;
const none = { owners: ['none'], diversions: 0, said: '' };

describe.each(releases)('on Debian %s', (release) => {
  const open = () => Chroot.open(release, folder);

  test('apt installs it on its own, and a purge leaves nothing of it', async () => {
    await using chroot = await open();
    await chroot.run(`${noteSystemctl}${writeRules}`);
    const before = await chroot.run(listFiles);
    const rules = await chroot.run(readRules);
    await chroot.run('apt-get install -q /packages/new.deb');
    expect(await stateOf(chroot)).toEqual(ours);
    expect(await chroot.run('ipvsadm -v; ipvs --version')).toContain(version);
    expect(await chroot.run('man -w ipvs')).toBe('/usr/share/man/man8/ipvs.8.gz\n');
    // As `systemctl enable` does.
    const wants = '/etc/systemd/system/multi-user.target.wants';
    await chroot.run(
      `mkdir -p ${wants}; ln -s /usr/lib/systemd/system/ipvs.service ${wants}/ipvs.service; test -e ${wants}/ipvs.service`,
    );
    await chroot.run('apt-get purge -q ipvs');
    expect(await stateOf(chroot)).toEqual(none);
    await chroot.run(`rmdir --ignore-fail-on-non-empty -p ${wants} || true`);
    expect(await chroot.run(listFiles)).toBe(before);
    expect(await chroot.run(readRules)).toBe(rules);
    const calls = (await chroot.run('cat /systemctl.log')).trim().split('\n');
    expect(new Set(calls)).toEqual(new Set(['--system daemon-reload']));
  });

  test('it takes the place of a package ipvsadm that was there before, and gives it back', async () => {
    await using chroot = await open();
    await chroot.run(`apt-get install -q ipvsadm; ${writeRules}`);
    const rules = await chroot.run(readRules);
    const before = await chroot.run(listFiles);
    await chroot.run('apt-get install -q /packages/old.deb');
    expect(await stateOf(chroot)).toEqual({ ...ours, said: edited });
    expect(await chroot.run('ipvsadm -v')).toContain('package ipvs');
    expect(await chroot.run('man -w ipvsadm.distrib')).toContain('/ipvsadm.distrib.8.gz');
    expect(await chroot.run(readRules)).toBe(rules);
    await chroot.run('apt-get purge -q ipvs');
    expect(await chroot.run(listFiles)).toBe(before);
    expect(await chroot.run(readRules)).toBe(rules);
    expect(await stateOf(chroot)).toEqual({ ...genuine, said: edited });
  });

  test('a package ipvsadm that comes later leaves it in place, and so does its removal', async () => {
    await using chroot = await open();
    await chroot.run('apt-get install -q /packages/old.deb');
    await chroot.run('apt-get install -q ipvsadm');
    expect(await stateOf(chroot)).toEqual(ours);
    await chroot.run('apt-get remove -q ipvs');
    expect(await stateOf(chroot)).toEqual(genuine);
    await chroot.run('apt-get install -q /packages/old.deb; apt-get purge -q ipvsadm');
    expect(await stateOf(chroot)).toEqual(ours);
    await chroot.run('apt-get purge -q ipvs');
    expect(await stateOf(chroot)).toEqual(none);
  });

  test('an upgrade keeps the diversions, and brings what is new', { tags: 'long' }, async () => {
    await using chroot = await open();
    await chroot.run('apt-get install -q ipvsadm /packages/old.deb');
    expect(await stateOf(chroot)).toEqual(ours);
    expect(await chroot.run('ipvsadm -v')).toContain('0.0.1');
    await chroot.run(noteSystemctl);
    await chroot.run('apt-get install -q /packages/new.deb');
    expect(await stateOf(chroot)).toEqual(ours);
    expect(await chroot.run('ipvsadm -v')).toContain(version);
    await chroot.run('test ! -e /usr/share/doc/ipvs/former; man -w ipvs');
    expect(new Set((await chroot.run('cat /systemctl.log')).trim().split('\n'))).toEqual(
      new Set(['--system daemon-reload']),
    );
    await chroot.run('apt-get remove -q ipvs');
    expect(await stateOf(chroot)).toEqual(genuine);
  });

  test(
    'keepalived and ldirectord keep what they depend on, and call it',
    { tags: 'long' },
    async () => {
      await using chroot = await open();
      await chroot.run('apt-get install -q /packages/old.deb keepalived ldirectord');
      expect(await stateOf(chroot)).toEqual(ours);
      expect(await chroot.run('grep -ho "/sbin/ipvsadm" /usr/sbin/ldirectord | sort -u')).toBe(
        '/sbin/ipvsadm\n',
      );
      expect(await chroot.run('/sbin/ipvsadm -v')).toContain('package ipvs');
      await chroot.run('apt-get remove -q ipvs; dpkg-query --show keepalived ldirectord ipvsadm');
      expect(await stateOf(chroot)).toEqual(genuine);
    },
  );

  test('an installation that fails leaves the package ipvsadm as it was', async () => {
    await using chroot = await open();
    await chroot.run('apt-get install -q ipvsadm; dpkg --install /packages/rival.deb');
    const { code, stderr } = await chroot.attempt('dpkg --install /packages/old.deb');
    expect(code).not.toBe(0);
    expect(stderr).toContain('/usr/sbin/ipvs');
    expect(await stateOf(chroot)).toEqual(genuine);
  });

  test('it is not installed over diversions of the administrator, and says how to undo them', async () => {
    await using chroot = await open();
    await chroot.run(
      'apt-get install -q ipvsadm; dpkg-divert --local --rename --add /sbin/ipvsadm',
    );
    const { code, stderr } = await chroot.attempt('dpkg --install /packages/old.deb');
    expect(code).not.toBe(0);
    const [, undo = ''] = /First type: (.*)/.exec(stderr) ?? [];
    await chroot.run(undo);
    await chroot.run('dpkg --install /packages/old.deb');
    expect(await stateOf(chroot)).toEqual(ours);
  });

  test('the tar.gz runs where it is unpacked below /usr/local', async () => {
    await using chroot = await open();
    await chroot.run('tar -xzf /packages/ipvs.tar.gz -C /usr/local --strip-components=1');
    expect(await chroot.run('ipvsadm -v; ipvsadm-save -h || true')).toContain('package ipvs');
    expect(await chroot.run('ipvs --version')).toContain(version);
    expect(await chroot.run('readlink -f "$(man -w ipvs)"')).toBe(
      '/usr/local/share/man/man8/ipvs.8.gz\n',
    );
    expect(
      await chroot.run('grep -o "^ExecStart=.*" /usr/local/lib/systemd/system/ipvs.service'),
    ).toBe('ExecStart=/usr/local/sbin/ipvs rules load\n');
  });
});

test('an upgrade from Debian 12 to 13, which moves the commands of ipvsadm, leaves it in place', async () => {
  await using chroot = await Chroot.open('bookworm', folder);
  await chroot.run('apt-get install -q ipvsadm /packages/old.deb');
  await chroot.run('test -e /sbin/ipvsadm.distrib.usr-is-merged');
  await chroot.run('dpkg --install /genuine/ipvsadm_*.deb');
  await chroot.run(
    'test -e /usr/sbin/ipvsadm.distrib; test ! -e /sbin/ipvsadm.distrib.usr-is-merged',
  );
  expect(await stateOf(chroot)).toEqual(ours);
  await chroot.run('dpkg --purge ipvs');
  expect(await stateOf(chroot)).toEqual(genuine);
});

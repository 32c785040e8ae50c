// Small systems that packages are tried in, in .cache/chroots: node scripts/package-chroots.js. To have newer ones, delete that
// folder. They hold what the packages beside ours depend on, and those packages as files: a test needs no network.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../.cache/chroots');
const MIRROR = 'http://deb.debian.org/debian';
const RELEASES = ['bookworm', 'trixie'];

/** Runs in the system when it is there. */
const PREPARATION = `set -e
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
# Nothing of it is to survive a power failure.
echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/tests
echo force-confold >> /etc/dpkg/dpkg.cfg.d/tests
printf 'APT::Get::Assume-Yes "true";\\nAPT::Install-Recommends "false";\\nAPT::Sandbox::User "root";\\n' > /etc/apt/apt.conf.d/tests
beside='ipvsadm keepalived ldirectord'
apt-get -q --download-only install $beside
apt-get -s install $beside | sed -n 's/^Inst \\([^ ]*\\) .*/\\1/p' | grep -vxF "$(printf '%s\\n' $beside)" | xargs apt-get -q install
`;

for (const release of RELEASES) {
  const place = join(folder, release);
  if (existsSync(place)) continue;
  console.log(`Making a system of Debian ${release} with mmdebstrap ...`);
  const fresh = `${place}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = [
    '--variant=minbase',
    '--format=directory',
    '--include=man-db',
    // The lists of packages stay: apt-get is used without a network.
    '--skip=cleanup/apt',
    '--customize-hook=printf %s "$PREPARATION" | chroot "$1" sh',
    release,
    fresh,
    MIRROR,
  ];
  const env = { ...process.env, PREPARATION };
  const { status, error, stderr } = spawnSync('mmdebstrap', args, { env, encoding: 'utf8' });
  if (status !== 0) {
    console.error(`mmdebstrap failed: ${error?.message ?? stderr}`);
    process.exit(1);
  }
  renameSync(fresh, place);
}

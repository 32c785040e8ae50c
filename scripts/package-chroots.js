// Makes the small Debian systems in which packages are tested, in .cache/chroots: node scripts/package-chroots.js. To renew
// them, delete that folder. They contain the packages installed beside ours, as files, and what those depend on, so that a test
// needs no network.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { main, runProgram } from './run-program.js';

const folder = join(import.meta.dirname, '../.cache/chroots');
const MIRROR = 'http://deb.debian.org/debian';
const RELEASES = ['bookworm', 'trixie'];

/** Prepares a new system, from within. */
const PREPARATION = `set -e
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
# Syncing to disk would only cost time here.
echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/tests
echo force-confold >> /etc/dpkg/dpkg.cfg.d/tests
printf 'APT::Get::Assume-Yes "true";\\nAPT::Install-Recommends "false";\\nAPT::Sandbox::User "root";\\n' > /etc/apt/apt.conf.d/tests
beside='ipvsadm keepalived ldirectord'
apt-get -q --download-only install $beside
apt-get -s install $beside | sed -n 's/^Inst \\([^ ]*\\) .*/\\1/p' | grep -vxF "$(printf '%s\\n' $beside)" | xargs apt-get -q install
`;

function makeSystem(release) {
  const place = join(folder, release);
  if (existsSync(place)) return;
  console.log(`Making a system of Debian ${release} with mmdebstrap ...`);
  const fresh = `${place}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = [
    '--variant=minbase',
    '--format=directory',
    '--include=man-db',
    // Keep the package lists, since apt-get runs without a network.
    '--skip=cleanup/apt',
    '--customize-hook=printf %s "$PREPARATION" | chroot "$1" sh',
    release,
    fresh,
    MIRROR,
  ];
  const env = { ...process.env, PREPARATION };
  runProgram('mmdebstrap', args, { env });
  renameSync(fresh, place);
}

await main(() => {
  RELEASES.forEach(makeSystem);
});

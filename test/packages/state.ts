import type { Chroot } from './chroot.js';

/** Which package a file is of, by its content: `ours`, `genuine`, `none` if there is no such file. */
const WHOSE = `whose() {
  file=$(readlink -f "$1" || true)
  [ -e "$file" ] || { echo none; return; }
  [ "$file" != /usr/sbin/ipvs ] || { echo ours; return; }
  sum=$(md5sum < "$file" | cut -d' ' -f1)
  for package in ipvs ipvsadm; do
    if grep -qs "^$sum " /var/lib/dpkg/info/$package.md5sums; then
      [ $package = ipvs ] && echo ours || echo genuine
      return
    fi
  done
  echo foreign
}
`;

/** Who has the places that both packages have files for, and what dpkg says of it all. */
export async function stateOf(chroot: Chroot) {
  const text = await chroot.run(`${WHOSE}
for name in ipvsadm ipvsadm-save ipvsadm-restore; do
  echo "/usr/sbin/$name $(whose /usr/sbin/$name)"
  echo "/sbin/$name $(whose /sbin/$name)"
  echo "man $name $(whose "$(man -w $name 2>/dev/null)")"
done`);
  const owners = new Set(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1)),
  );
  const diversions = await chroot.run('dpkg-divert --list | grep -c "by ipvs$" || true');
  const said = await chroot.run(`dpkg --audit
apt-get check -qq
if [ -e /var/lib/dpkg/info/ipvsadm.md5sums ]; then dpkg --verify ipvsadm; fi
if [ -e /var/lib/dpkg/info/ipvs.md5sums ]; then dpkg --verify ipvs; fi
find / -xdev -name '*.distrib*' -not -path '/var/cache/*' | while read -r file; do
  dpkg-query --search "\${file%.usr-is-merged}" >/dev/null 2>&1 || [ -e /var/lib/dpkg/info/ipvsadm.list ] || echo "left: $file"
done`);
  return { owners: [...owners].sort(), diversions: Number(diversions), said };
}

/** What Debian’s init script and both programs read at boot, as an administrator has written it. */
export const writeRules = `mkdir -p /etc/sysconfig /etc/default
echo '-A -t 192.0.2.1:80 -s wrr' > /etc/ipvsadm.rules
echo '-A -t 192.0.2.2:80 -s wlc' > /etc/sysconfig/ipvsadm
printf 'AUTO="true"\\nDAEMON="master"\\n' > /etc/default/ipvsadm
`;

export const readRules = 'md5sum /etc/ipvsadm.rules /etc/sysconfig/ipvsadm /etc/default/ipvsadm';

/** All files but those that caches and logs are made of, and what dpkg keeps of packages that are gone. */
export const listFiles = `find / -xdev -not -path '/var/cache/*' -not -path '/var/log/*' -not -path '/var/lib/dpkg/*' \\
  -not -path '/var/lib/apt/*' -not -path '/run/*' -printf '%p %l %m\\n' | sort`;

/** A systemctl that notes its arguments, on a machine that systemd seems to run. */
export const noteSystemctl = `mkdir -p /run/systemd/system
printf '#!/bin/sh\\necho "$*" >> /systemctl.log\\n' > /usr/bin/systemctl
chmod +x /usr/bin/systemctl
touch /systemctl.log
`;

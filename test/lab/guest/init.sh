# The guest's first process. Its root is the host's file system, read-only; only $LAB_FOLDER is shared for writing.
# The lines before this, which the lab writes, set what begins with LAB_.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/home TMPDIR=/run/tmp LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
# It may be somewhere below /run.
[ -d "$LAB_FOLDER" ] || mkdir -p "$LAB_FOLDER"
mount -t "$LAB_SHARE_TYPE" shared "$LAB_FOLDER" -o "$LAB_SHARE_OPTIONS"
mkdir -p /run/home /run/tmp /run/netns /run/m/lib/modules /run/www

# The kernel mounts /dev by itself where it is built so.
mountpoint -q /dev || mount -t devtmpfs dev /dev
for link in fd:/proc/self/fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do
  [ -e "/dev/${link%%:*}" ] || ln -s "${link#*:}" "/dev/${link%%:*}"
done
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts

# Names must not be looked up on a network that the guest does not have, nor differ from host to host.
echo lab >/proc/sys/kernel/hostname
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 lab\n' >/run/hosts
: >/run/resolv.conf
for file in hosts resolv.conf; do
  [ -e "/etc/$file" ] && mount --bind "/run/$file" "/etc/$file"
done

# The guest's modules are not in /lib/modules: for the kernel's own requests a wrapper names their place, for
# programs that start modprobe themselves they are mounted where it looks, if the host has such a folder.
release=$(uname -r)
ln -s "$LAB_MODULES/$release" /run/m/lib/modules/
printf '#!/bin/sh\nexec /sbin/modprobe -d /run/m "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
[ -d /lib/modules ] && mount --bind "$LAB_MODULES" /lib/modules
/run/modprobe ip_vs
ip link set lo up

# Duplicate address detection would keep every IPv6 address silent for its first second. Namespaces inherit this.
echo 1 >/proc/sys/net/core/devconf_inherit_init_net
for scope in all default; do echo 0 >"/proc/sys/net/ipv6/conf/$scope/accept_dad"; done

unset uml_dir mem
ln -s "$LAB_CONTROL" /run/control
ln -s "$LAB_TERMINAL" /run/terminal
for terminal in /run/control /run/terminal; do stty raw -echo -F "$terminal"; done
LAB_FOLDER=$LAB_FOLDER "$LAB_NODE" "$LAB_FOLDER/supervisor.mjs" </dev/null
# Here when the host has closed the console.
busybox poweroff -f

/** Every program that may be started, and where distributions install it: the first path that exists is used. */
export const programs = {
  ip: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'],
  modprobe: ['/usr/sbin/modprobe', '/sbin/modprobe'],
  nft: ['/usr/sbin/nft', '/sbin/nft'],
  'iptables-save': ['/usr/sbin/iptables-save', '/sbin/iptables-save'],
  'iptables-legacy-save': ['/usr/sbin/iptables-legacy-save', '/sbin/iptables-legacy-save'],
  'ip6tables-save': ['/usr/sbin/ip6tables-save', '/sbin/ip6tables-save'],
  'ip6tables-legacy-save': ['/usr/sbin/ip6tables-legacy-save', '/sbin/ip6tables-legacy-save'],
  'systemd-notify': ['/usr/bin/systemd-notify', '/bin/systemd-notify'],
  arping: ['/usr/bin/arping', '/usr/sbin/arping', '/sbin/arping'],
  ping: ['/usr/bin/ping', '/bin/ping', '/usr/sbin/ping', '/sbin/ping'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Program = keyof typeof programs;

import { CONNECTION_FILE } from '../ipvs/wire/constants.js';
import type { IpvsError, Unsupported, UnsupportedSetting } from '../ipvs/errors.js';
import type { OperativeCommand } from '../rules/grammar/commands.js';
import { systemErrorText } from '../common/system-errors.js';

/** Words for what the kernel refuses. They are interface: scripts look for them. */

type ByCommand = Readonly<Partial<Record<OperativeCommand, string>>>;

const onServers = (text: string): ByCommand => ({
  'add-server': text,
  'edit-server': text,
  'delete-server': text,
});

/** An errno that means different things to different commands. */
const byCommand: Readonly<Record<string, ByCommand>> = {
  EEXIST: {
    'add-service': 'Service already exists',
    'add-server': 'Destination already exists',
    'start-daemon': 'Daemon has already run',
  },
  ESRCH: {
    'edit-service': 'No such service',
    'delete-service': 'No such service',
    zero: 'No such service',
    list: 'No such service',
    ...onServers('Service not defined'),
    'stop-daemon': 'No daemon is running',
  },
  ENOENT: {
    'add-service': 'Scheduler or persistence engine not found',
    'edit-service': 'Scheduler or persistence engine not found',
    'edit-server': 'No such destination',
    'delete-server': 'No such destination',
  },
};

/** An errno that means the same everywhere. */
const everywhere: Readonly<Record<string, string>> = {
  EPERM: 'Permission denied (you must be root)',
  EINVAL: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  ENOPROTOOPT: 'Protocol not available',
  ENOMEM: 'Memory allocation problem',
  EOPNOTSUPP: 'Operation not supported with IPv6',
  EAFNOSUPPORT: 'Operation not supported with specified address family',
  EMSGSIZE: 'Module is wrong version',
};

/** What a file that cannot be opened gives. */
const unopened: readonly string[] = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR'];

/** What a kernel may be too old for. */
const settings: Readonly<Record<UnsupportedSetting, string>> = {
  family: 'a real server of another address family',
  tunnelType: 'this tunnel type',
  tunnelChecksum: 'tunnel checksums',
  maximumLength: 'sync-maxlen',
  group: 'mcast-group',
  port: 'mcast-port',
  ttl: 'mcast-ttl',
};

/** What to say when a command was refused. */
export function kernelErrorText(
  command: OperativeCommand,
  error: Pick<IpvsError, 'code' | 'errno'> & Partial<Pick<IpvsError, 'operation' | 'unsupported'>>,
): string {
  if (error.unsupported !== undefined) return unsupportedText(error.unsupported);
  if (error.operation === 'connections' && unopened.includes(error.code)) {
    return `cannot open file ${CONNECTION_FILE}`;
  }
  return byCommand[error.code]?.[command] ?? everywhere[error.code] ?? systemErrorText(error.errno);
}

function unsupportedText({ settings: missing, since, inPlace }: Unsupported): string {
  const what = missing.map((setting) => settings[setting]).join(', ');
  return `Linux ${since} or later is needed for ${what}${inPlace ? '; all else was set' : ''}`;
}

/** For root without the capability, as in a container: "you must be root" would not help. */
const ROOT_REFUSED =
  'Root lacks CAP_NET_ADMIN in the initial user namespace: a container needs --cap-add NET_ADMIN, and no user namespace of its own.';

/**
 * What to say when IPVS cannot be reached: two lines, the second of which names the usual reason, and a third where these
 * would mislead.
 */
export function unreachableText(error: IpvsError, superuser: boolean): string {
  const lines = [
    `Can't initialize ipvs: ${reasonOf(error, superuser)}`,
    'Are you sure that IP Virtual Server is built in the kernel or as module?',
  ];
  // Where the system refuses the socket itself, the cause is another.
  if (superuser && error.code === 'EPERM' && error.operation === 'info') lines.push(ROOT_REFUSED);
  return lines.join('\n');
}

function reasonOf({ code, errno }: IpvsError, superuser: boolean): string {
  // The family is missing, with its module. Only root could have loaded that, and the genuine program says so.
  const missing = superuser ? 'ENOPROTOOPT' : 'EPERM';
  return everywhere[code === 'ENOENT' ? missing : code] ?? systemErrorText(errno);
}

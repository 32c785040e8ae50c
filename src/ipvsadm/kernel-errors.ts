import { CONNECTION_FILE } from '../ipvs/wire/constants.js';
import type { IpvsError, Unsupported, UnsupportedSetting } from '../ipvs/errors.js';
import type { OperativeCommand } from '../rules/grammar/commands.js';
import { systemErrorText } from '../common/system-errors.js';
import { errnoTexts } from '../terminal/unreachable.js';

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

/** The message for a refused command. @param command undefined for several commands at once. */
export function kernelErrorText(command: OperativeCommand | undefined, error: IpvsError): string {
  if (error.unsupported !== undefined) return unsupportedText(error.unsupported);
  if (error.operation === 'connections' && unopened.includes(error.code)) {
    return `cannot open file ${CONNECTION_FILE}`;
  }
  const own = command && byCommand[error.code]?.[command];
  return own ?? errnoTexts[error.code] ?? systemErrorText(error.errno);
}

function unsupportedText({ settings: missing, since, inPlace }: Unsupported): string {
  const what = missing.map((setting) => settings[setting]).join(', ');
  return `Linux ${since} or later is needed for ${what}${inPlace ? '; all else was set' : ''}`;
}

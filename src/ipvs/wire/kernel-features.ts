import { forwardingMethods, tunnelTypes } from '../model/destination.js';
import type { UnsupportedSetting } from '../errors.js';
import { daemon, destination } from './schema.js';
import type { DaemonAttributes, DestinationAttributes, Release } from './schema.js';

/** A setting that came late, with the attribute that carries it. */
export interface KernelFeature<Attributes> {
  readonly setting: UnsupportedSetting;
  /** By its name in the kernel's header. */
  readonly attribute: string;
  readonly since: Release;
  /** Whether this asks for what a kernel without the attribute does not do anyway. */
  readonly isAsked: (given: Attributes, serviceFamily?: number) => boolean;
  /** Whether a kernel that sends this knows the attribute: those that do send it always. */
  readonly isShown: (sent: Attributes) => boolean;
}

type OfDestination = KernelFeature<DestinationAttributes>;

function ofDestination(
  setting: UnsupportedSetting,
  name: 'ADDR_FAMILY' | 'TUN_TYPE' | 'TUN_FLAGS',
  isAsked: OfDestination['isAsked'],
): OfDestination {
  return {
    setting,
    attribute: destination.prefix + name,
    since: destination.declaration[name].since,
    isAsked,
    isShown: (sent) => sent[name] !== undefined,
  };
}

export const destinationFeatures: readonly OfDestination[] = [
  ofDestination(
    'family',
    'ADDR_FAMILY',
    ({ ADDR_FAMILY }, serviceFamily) => ADDR_FAMILY !== serviceFamily,
  ),
  ofDestination('tunnelType', 'TUN_TYPE', (given) => isTunnelled(given) && given.TUN_TYPE !== 0),
  // 5.2 keeps the type gre too, and sends packets as ipip: gre came with the flags.
  ofDestination(
    'tunnelType',
    'TUN_FLAGS',
    (given) => isTunnelled(given) && given.TUN_TYPE === tunnelTypes.gre,
  ),
  ofDestination(
    'tunnelChecksum',
    'TUN_FLAGS',
    (given) => isTunnelled(given) && given.TUN_FLAGS !== 0,
  ),
];

/** Without the method `tun` what is said of a tunnel has no effect. */
function isTunnelled({ FWD_METHOD, TUN_TYPE }: DestinationAttributes): boolean {
  return TUN_TYPE !== undefined && FWD_METHOD === forwardingMethods.tun;
}

/** Whether a real server is to be as some kernels cannot have it. */
export function requiresFeature(
  given: DestinationAttributes,
  serviceFamily: number | undefined,
): boolean {
  for (const { isAsked } of destinationFeatures) if (isAsked(given, serviceFamily)) return true;
  return false;
}

type OfDaemon = KernelFeature<DaemonAttributes>;
type LateOfDaemon = 'SYNC_MAXLEN' | 'MCAST_GROUP' | 'MCAST_GROUP6' | 'MCAST_PORT' | 'MCAST_TTL';

function ofDaemon(
  setting: UnsupportedSetting,
  name: LateOfDaemon,
  isAsked: OfDaemon['isAsked'] = (given) => given[name] !== undefined,
): OfDaemon {
  return {
    setting,
    attribute: daemon.prefix + name,
    since: daemon.declaration[name].since,
    isAsked,
    // A daemon has one group, of one family or the other.
    isShown: (sent) =>
      sent[name] !== undefined ||
      (setting === 'group' && (sent.MCAST_GROUP ?? sent.MCAST_GROUP6) !== undefined),
  };
}

/** What daemons before 4.3 used, which had no choice. */
const FIRST_GROUP = '224.0.0.81';
const FIRST_PORT = 8848;
const FIRST_TTL = 1;

export const daemonFeatures: readonly OfDaemon[] = [
  ofDaemon('maximumLength', 'SYNC_MAXLEN'),
  ofDaemon(
    'group',
    'MCAST_GROUP',
    ({ MCAST_GROUP }) => MCAST_GROUP !== undefined && MCAST_GROUP.join('.') !== FIRST_GROUP,
  ),
  ofDaemon('group', 'MCAST_GROUP6'),
  ofDaemon('port', 'MCAST_PORT', ({ MCAST_PORT = FIRST_PORT }) => MCAST_PORT !== FIRST_PORT),
  ofDaemon('ttl', 'MCAST_TTL', ({ MCAST_TTL = FIRST_TTL }) => MCAST_TTL !== FIRST_TTL),
];

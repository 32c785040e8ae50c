/** What came to IPVS when: the messages and the table of {@link tableKernel} as older kernels have them. */
import { AF_INET } from '../ipvs/wire/constants.js';
import type { Release } from '../ipvs/wire/schema.js';
import type {
  CommandAttributes,
  DestinationAttributes,
  ServiceAttributes,
  StatsAttributes,
} from '../ipvs/wire/schema.js';

/** The first kernel with an attribute; the others are older than all here. From the history of net/netfilter/ipvs. */
export const firstWith = {
  SERVICE: { STATS64: '4.1' },
  DEST: {
    ADDR_FAMILY: '3.18',
    STATS64: '4.1',
    TUN_TYPE: '5.2',
    TUN_PORT: '5.2',
    TUN_FLAGS: '5.3',
  },
  DAEMON: {
    SYNC_MAXLEN: '4.3',
    MCAST_GROUP: '4.3',
    MCAST_GROUP6: '4.3',
    MCAST_PORT: '4.3',
    MCAST_TTL: '4.3',
  },
} as const satisfies Partial<Record<keyof CommandAttributes, Readonly<Record<string, Release>>>>;

const lateSchedulers: Readonly<Record<string, Release>> = { fo: '3.18', ovf: '4.3', mh: '4.18' };
const SCHEDULERS = 'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh'.split(' ');

/** A release that has all of it. */
export const NEWEST: Release = '6.1';

export function schedulersOf(release: Release): readonly string[] {
  return SCHEDULERS.filter((name) => has(release, lateSchedulers[name]));
}

/** A request as a kernel reads it, which passes over what it does not know. */
export function asRead(release: Release, attributes: CommandAttributes): CommandAttributes {
  if (release === NEWEST) return attributes;
  const { SERVICE, DEST, DAEMON, ...rest } = attributes;
  return {
    ...rest,
    SERVICE: known(release, SERVICE, firstWith.SERVICE),
    DEST: known(release, DEST, firstWith.DEST),
    DAEMON: known(release, DAEMON, firstWith.DAEMON),
  };
}

/** What a kernel sends of its table. */
export function asSent(release: Release, attributes: CommandAttributes): CommandAttributes {
  if (release === NEWEST) return attributes;
  const { SERVICE, DEST } = attributes;
  return asRead(release, {
    ...attributes,
    SERVICE: SERVICE && { ...SERVICE, STATS: in32Bits(SERVICE.STATS64) },
    DEST: DEST && { ...DEST, STATS: in32Bits(DEST.STATS64) },
  });
}

/** A real server as it is kept: of the service's family when none was said, and with all that the kernel has of its own. */
export function asKept(
  given: DestinationAttributes,
  { AF }: ServiceAttributes,
): DestinationAttributes {
  const kept = { TUN_TYPE: 0, TUN_PORT: 0, TUN_FLAGS: 0, ...given };
  if (given.ADDR_FAMILY !== undefined) return kept;
  const ADDR = given.ADDR?.map((byte, index) => (AF === AF_INET && index >= 4 ? 0 : byte));
  return { ...kept, ADDR, ADDR_FAMILY: AF };
}

function known<Attributes extends object>(
  release: Release,
  attributes: Attributes | undefined,
  since: Readonly<Record<string, Release>>,
): Attributes | undefined {
  if (attributes === undefined) return undefined;
  const lines = Object.entries(attributes).filter(([name]) => has(release, since[name]));
  return Object.fromEntries(lines) as Attributes;
}

function has(release: Release, since: Release | undefined): boolean {
  return since === undefined || order(release) >= order(since);
}

function order(release: Release): number {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  return major * 1000 + minor;
}

/** Counters of 32 bits wrap around to 0; bytes have always been counted in 64. */
function in32Bits(statistics: StatsAttributes | undefined): StatsAttributes | undefined {
  if (statistics === undefined) return undefined;
  const entries = Object.entries(statistics).map(([name, value = 0n]) => [
    name,
    /^(?:IN|OUT)BYTES$/.test(name) ? value : BigInt.asUintN(32, value),
  ]);
  return Object.fromEntries(entries) as StatsAttributes;
}

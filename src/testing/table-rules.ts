/** What the kernel's table holds, and what it takes: the part of {@link tableKernel} that needs no state of its own. */
import { AF_INET6, serviceFlags } from '../ipvs/wire/constants.js';
import type {
  DaemonAttributes,
  DestinationAttributes,
  ServiceAttributes,
} from '../ipvs/wire/schema.js';
import type { ErrnoName } from './fake-kernel.js';

export interface Entry {
  attributes: ServiceAttributes;
  destinations: DestinationAttributes[];
}

/** What the kernel answers a change with; undefined is success. */
export type Outcome = ErrnoName | undefined;

const ENGINES = ['sip'];
const TUNNEL = 2;
const GUE = 1;

export function withDaemonDefaults(daemon: DaemonAttributes): DaemonAttributes {
  const group =
    daemon.MCAST_GROUP ?? (daemon.MCAST_GROUP6 ? undefined : Uint8Array.of(224, 0, 0, 81));
  return {
    ...daemon,
    SYNC_MAXLEN: daemon.SYNC_MAXLEN ?? 1472,
    MCAST_GROUP: group,
    MCAST_PORT: daemon.MCAST_PORT ?? 8848,
    MCAST_TTL: daemon.MCAST_TTL ?? 1,
  };
}

/** Each entry that a change passes on the way to its own is compared: in a table of thousands, making keys would be all. */
function kept<Attributes extends object>(
  keyOf: (attributes: Attributes) => string,
): (attributes: Attributes) => string {
  const keys = new WeakMap<Attributes, string>();
  return (attributes) => {
    const known = keys.get(attributes);
    if (known !== undefined) return known;
    const key = keyOf(attributes);
    keys.set(attributes, key);
    return key;
  };
}

export const serviceKey = kept(({ AF, FWMARK, PROTOCOL, ADDR, PORT }: ServiceAttributes) =>
  JSON.stringify(FWMARK ? [AF, FWMARK] : [AF, PROTOCOL, ADDR?.join(), PORT]),
);

const destinationKey = kept(({ ADDR_FAMILY, ADDR, PORT }: DestinationAttributes) =>
  JSON.stringify([ADDR_FAMILY, ADDR?.join(), PORT]),
);

export function isService({ AF, FWMARK, PROTOCOL, ADDR, PORT }: ServiceAttributes): boolean {
  const byAddress = PROTOCOL !== undefined && ADDR !== undefined && PORT !== undefined;
  return AF !== undefined && (FWMARK !== undefined || byAddress);
}

export function checkService(given: ServiceAttributes, schedulers: readonly string[]): Outcome {
  const { SCHED_NAME, FLAGS, TIMEOUT, NETMASK, PE_NAME, AF } = given;
  if (SCHED_NAME === undefined || FLAGS === undefined) return 'EINVAL';
  if (TIMEOUT === undefined || NETMASK === undefined) return 'EINVAL';
  if (!schedulers.includes(SCHED_NAME)) return 'ENOENT';
  if (PE_NAME !== undefined && !ENGINES.includes(PE_NAME)) return 'ENOENT';
  const prefix = new DataView(NETMASK.buffer, NETMASK.byteOffset).getUint32(0, true);
  return AF === AF_INET6 && (prefix < 1 || prefix > 128) ? 'EINVAL' : undefined;
}

export function stored(given: ServiceAttributes): ServiceAttributes {
  const flags = (given.FLAGS?.flags ?? 0) | serviceFlags.HASHED;
  return { ...given, FLAGS: { flags, mask: 0xffff_ffff } };
}

export function setService(
  entry: Entry,
  given: ServiceAttributes,
  schedulers: readonly string[],
): Outcome {
  const refused = checkService(given, schedulers);
  if (refused !== undefined) return refused;
  entry.attributes = { ...stored(given), STATS64: entry.attributes.STATS64 };
  return undefined;
}

export function changeDestination(
  entry: Entry,
  command: string,
  given: DestinationAttributes | undefined,
): Outcome {
  if (given?.ADDR === undefined || given.PORT === undefined) return 'EINVAL';
  const key = destinationKey(given);
  const old = entry.destinations.find((other) => destinationKey(other) === key);
  if (command === 'DEL_DEST') {
    entry.destinations = entry.destinations.filter((other) => other !== old);
    return old === undefined ? 'ENOENT' : undefined;
  }
  const refused = checkDestination(entry, given);
  if (refused !== undefined) return refused;
  if (command === 'NEW_DEST') {
    if (old !== undefined) return 'EEXIST';
    const none = { ACTIVE_CONNS: 0, INACT_CONNS: 0, PERSIST_CONNS: 0 };
    entry.destinations.unshift({ ...given, ...none });
    return undefined;
  }
  if (old === undefined) return 'ENOENT';
  const { ACTIVE_CONNS, INACT_CONNS, PERSIST_CONNS, STATS64 } = old;
  const kept = { ACTIVE_CONNS, INACT_CONNS, PERSIST_CONNS, STATS64 };
  entry.destinations[entry.destinations.indexOf(old)] = { ...given, ...kept };
  return undefined;
}

/** A real server of another family than its service, which the messages of daemons have no room for. */
export function isForeign(
  { attributes }: Entry,
  given: DestinationAttributes | undefined,
): boolean {
  return given !== undefined && given.ADDR_FAMILY !== attributes.AF;
}

export function isMixed(entry: Entry): boolean {
  return entry.destinations.some((one) => isForeign(entry, one));
}

function checkDestination(entry: Entry, given: DestinationAttributes): Outcome {
  const { FWD_METHOD, WEIGHT, U_THRESH, L_THRESH, TUN_TYPE, TUN_PORT } = given;
  if (FWD_METHOD === undefined || WEIGHT === undefined) return 'EINVAL';
  if (U_THRESH === undefined || L_THRESH === undefined) return 'EINVAL';
  if (isForeign(entry, given) && FWD_METHOD !== TUNNEL) return 'EINVAL';
  if (WEIGHT < 0 || L_THRESH > U_THRESH) return 'ERANGE';
  return TUN_TYPE === GUE && !TUN_PORT ? 'EINVAL' : undefined;
}

export function zero(entries: readonly Entry[]): Outcome {
  for (const entry of entries) {
    entry.attributes = { ...entry.attributes, STATS64: undefined };
    entry.destinations = entry.destinations.map((one) => ({ ...one, STATS64: undefined }));
  }
  return undefined;
}

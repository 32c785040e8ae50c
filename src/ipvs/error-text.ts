import type { IpvsErrorFacts } from './errors.js';
import { formatDestinationId } from './model/destination.js';
import { formatServiceId } from './model/service.js';

/** What each code means, whatever was asked for. docs/errors.md says what to do about it. */
export const errorMeanings = {
  EACCES: 'access is denied',
  EAFNOSUPPORT: 'the kernel does not support the address family',
  EBADMSG: 'the reply is malformed',
  ECANCELED: 'the client was closed',
  EEXIST: 'it already exists',
  EINTR: 'the kernel was interrupted',
  EINVAL: 'the kernel refuses a value',
  ENOBUFS: 'replies were lost',
  ENODATA: 'there was no reply',
  ENODEV: 'there is no such interface',
  ENOENT: 'there is no such thing',
  ENOMEM: 'the kernel is out of memory',
  ENOPROTOOPT: 'IPVS was unloaded',
  ENOSYS: 'the kernel is too old',
  EOPNOTSUPP: 'the kernel does not support it',
  EPERM: 'this needs CAP_NET_ADMIN in the initial user namespace',
  ERANGE: 'the lower threshold is above the upper one, or the weight is below 0',
  ESRCH: 'there is no such service',
} as const;

/** The codes that IPVS and this library are known to give. A kernel may give others of errno.h. */
export type IpvsErrorCode = keyof typeof errorMeanings;

type Meanings = Readonly<Partial<Record<string, string>>>;

const ENGINE = 'the kernel has no such scheduler or persistence engine';
const NO_SERVER = 'the service has no such real server';
const SERVER_VALUE =
  'its address is not unicast, its family is not that of the service, or its GUE tunnel has no port';

/** What a code means for an operation, where that is more than {@link errorMeanings} says. */
const byOperation: Readonly<Record<string, Meanings>> = {
  addService: { ENOENT: ENGINE },
  replaceService: { ENOENT: ENGINE },
  updateService: { ENOENT: ENGINE },
  addDestination: { EINVAL: SERVER_VALUE },
  replaceDestination: { ENOENT: NO_SERVER, EINVAL: SERVER_VALUE },
  updateDestination: { ENOENT: NO_SERVER, EINVAL: SERVER_VALUE },
  deleteDestination: { ENOENT: NO_SERVER },
  setTimeouts: { EINVAL: 'a timeout is too long' },
  startSyncDaemon: {
    EEXIST: 'one already runs in that state',
    EINVAL: 'the group is not multicast, or a real server is not of the family of its service',
  },
  stopSyncDaemon: { ESRCH: 'none runs in that state' },
  connections: { ENOENT: 'the kernel has no IPVS' },
  open: {
    ENOENT: 'the kernel has no IPVS, and its module could not be loaded',
    EOPNOTSUPP: 'this needs Linux, and the optional package netlink with its binary',
  },
};

/** What was to be done, with `%s` for the service and `%d` for the real server. */
const phrases: Readonly<Record<string, string>> = {
  addService: 'add the service %s',
  replaceService: 'replace the settings of the service %s',
  updateService: 'update the service %s',
  deleteService: 'delete the service %s',
  zeroService: 'zero the counters of the service %s',
  zeroAll: 'zero all counters',
  flush: 'delete all services',
  addDestination: 'add the real server %d to the service %s',
  replaceDestination: 'replace the settings of the real server %d of the service %s',
  updateDestination: 'update the real server %d of the service %s',
  deleteDestination: 'delete the real server %d of the service %s',
  service: 'read the service %s',
  services: 'read the services',
  destinations: 'read the real servers of the service %s',
  timeouts: 'read the timeouts',
  setTimeouts: 'set the timeouts',
  startSyncDaemon: 'start a sync daemon',
  stopSyncDaemon: 'stop a sync daemon',
  syncDaemons: 'read the sync daemons',
  connections: 'read the connection table',
  open: 'reach IPVS',
  info: 'read the version of IPVS',
  batch: 'apply a batch of changes',
};

/** One plain sentence: what could not be done, to what, and why. */
export function errorSentence(facts: IpvsErrorFacts): string {
  const { operation, service, destination, cause } = facts;
  const what = (phrases[operation] ?? operation)
    .replace('%d', () => (destination === undefined ? '' : formatDestinationId(destination)))
    .replace('%s', () => (service === undefined ? '' : formatServiceId(service)));
  return `cannot ${what}: ${reasonOf(facts)} (${cause.code})`;
}

function reasonOf({ operation, unsupported, cause }: IpvsErrorFacts): string {
  if (unsupported !== undefined) {
    return `this needs Linux ${unsupported.since} or later, for ${unsupported.attributes.join(', ')}`;
  }
  const meanings: Meanings = errorMeanings;
  return byOperation[operation]?.[cause.code] ?? meanings[cause.code] ?? cause.message;
}

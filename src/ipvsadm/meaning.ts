import type { Timeouts } from '../ipvs/client.js';
import type { SyncDaemonState } from '../ipvs/daemon.js';
import { NAME_BYTES } from '../ipvs/constants.js';
import type { Operation } from '../ipvs/operations.js';
import { familyOf, isMark } from '../ipvs/service.js';
import type { SchedulerFlag, ServiceId } from '../ipvs/service.js';
import type { OperativeCommand } from './commands.js';
import type { Draft, Names } from './draft.js';
import { readMask, serverPort } from './endpoints.js';
import type { Mask } from './endpoints.js';
import type { Invocation, ListColumns } from './invocation.js';
import { checkLegality, checkListing, checkTunnel } from './legality.js';
import type { Given } from './legality.js';
import { IPV6_WITHOUT_MARK } from './option-values.js';
import { readSchedulerFlags } from './scheduler-flags.js';
import { UsageError } from './usage-error.js';

/** A command line that has been read and not yet been checked as a whole. */
interface ReadLine {
  readonly command: OperativeCommand;
  readonly state: SyncDaemonState | undefined;
  readonly timeouts: Timeouts | undefined;
  readonly service: ServiceId | undefined;
  readonly mask: Mask | undefined;
  readonly draft: Draft;
  readonly given: Given;
  readonly names: Names;
}

const DEFAULT_SCHEDULER = 'wlc';
const DEFAULT_INTERFACE = 'eth0';
const NO_FLAGS: readonly SchedulerFlag[] = [];

/**
 * Makes of a command line what it means.
 * @throws UsageError when its options do not go together; the order of the checks is the genuine program's.
 */
export function toInvocation(line: ReadLine): Invocation {
  const { command, state, timeouts, service, draft, given } = line;
  const flags =
    draft.schedulerFlags === undefined
      ? NO_FLAGS
      : readSchedulerFlags(draft.schedulerFlags, draft.scheduler);
  checkLegality(command, given);
  switch (command) {
    case 'add-service':
    case 'edit-service':
      return { command, operation: serviceOperation(command, required(service), flags, line) };
    case 'delete-service':
      return { command, operation: { operation: 'deleteService', service: required(service) } };
    case 'add-server':
    case 'edit-server':
    case 'delete-server':
      return { command, operation: destinationOperation(command, required(service), line) };
    case 'flush':
      return { command, operation: { operation: 'flush' } };
    case 'zero':
      return {
        command,
        operation:
          service === undefined ? { operation: 'zeroAll' } : { operation: 'zeroService', service },
      };
    case 'save':
      return { command, numeric: draft.numeric === true };
    case 'set':
      return { command, timeouts: required(timeouts) };
    case 'start-daemon':
      return { command, daemon: daemonOf(required(state), draft) };
    case 'stop-daemon':
      return { command, state: required(state) };
    case 'list':
      return listOf(service, line);
    case 'restore':
      return { command };
  }
}

/** What the legality table or the reader has seen to: that it is there. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a value that was checked for is missing');
  return value;
}

/**
 * The service that the options have named.
 * @throws UsageError when a family was given, and no mark.
 */
export function serviceOf({ service, ipv6 }: Draft): ServiceId | undefined {
  if (ipv6 !== true) return service;
  if (service === undefined || !isMark(service)) throw new UsageError(IPV6_WITHOUT_MARK);
  return { ...service, family: 'ipv6' };
}

/**
 * The mask that the options have given, now that its family is certain: without a service it is IPv4's.
 * @throws UsageError when it is none of that family.
 */
export function maskOf(
  { mask }: Draft,
  service: ServiceId | undefined,
  names: Names,
): Mask | undefined {
  if (mask === undefined) return undefined;
  return readMask(mask, service === undefined ? 'ipv4' : familyOf(service), names);
}

function serviceOperation(
  command: 'add-service' | 'edit-service',
  service: ServiceId,
  schedulerFlags: readonly SchedulerFlag[],
  { draft, mask }: ReadLine,
): Operation {
  const { persistenceSeconds: timeoutSeconds, onePacket } = draft;
  if (!isMark(service)) {
    if (service.port === 0 && timeoutSeconds === undefined) {
      throw new UsageError('Zero port specified for non-persistent service');
    }
    if (onePacket === true && service.protocol !== 'udp') {
      throw new UsageError('One-Packet Scheduling is only for UDP virtual services');
    }
  }
  const settings = {
    scheduler: cutName(draft.scheduler) ?? DEFAULT_SCHEDULER,
    persistence: timeoutSeconds === undefined ? undefined : { timeoutSeconds, ...mask },
    persistenceEngine: cutName(draft.persistenceEngine),
    onePacket: onePacket === true,
    schedulerFlags,
  };
  return {
    operation: command === 'add-service' ? 'addService' : 'setService',
    service,
    settings,
  };
}

function destinationOperation(
  command: 'add-server' | 'edit-server' | 'delete-server',
  service: ServiceId,
  line: ReadLine,
): Operation {
  const { draft, given, names } = line;
  const { address } = required(draft.server);
  const port = serverPort(required(draft.server), service, names);
  if (port === undefined) throw new UsageError('illegal real server address[:port] specified');
  if (command === 'delete-server') {
    return { operation: 'deleteDestination', service, destination: { address, port } };
  }
  const forwardingMethod = draft.forwardingMethod ?? 'dr';
  if (address.family !== familyOf(service) && forwardingMethod !== 'tun') {
    throw new UsageError('Different address family is allowed only for tunneling servers');
  }
  checkTunnel(draft, given);
  // Only masquerading maps ports: elsewhere the packet keeps the one it came with.
  const keepsPort = forwardingMethod !== 'nat' && !isMark(service);
  return {
    operation: command === 'add-server' ? 'addDestination' : 'setDestination',
    service,
    destination: { address, port: keepsPort ? service.port : port },
    settings: {
      forwardingMethod,
      weight: draft.weight,
      upperThreshold: draft.upperThreshold,
      lowerThreshold: draft.lowerThreshold,
      tunnel: forwardingMethod === 'tun' ? tunnelOf(draft) : undefined,
    },
  };
}

function tunnelOf({ tunnelType, tunnelPort, tunnelChecksum }: Draft) {
  return { type: tunnelType ?? 'ipip', port: tunnelPort, checksum: tunnelChecksum } as const;
}

function daemonOf(state: SyncDaemonState, draft: Draft) {
  return {
    state,
    interface: cutName(draft.multicastInterface) ?? DEFAULT_INTERFACE,
    syncId: draft.syncId,
    maximumLength: draft.syncMaximumLength,
    group: draft.multicastGroup,
    port: draft.multicastPort,
    ttl: draft.multicastTtl,
  };
}

function listOf(service: ServiceId | undefined, { draft, given }: ReadLine): Invocation {
  checkListing(given);
  const { connection, timeout, daemon, persistentConnections } = draft;
  const numeric = draft.numeric === true;
  const command = 'list';
  if (connection) {
    return {
      command,
      what: 'connections',
      numeric,
      persistenceData: persistentConnections === true,
    };
  }
  if (timeout ?? daemon) return { command, what: timeout ? 'timeout' : 'daemon' };
  return {
    command,
    what: 'services',
    service,
    options: {
      numeric,
      columns: columnsOf(draft),
      exact: draft.exact === true,
      sorted: draft.unsorted !== true,
    },
  };
}

/** Of several kinds of columns the first in this order counts. */
function columnsOf(draft: Draft): ListColumns {
  if (draft.stats) return 'stats';
  if (draft.rate) return 'rate';
  if (draft.thresholds) return 'thresholds';
  if (draft.persistentConnections) return 'persistent-conn';
  if (draft.tunnelInformation) return 'tun-info';
  return 'default';
}

/** A character of a string is three bytes of UTF-8 at most. */
const MOST_BYTES = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A name as it reaches the kernel: cut to 15 bytes; an empty one counts as not given. */
function cutName(name: string | undefined): string | undefined {
  if (name === undefined || name === '') return undefined;
  if (name.length * MOST_BYTES <= NAME_BYTES) return name;
  const bytes = encoder.encode(name);
  if (bytes.length <= NAME_BYTES) return name;
  // Half a character is no character.
  return decoder.decode(bytes.subarray(0, NAME_BYTES)).replace(/\uFFFD+$/, '');
}

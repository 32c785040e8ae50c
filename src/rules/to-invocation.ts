import type { Timeouts } from '../ipvs/model/timeouts.js';
import type { SyncDaemonState } from '../ipvs/model/daemon.js';
import { NAME_BYTES } from '../ipvs/wire/constants.js';
import type { Operation } from '../ipvs/client/operations.js';
import { familyOf, isMark } from '../ipvs/model/service.js';
import type { SchedulerFlag, ServiceId } from '../ipvs/model/service.js';
import type { OperativeCommand } from './grammar/commands.js';
import type { ParsedOptions, Names } from './grammar/parsed-options.js';
import { readMask, serverPort } from './grammar/endpoints.js';
import type { Mask } from './grammar/endpoints.js';
import type { Invocation, ListColumns } from './invocation.js';
import { checkLegality, checkListing, checkTunnel } from './grammar/legality.js';
import type { Given } from './grammar/legality.js';
import { IPV6_WITHOUT_MARK } from './grammar/option-values.js';
import { readSchedulerFlags } from './grammar/scheduler-flags.js';
import { RuleError } from './rule-error.js';

/** A command line that has been read and not yet been checked as a whole. */
interface ParsedLine {
  readonly command: OperativeCommand;
  readonly state: SyncDaemonState | undefined;
  readonly timeouts: Timeouts | undefined;
  readonly service: ServiceId | undefined;
  readonly mask: Mask | undefined;
  readonly parsedOptions: ParsedOptions;
  readonly given: Given;
  readonly names: Names;
}

const DEFAULT_SCHEDULER = 'wlc';
const DEFAULT_INTERFACE = 'eth0';
const NO_FLAGS: readonly SchedulerFlag[] = [];

/**
 * Makes of a command line what it means.
 * @throws RuleError when its options do not go together; the order of the checks is the genuine program's.
 */
export function toInvocation(line: ParsedLine): Invocation {
  const { command, state, timeouts, service, parsedOptions, given } = line;
  const flags =
    parsedOptions.schedulerFlags === undefined
      ? NO_FLAGS
      : readSchedulerFlags(parsedOptions.schedulerFlags, parsedOptions.scheduler);
  checkLegality(command, given);
  switch (command) {
    case 'add-service':
    case 'edit-service':
      return { command, operation: serviceOperation(command, required(service), flags, line) };
    case 'delete-service':
      return { command, operation: { type: 'deleteService', service: required(service) } };
    case 'add-server':
    case 'edit-server':
    case 'delete-server':
      return { command, operation: destinationOperation(command, required(service), line) };
    case 'flush':
      return { command, operation: { type: 'flush' } };
    case 'zero':
      return {
        command,
        operation: service === undefined ? { type: 'zeroAll' } : { type: 'zeroService', service },
      };
    case 'save':
      return { command, numeric: parsedOptions.numeric === true };
    case 'set':
      return { command, timeouts: required(timeouts) };
    case 'start-daemon':
      return { command, daemon: daemonOf(required(state), parsedOptions) };
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
 * @throws RuleError when a family was given, and no mark.
 */
export function serviceOf({ service, ipv6 }: ParsedOptions): ServiceId | undefined {
  if (ipv6 !== true) return service;
  if (service === undefined || !isMark(service)) throw new RuleError(IPV6_WITHOUT_MARK);
  return { ...service, family: 'ipv6' };
}

/**
 * The mask that the options have given, now that its family is certain: without a service it is IPv4's.
 * @throws RuleError when it is none of that family.
 */
export function maskOf(
  { mask }: ParsedOptions,
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
  { parsedOptions, mask }: ParsedLine,
): Operation {
  const { persistenceSeconds: timeoutSeconds, onePacket } = parsedOptions;
  if (!isMark(service)) {
    if (service.port === 0 && timeoutSeconds === undefined) {
      throw new RuleError('Zero port specified for non-persistent service');
    }
    if (onePacket === true && service.protocol !== 'udp') {
      throw new RuleError('One-Packet Scheduling is only for UDP virtual services');
    }
  }
  const settings = {
    scheduler: cutName(parsedOptions.scheduler) ?? DEFAULT_SCHEDULER,
    persistence: timeoutSeconds === undefined ? undefined : { timeoutSeconds, ...mask },
    persistenceEngine: cutName(parsedOptions.persistenceEngine),
    onePacket: onePacket === true,
    schedulerFlags,
  };
  return {
    type: command === 'add-service' ? 'addService' : 'replaceService',
    service,
    settings,
  };
}

function destinationOperation(
  command: 'add-server' | 'edit-server' | 'delete-server',
  service: ServiceId,
  line: ParsedLine,
): Operation {
  const { parsedOptions, given, names } = line;
  const { address } = required(parsedOptions.server);
  const port = serverPort(required(parsedOptions.server), service, names);
  if (port === undefined) throw new RuleError('illegal real server address[:port] specified');
  if (command === 'delete-server') {
    return { type: 'deleteDestination', service, destination: { address, port } };
  }
  const forwardingMethod = parsedOptions.forwardingMethod ?? 'dr';
  if (address.family !== familyOf(service) && forwardingMethod !== 'tun') {
    throw new RuleError('Different address family is allowed only for tunneling servers');
  }
  checkTunnel(parsedOptions, given);
  // Only masquerading maps ports: elsewhere the packet keeps the one it came with.
  const keepsPort = forwardingMethod !== 'nat' && !isMark(service);
  return {
    type: command === 'add-server' ? 'addDestination' : 'replaceDestination',
    service,
    destination: { address, port: keepsPort ? service.port : port },
    settings: {
      forwardingMethod,
      weight: parsedOptions.weight,
      upperThreshold: parsedOptions.upperThreshold,
      lowerThreshold: parsedOptions.lowerThreshold,
      tunnel: forwardingMethod === 'tun' ? tunnelOf(parsedOptions) : undefined,
    },
  };
}

function tunnelOf({ tunnelType, tunnelPort, tunnelChecksum }: ParsedOptions) {
  return { type: tunnelType ?? 'ipip', port: tunnelPort, checksum: tunnelChecksum } as const;
}

function daemonOf(state: SyncDaemonState, parsedOptions: ParsedOptions) {
  return {
    state,
    interface: cutName(parsedOptions.multicastInterface) ?? DEFAULT_INTERFACE,
    syncId: parsedOptions.syncId,
    maximumLength: parsedOptions.syncMaximumLength,
    group: parsedOptions.multicastGroup,
    port: parsedOptions.multicastPort,
    ttl: parsedOptions.multicastTtl,
  };
}

function listOf(service: ServiceId | undefined, { parsedOptions, given }: ParsedLine): Invocation {
  checkListing(given);
  const { connection, timeout, daemon, persistentConnections } = parsedOptions;
  const numeric = parsedOptions.numeric === true;
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
      columns: columnsOf(parsedOptions),
      exact: parsedOptions.exact === true,
      sorted: parsedOptions.unsorted !== true,
    },
  };
}

/** Of several kinds of columns the first in this order counts. */
function columnsOf(parsedOptions: ParsedOptions): ListColumns {
  if (parsedOptions.stats) return 'stats';
  if (parsedOptions.rate) return 'rate';
  if (parsedOptions.thresholds) return 'thresholds';
  if (parsedOptions.persistentConnections) return 'persistent-conn';
  if (parsedOptions.tunnelInformation) return 'tun-info';
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

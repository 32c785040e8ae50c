import type { CommandName } from './wire/constants.js';
import { formatDestinationId } from './model/destination.js';
import type { DestinationId } from './model/destination.js';
import type { Release } from './wire/schema.js';
import { formatServiceId } from './model/service.js';
import type { ServiceId } from './model/service.js';

/** An error of the system: of netlink or of a file. */
export interface SystemError extends Error {
  readonly errno: number;
  readonly code: string;
}

/**
 * What was asked for, and the kernel is too old to know. It passes over that in silence: only a look at what it has
 * shows it.
 */
export interface Unsupported {
  /** `family`: a real server of another family than its service. `group` and what follows are those of a daemon. */
  readonly settings: readonly UnsupportedSetting[];
  /** The attributes that the kernel lacks, by their names in its header: `IPVS_DEST_ATTR_TUN_TYPE`. */
  readonly attributes: readonly string[];
  /** The first Linux that has them all. Kernels of distributions may have them earlier. */
  readonly since: Release;
  /** Whether the rest of what was asked for took effect. What was added is taken back; what was set is not. */
  readonly inPlace: boolean;
}

export type UnsupportedSetting =
  'family' | 'tunnelType' | 'tunnelChecksum' | 'maximumLength' | 'group' | 'port' | 'ttl';

/** What an {@link IpvsError} is about. */
export interface IpvsErrorFacts {
  /** The client's operation: `addService`. */
  readonly operation: string;
  /** The kernel's command, without its prefix `IPVS_CMD_`; undefined when it came not so far. */
  readonly command?: CommandName | undefined;
  readonly service?: ServiceId | undefined;
  readonly destination?: DestinationId | undefined;
  /** The error below: from netlink, or from a file of /proc. */
  readonly cause: SystemError;
  /** What the module loader said when IPVS could not be reached. */
  readonly moduleLoader?: string | undefined;
  readonly unsupported?: Unsupported | undefined;
}

/**
 * An operation that the kernel refused, or that could not reach it. It carries facts; the sentence in `message` is for
 * logs.
 *
 * Codes: EEXIST (it is there already), ESRCH (no such service; no such daemon), ENOENT (no such scheduler, persistence
 * engine or real server), ERANGE (lower threshold above the upper), EINVAL (address not unicast, wrong family), EPERM
 * (no CAP_NET_ADMIN in the initial user namespace), ENOSYS (the kernel is too old: `unsupported` says for what),
 * ETIMEDOUT (no reply within the deadline), ENOBUFS (replies were lost), ECANCELED (the client was closed), EBADMSG (a
 * reply that is malformed), ENOPROTOOPT (IPVS was unloaded after the client was opened; where the kernel can load it
 * again, it does, and the call goes on).
 *
 * @example
 * ```ts
 * import { IpvsClient, IpvsError } from 'ipvs';
 *
 * await using client = await IpvsClient.open();
 * try {
 *   await client.deleteService({ firewallMark: 7 });
 * } catch (error) {
 *   if (!(error instanceof IpvsError)) throw error;
 *   console.log(error.code, error.operation, error.command); // ESRCH deleteService DEL_SERVICE
 *   console.log(error.message); // deleteService mark 7 ipv4: ESRCH (IPVS_CMD_DEL_SERVICE)
 * }
 * ```
 */
export class IpvsError extends Error implements IpvsErrorFacts {
  override readonly name = 'IpvsError';
  readonly operation: string;
  readonly command: CommandName | undefined;
  readonly service: ServiceId | undefined;
  readonly destination: DestinationId | undefined;
  readonly moduleLoader: string | undefined;
  /** Of ENOSYS: what the kernel does not know. */
  readonly unsupported: Unsupported | undefined;
  /** The error number, positive: 17. */
  readonly errno: number;
  /** Its name: `EEXIST`. */
  readonly code: string;
  override readonly cause: SystemError;

  constructor(facts: IpvsErrorFacts) {
    super(describe(facts));
    this.operation = facts.operation;
    this.command = facts.command;
    this.service = facts.service;
    this.destination = facts.destination;
    this.moduleLoader = facts.moduleLoader;
    this.unsupported = facts.unsupported;
    this.errno = Math.abs(facts.cause.errno);
    this.code = facts.cause.code;
    this.cause = facts.cause;
  }
}

/** Runs a call; an error of the system in it becomes an {@link IpvsError} with these facts. */
export async function withFacts<T>(
  facts: Omit<IpvsErrorFacts, 'cause'>,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw withCause(facts, error);
  }
}

/** The error itself, or the {@link IpvsError} that an error of the system is the cause of. */
export function withCause(facts: Omit<IpvsErrorFacts, 'cause'>, error: unknown): unknown {
  return isSystemError(error) ? new IpvsError({ ...facts, cause: error }) : error;
}

/** Runs a call that is made of others; what fails in it is an error of the whole. */
export async function asOne<T>(
  facts: Pick<IpvsErrorFacts, 'operation' | 'service' | 'destination'>,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    const { command, moduleLoader, unsupported, cause } = error;
    throw new IpvsError({ ...facts, command, moduleLoader, unsupported, cause });
  }
}

function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    !(error instanceof IpvsError) &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    'code' in error &&
    typeof error.code === 'string'
  );
}

function describe(facts: IpvsErrorFacts): string {
  const { operation, command, service, destination, unsupported, cause } = facts;
  const words = [operation];
  if (service !== undefined) words.push(formatServiceId(service));
  if (destination !== undefined) words.push(formatDestinationId(destination));
  const by = command === undefined ? '' : ` (IPVS_CMD_${command})`;
  const lacks =
    unsupported === undefined
      ? ''
      : `: no ${unsupported.attributes.join(', ')} before Linux ${unsupported.since}`;
  return `${words.join(' ')}: ${cause.code}${by}${lacks}`;
}

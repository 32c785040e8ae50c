import type { CommandName } from './wire/constants.js';
import { errorSentence } from './error-text.js';
import type { IpvsErrorCode } from './error-text.js';
import type { DestinationId } from './model/destination.js';
import type { Release } from './wire/schema.js';
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

const BRAND = Symbol.for('ipvs.IpvsError');

/**
 * An operation that the kernel refused, or that could not reach it. It carries facts, and a plain sentence in `message`.
 * docs/errors.md has each code, with its meaning and what to do about it.
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
 *   console.log(error.message); // cannot delete the service mark:7: there is no such service (ESRCH)
 * }
 * ```
 */
export class IpvsError extends Error implements IpvsErrorFacts {
  declare readonly name: 'IpvsError';
  readonly operation: string;
  readonly command: CommandName | undefined;
  readonly service: ServiceId | undefined;
  readonly destination: DestinationId | undefined;
  readonly moduleLoader: string | undefined;
  /** Of ENOSYS: what the kernel does not know. */
  readonly unsupported: Unsupported | undefined;
  /** The error number, positive: 17. */
  readonly errno: number;
  /** Its name: `EEXIST`. Others than the known ones are what a kernel may give too. */
  readonly code: IpvsErrorCode | (string & {});
  override readonly cause: SystemError;

  static {
    // On the prototype, as with the errors of the language: they are no facts of one error.
    Object.defineProperty(this.prototype, 'name', { value: 'IpvsError' });
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(facts: IpvsErrorFacts) {
    super(errorSentence(facts));
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

/**
 * Whether a value is an {@link IpvsError}, also one of another copy of this package, for which `instanceof` says no.
 *
 * @example
 * ```ts
 * import { IpvsClient, isIpvsError } from 'ipvs';
 *
 * await using client = await IpvsClient.open();
 * const error: unknown = await client.service('mark:7').catch((reason: unknown) => reason);
 * console.log(isIpvsError(error) && error.code); // ESRCH
 * ```
 */
export function isIpvsError(value: unknown): value is IpvsError {
  return typeof value === 'object' && value !== null && BRAND in value;
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

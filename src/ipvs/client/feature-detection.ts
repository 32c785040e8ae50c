import { constants } from 'node:os';
import { NetlinkError } from '../../netlink/errors.js';
import type { CallOptions } from '../../netlink/connection.js';
import { formatDestinationId } from '../model/destination.js';
import type { DestinationId } from '../model/destination.js';
import { IpvsError } from '../errors.js';
import type { BatchFailure, CommandFacts, Kernel } from './kernel.js';
import { daemonFeatures, destinationFeatures } from '../wire/kernel-features.js';
import type { KernelFeature } from '../wire/kernel-features.js';
import type { KernelRequest } from './operations.js';
import { OperationBatch } from './requests.js';
import type {
  CommandAttributes,
  DaemonAttributes,
  DestinationAttributes,
  Release,
} from '../wire/schema.js';
import { formatServiceId } from '../model/service.js';
import type { ServiceId } from '../model/service.js';

type OfDestination = KernelFeature<DestinationAttributes>;
type OfDaemon = KernelFeature<DaemonAttributes>;

/**
 * What the kernel is too old for. It passes over attributes that it does not know and says that all went well: packets
 * would then go in another wrapping, or to another address, than was asked for. But what it knows it sends, with every real
 * server and every daemon. So after the first use of such an attribute one of them is read; what the kernel did not
 * understand is taken back, and said.
 */
export class FeatureDetection {
  readonly #kernel: Kernel;
  /** Undefined until the kernel has sent a real server. */
  #missing: readonly OfDestination[] | undefined;
  /** Undefined until it has sent a daemon. */
  #missingOfDaemons: readonly OfDaemon[] | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The kernel has sent a real server. */
  observeDestination(sent: DestinationAttributes): void {
    this.#missing ??= destinationFeatures.filter(({ isShown }) => !isShown(sent));
  }

  /** The kernel has sent a daemon. */
  observeDaemon(sent: DaemonAttributes): void {
    this.#missingOfDaemons ??= daemonFeatures.filter(({ isShown }) => !isShown(sent));
  }

  /**
   * Looks after requests that were carried out.
   * @param failures those that were refused.
   * @returns these, and those that the kernel did not understand, in order.
   */
  async check(
    sent: OperationBatch,
    failures: readonly BatchFailure[],
    options: CallOptions = {},
  ): Promise<readonly BatchFailure[]> {
    if (this.#missing?.length === 0 || !sent.requiresFeature) return failures;
    const requests = Array.from({ length: sent.length }, (_, index) => sent.at(index));
    const { signal } = options;
    const refused = new Set(failures.map(({ index }) => index));
    if (this.#missing === undefined) await this.#look(requests, refused, { signal });
    if (this.#missing === undefined || this.#missing.length === 0) return failures;
    const lost = misunderstood(requests, refused, this.#missing);
    const late = await this.#revert(lost, { signal });
    return [...failures, ...late].sort((a, b) => a.index - b.index);
  }

  /**
   * Looks after a daemon that was started.
   * @param stop stops it.
   */
  async checkDaemon(
    facts: CommandFacts,
    given: DaemonAttributes,
    stop: () => Promise<void>,
    options: CallOptions | undefined,
  ): Promise<void> {
    if (this.#missingOfDaemons?.length === 0) return;
    const asked = daemonFeatures.filter(({ isAsked }) => isAsked(given));
    if (asked.length === 0) return;
    if (this.#missingOfDaemons === undefined) {
      const { operation } = facts;
      const see = ({ DAEMON }: CommandAttributes) => {
        if (DAEMON !== undefined) this.observeDaemon(DAEMON);
        return undefined;
      };
      const request = { operation, command: 'GET_DAEMON', attributes: {} } as const;
      await this.#see(request, see, options);
    }
    const missing = asked.filter((one) => this.#missingOfDaemons?.includes(one));
    if (missing.length === 0) return;
    await stop().catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
    throw unsupported(facts, missing, false);
  }

  /** Reads a real server that the requests have left; those of the last service are the likeliest to be there. */
  async #look(
    requests: readonly KernelRequest[],
    refused: ReadonlySet<number>,
    options: CallOptions,
  ): Promise<void> {
    const seen = new Set<string>();
    for (const [index, request] of [...requests.entries()].reverse()) {
      if (request.command === 'FLUSH') return;
      const { operation, service, attributes, requiresFeature } = request;
      if (service === undefined || refused.has(index) || requiresFeature !== true) continue;
      const before = seen.size;
      if (seen.add(formatServiceId(service)).size === before) continue;
      const { SERVICE } = attributes;
      const dump = { operation, command: 'GET_DEST', service, attributes: { SERVICE } } as const;
      const see = ({ DEST }: CommandAttributes) => {
        if (DEST !== undefined) this.observeDestination(DEST);
        return undefined;
      };
      await this.#see(dump, see, options);
      if (this.#missing !== undefined) return;
    }
  }

  /** Lets a reader see all entries of a dump. */
  async #see(
    request: KernelRequest,
    see: (attributes: CommandAttributes) => undefined,
    options: CallOptions | undefined,
  ): Promise<void> {
    const { error } = await this.#kernel.dump(request, see, options);
    if (error !== undefined) throw error;
  }

  /** Deletes the real servers that were added. @returns what to say of them and of those that were set. */
  async #revert(
    lost: readonly Misunderstood[],
    options: CallOptions,
  ): Promise<readonly BatchFailure[]> {
    const added = lost.filter((one) => one.isAdded);
    const deletions = new OperationBatch(added.length);
    for (const { service, destination } of added)
      deletions.add({ type: 'deleteDestination', service, destination });
    const left = new Set(lost.filter((one) => !one.isAdded));
    const refused = await this.#kernel.batch(
      deletions.requests,
      { operation: 'batch' },
      (index) => deletions.at(index),
      options,
    );
    for (const { index, error } of refused) {
      const one = added[index];
      if (one !== undefined && !isGone(error)) left.add(one);
    }
    return lost.map((one) => ({
      index: one.index,
      error: unsupported(one, one.missing, left.has(one)),
    }));
  }
}

/** A real server that the kernel has, but not as was asked for. */
interface Misunderstood extends CommandFacts {
  /** The place of the request that it is from. */
  readonly index: number;
  readonly service: ServiceId;
  readonly destination: DestinationId;
  /** Whether it was not there before the requests. */
  readonly isAdded: boolean;
  readonly missing: readonly OfDestination[];
}

/** The real servers that requests have left otherwise than was asked for: what later ones have mended does not count. */
function misunderstood(
  requests: readonly KernelRequest[],
  refused: ReadonlySet<number>,
  missing: readonly OfDestination[],
): Misunderstood[] {
  const services = new Map<string, Map<string, Misunderstood>>();
  for (const [index, request] of requests.entries()) {
    if (refused.has(index)) continue;
    if (request.command === 'FLUSH') services.clear();
    const { operation, command, service, destination, attributes } = request;
    if (service === undefined) continue;
    const key = formatServiceId(service);
    if (command === 'DEL_SERVICE') services.delete(key);
    const { SERVICE, DEST } = attributes;
    if (destination === undefined || DEST === undefined) continue;
    const servers = services.get(key) ?? new Map<string, Misunderstood>();
    services.set(key, servers);
    const server = formatDestinationId(destination);
    const isAdded = command === 'NEW_DEST' || servers.get(server)?.isAdded === true;
    const lost = missing.filter(({ isAsked }) => isAsked(DEST, SERVICE?.AF));
    const facts = { operation, command, service, destination };
    if (command === 'DEL_DEST') servers.delete(server);
    else servers.set(server, { ...facts, index, isAdded, missing: lost });
  }
  const all = [...services.values()].flatMap((servers) => [...servers.values()]);
  return all.filter((one) => one.missing.length > 0);
}

/** Whether an error says that there is nothing of the kind any more. */
function isGone(error: unknown): boolean {
  return error instanceof IpvsError && (error.code === 'ESRCH' || error.code === 'ENOENT');
}

function unsupported(
  { operation, command, service, destination }: CommandFacts,
  missing: readonly KernelFeature<never>[],
  inPlace: boolean,
): IpvsError {
  const since = missing.map((one) => one.since).reduce(newer);
  return new IpvsError({
    operation,
    command,
    service,
    destination,
    unsupported: {
      settings: [...new Set(missing.map(({ setting }) => setting))],
      attributes: missing.map(({ attribute }) => attribute),
      since,
      inPlace,
    },
    // No command of IPVS is ever refused with this.
    cause: new NetlinkError('request', constants.errno.ENOSYS),
  });
}

function newer(one: Release, other: Release): Release {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return (major - otherMajor || minor - otherMinor) > 0 ? one : other;
}

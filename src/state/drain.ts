import { pause } from '../common/pause.js';
import type { IpvsClient } from '../ipvs/client/client.js';
import type { Operation } from '../ipvs/client/operations.js';
import { isIpvsError } from '../ipvs/errors.js';
import { toDestinationId } from '../ipvs/model/destination.js';
import type { DestinationIdInput, DestinationState } from '../ipvs/model/destination.js';
import { formatPlace } from '../ipvs/model/place.js';
import { formatServiceId, toServiceId } from '../ipvs/model/service.js';
import type { ServiceId, ServiceIdInput } from '../ipvs/model/service.js';
import type { CallOptions } from '../netlink/connection.js';
import { drainedServer, isDraining, pauseBefore } from './drain-rules.js';
import type { DrainedServer, DrainTarget } from './drain-rules.js';

/** What draining needs of a client. */
export type DrainClient = Pick<IpvsClient, 'batch' | 'destinations' | 'service'>;

/** How far draining is. */
export interface DrainProgress {
  /** Since waiting began. */
  readonly elapsedMs: number;
  /** In the order of the targets. */
  readonly servers: readonly DrainedServer[];
}

export interface DrainOptions extends CallOptions {
  /** How long to wait at most, 0 to 2³¹−1 milliseconds. Default 300000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds between two looks, 1 to 2³¹−1. Default: 250 at first, up to 1000 when it takes long. */
  readonly pollMs?: number | undefined;
  /** Called at each look, also the first and the last. A promise is waited for. */
  readonly onProgress?: ((progress: DrainProgress) => void | Promise<void>) | undefined;
}

const DEFAULT_TIMEOUT_MS = 300_000;
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Drains real servers: sets their weight to 0, so that they get no new connections, and waits until those that they have are
 * gone; in a persistent service, until the templates of its clients are gone too. A server that is deleted meanwhile counts as
 * drained. One whose weight somebody sets to another value is not waited for any longer. Only the services that are named
 * are read. The weight from before is not kept, and stays 0 when the time is over or the signal is aborted.
 *
 * @returns how far each is at the end, in the order of the targets. `drained` is false where the time was over first.
 * @throws RangeError when a time is out of range.
 * @throws IpvsError when a weight cannot be set, or the kernel does not answer. The reason of `signal` when that is aborted.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { drain } from 'ipvs/state';
 *
 * await using client = await IpvsClient.open();
 * const service = 'tcp:192.0.2.1:80';
 * const destination = '10.0.0.2:80';
 * await client.addService(service);
 * await client.addDestination(service, destination, { weight: 3 });
 *
 * const [server] = await drain(client, [{ service, destination }], { timeoutMs: 60_000 });
 * console.log(server?.drained, server?.weight, server?.active); // true 0 0
 * await client.deleteDestination(service, destination);
 * ```
 */
export async function drain(
  client: DrainClient,
  targets: Iterable<{
    readonly service: ServiceIdInput;
    readonly destination: DestinationIdInput;
  }>,
  options: DrainOptions = {},
): Promise<DrainedServer[]> {
  checkTimes(options);
  const wanted = Array.from(targets, ({ service, destination }) => ({
    service: toServiceId(service),
    destination: toDestinationId(destination),
  }));
  await setWeights(client, wanted, options);
  return waitUntilDrained(client, wanted, options);
}

/** Waits for real servers of weight 0, as {@link drain} does. */
export async function waitUntilDrained(
  client: DrainClient,
  targets: readonly DrainTarget[],
  options: DrainOptions = {},
): Promise<DrainedServer[]> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, pollMs, onProgress, signal } = options;
  const watcher = await DrainWatcher.of(client, targets, { signal });
  const start = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - start;
    const servers = await watcher.look();
    await onProgress?.({ elapsedMs, servers });
    if (elapsedMs >= timeoutMs || !servers.some(isDraining)) return servers;
    const pauseMs = pauseBefore(elapsedMs, timeoutMs);
    await pause(pollMs === undefined ? pauseMs : Math.min(pollMs, timeoutMs - elapsedMs), signal);
  }
}

function checkTimes({ timeoutMs = 0, pollMs = 1 }: DrainOptions): void {
  if (!(timeoutMs >= 0 && timeoutMs <= LONGEST_MS)) {
    throw new RangeError(`timeoutMs: ${timeoutMs} is not from 0 to ${LONGEST_MS}`);
  }
  if (!(pollMs >= 1 && pollMs <= LONGEST_MS)) {
    throw new RangeError(`pollMs: ${pollMs} is not from 1 to ${LONGEST_MS}`);
  }
}

async function setWeights(
  client: DrainClient,
  targets: readonly DrainTarget[],
  { signal }: CallOptions,
): Promise<void> {
  const found = await serversOf(client, targets, { signal });
  const operations = targets.flatMap(({ service, destination }): Operation[] => {
    const settings = found.get(formatPlace(service, destination))?.settings;
    if (settings === undefined || settings.weight === 0) return [];
    const patched = { ...settings, weight: 0 };
    return [{ type: 'replaceDestination', service, destination, settings: patched }];
  });
  if (operations.length === 0) return;
  const { failures } = await client.batch(operations, { signal });
  // What is gone by now needs no weight.
  const refusal = failures.find(({ error: { code } }) => code !== 'ESRCH' && code !== 'ENOENT');
  if (refusal !== undefined) throw refusal.error;
}

/** Looks at the servers that are drained, again and again. */
class DrainWatcher {
  readonly #client: DrainClient;
  readonly #targets: readonly DrainTarget[];
  readonly #persistent: ReadonlySet<string>;
  readonly #options: CallOptions;

  private constructor(
    client: DrainClient,
    targets: readonly DrainTarget[],
    persistent: ReadonlySet<string>,
    options: CallOptions,
  ) {
    this.#client = client;
    this.#targets = targets;
    this.#persistent = persistent;
    this.#options = options;
  }

  static async of(
    client: DrainClient,
    targets: readonly DrainTarget[],
    options: CallOptions,
  ): Promise<DrainWatcher> {
    const persistent = new Set<string>();
    for (const [key, service] of servicesOf(targets)) {
      if (await isPersistent(client, service, options)) persistent.add(key);
    }
    return new DrainWatcher(client, targets, persistent, options);
  }

  async look(): Promise<DrainedServer[]> {
    const found = await serversOf(this.#client, this.#targets, this.#options);
    return this.#targets.map((target) => {
      const { service, destination } = target;
      const server = found.get(formatPlace(service, destination));
      return drainedServer(target, server, this.#persistent.has(formatServiceId(service)));
    });
  }
}

async function isPersistent(
  client: DrainClient,
  service: ServiceId,
  options: CallOptions,
): Promise<boolean> {
  try {
    return (await client.service(service, options)).settings.persistence !== undefined;
  } catch (error) {
    if (isIpvsError(error) && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** The real servers of the targets' services, by {@link formatPlace}. */
async function serversOf(
  client: DrainClient,
  targets: readonly DrainTarget[],
  options: CallOptions,
): Promise<ReadonlyMap<string, DestinationState>> {
  const services = [...servicesOf(targets).values()];
  const found = new Map<string, DestinationState>();
  let index = 0;
  for await (const servers of client.destinations(services, { ...options, statistics: false })) {
    const service = services[index];
    index += 1;
    if (service === undefined) break;
    for (const server of servers) found.set(formatPlace(service, server.id), server);
  }
  return found;
}

function servicesOf(targets: readonly DrainTarget[]): ReadonlyMap<string, ServiceId> {
  return new Map(targets.map(({ service }) => [formatServiceId(service), service]));
}

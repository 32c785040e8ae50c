import { collect } from '../../common/collect.js';
import type { Awaitable } from '../../common/and-then.js';
import type { CallOptions } from '../../netlink/connection.js';
import type { Replies } from '../../netlink/exchange.js';
import { isIpvsError } from '../errors.js';
import type { Family } from '../../common/ip-family.js';
import { compareDestinations, formatDestinationId } from '../model/destination.js';
import type { DestinationState } from '../model/destination.js';
import {
  compareServices,
  decodeServiceId,
  encodeServiceId,
  familyOf,
  formatServiceId,
  isNameable,
} from '../model/service.js';
import type { ServiceId, ServiceState } from '../model/service.js';
import type {
  CommandAttributes,
  DestinationAttributes,
  ServiceAttributes,
} from '../wire/schema.js';
import type { Kernel } from './kernel.js';
import { stableDump } from './stable-dump.js';

/** Decodes a service, with or without its counters. */
type DecodeService<S> = (attributes: ServiceAttributes) => S;
/** Decodes a real server, with or without its counters. */
type DecodeDestination<D> = (attributes: DestinationAttributes, serviceFamily: Family) => D;

/** The services, a piece at a time. */
export function readServices<S extends ServiceState>(
  kernel: Kernel,
  decode: DecodeService<S>,
  options: CallOptions | undefined,
): AsyncGenerator<readonly S[], void, undefined> {
  const request = { operation: 'services', command: 'GET_SERVICE', attributes: {} } as const;
  const order: ServiceId[] = [];
  const read = ({ SERVICE }: CommandAttributes) => {
    if (SERVICE === undefined || !isNameable(SERVICE)) return undefined;
    const service = decode(SERVICE);
    order.push(service.id);
    return service;
  };
  // An entry at its former position is not decoded again.
  let place = 0;
  const readChanged = ({ SERVICE }: CommandAttributes) => {
    if (SERVICE === undefined || !isNameable(SERVICE)) return undefined;
    const before = order[place];
    place += 1;
    const isSame = before !== undefined && compareServices(before, decodeServiceId(SERVICE)) === 0;
    return isSame ? undefined : decode(SERVICE);
  };
  return stableDump(
    (again) => kernel.dump(request, again ? readChanged : read, options),
    ({ id }) => formatServiceId(id),
    options?.signal,
  );
}

/** The real servers of a service, a piece at a time; none when there is no such service. */
export function readDestinations<D extends DestinationState>(
  kernel: Kernel,
  service: ServiceId,
  decode: DecodeDestination<D>,
  options: CallOptions | undefined,
): AsyncGenerator<readonly D[], void, undefined> {
  const walk = () => dumpDestinations(kernel, service, decode, options);
  return stableDump(walk, keyOf, options?.signal);
}

/** The real servers of each service, in the order of the services; none for a service that does not exist. */
export async function* readDestinationsOfEach<D extends DestinationState>(
  kernel: Kernel,
  services: readonly ServiceId[],
  decode: DecodeDestination<D>,
  options: CallOptions | undefined,
): AsyncGenerator<readonly D[], void, undefined> {
  for (const service of services) {
    const walk = () => dumpDestinations(kernel, service, decode, options);
    const walked = walk();
    const first = walked instanceof Promise ? await walked : walked;
    if (first.pieces.length < 2 && first.error === undefined) {
      yield first.pieces[0] ?? [];
      continue;
    }
    const pieces = stableDump((again) => (again ? walk() : first), keyOf, options?.signal);
    yield (await collect(pieces)).flat();
  }
}

function dumpDestinations<D>(
  kernel: Kernel,
  service: ServiceId,
  decode: DecodeDestination<D>,
  options: CallOptions | undefined,
): Awaitable<Replies<D>> {
  const family = familyOf(service);
  const attributes = { SERVICE: encodeServiceId(service) };
  const request = { operation: 'destinations', command: 'GET_DEST', service, attributes } as const;
  return kernel.dump(
    request,
    ({ DEST }: CommandAttributes) => DEST && decode(DEST, family),
    options,
  );
}

function keyOf({ id }: DestinationState): string {
  return formatDestinationId(id);
}

/** A service with its real servers. */
interface Entry<S, D> {
  readonly service: S;
  readonly destinations: readonly D[];
}

/**
 * Services with their real servers, one service at a time. A service that was deleted meanwhile is left out.
 * @param read reads the real servers of each service.
 * @param ask reads one service.
 * @param sorted whether real servers come by address and port, or in the kernel's order.
 */
export async function* tableEntries<S extends ServiceState, D extends DestinationState>(
  services: readonly S[],
  read: (ids: readonly ServiceId[]) => AsyncIterable<readonly D[]>,
  ask: (id: ServiceId) => Promise<unknown>,
  sorted: boolean,
): AsyncGenerator<readonly [Entry<S, D>], void, undefined> {
  const remaining = services.values();
  for await (const found of read(services.map(({ id }) => id))) {
    const { value: service } = remaining.next();
    if (service === undefined) return;
    // The kernel's reply is the same for a service without real servers and for one that does not exist.
    if (found.length === 0 && !(await exists(service.id, ask))) continue;
    const destinations = sorted
      ? [...found].sort((a, b) => compareDestinations(a.id, b.id))
      : found;
    yield [{ service, destinations }];
  }
}

async function exists(id: ServiceId, ask: (id: ServiceId) => Promise<unknown>): Promise<boolean> {
  try {
    await ask(id);
    return true;
  } catch (error) {
    if (isIpvsError(error) && error.code === 'ESRCH') return false;
    throw error;
  }
}

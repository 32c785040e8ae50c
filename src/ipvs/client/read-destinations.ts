import type { CallOptions } from '../../netlink/patience.js';
import { abortReason } from '../../netlink/patience.js';
import type { Family } from '../../common/ip-family.js';
import { formatDestinationId } from '../model/destination.js';
import type { DestinationState } from '../model/destination.js';
import type { Kernel } from './kernel.js';
import type { CommandAttributes, DestinationAttributes } from '../wire/schema.js';
import { Deduplicator } from './dump-dedupe.js';
import { encodeServiceId, familyOf } from '../model/service.js';
import type { ServiceId } from '../model/service.js';

/** From so many services on they are asked for without waiting: below, to find the socket would cost more than it saves. */
const MANY = 8;
/** Services between two rounds of the event loop, in which others have their turn: some milliseconds. */
const A_ROUND = 32;

/** How a real server is read: with all that the kernel says of it, or without the counters. */
type Decode<D> = (attributes: DestinationAttributes, serviceFamily: Family) => D;

/** The real servers of a service, a piece at a time; none when there is no such service. */
export async function* destinationsOf<D extends DestinationState>(
  kernel: Kernel,
  service: ServiceId,
  decode: Decode<D>,
  options: CallOptions | undefined,
): AsyncGenerator<readonly D[], void, undefined> {
  const { facts, attributes, read } = request(service, decode);
  const seen = newDeduplicator<D>();
  let pieces = 0;
  for await (const piece of kernel.dump(facts, attributes, read, options)) {
    pieces += 1;
    yield seen.accept(piece);
  }
  if (pieces < 2) return;
  // The kernel walks by position: what was deleted between two pieces has hidden something behind it.
  for await (const piece of kernel.dump(facts, attributes, read, options)) yield seen.accept(piece);
}

/** The real servers of each service, in the order of the services; none for a service that does not exist. */
export async function* destinationsOfEach<D extends DestinationState>(
  kernel: Kernel,
  services: readonly ServiceId[],
  decode: Decode<D>,
  options: CallOptions | undefined,
): AsyncGenerator<readonly D[], void, undefined> {
  const many = services.length >= MANY;
  for (const [place, service] of services.entries()) {
    if (many && place % A_ROUND === A_ROUND - 1) await aRound();
    if (options?.signal?.aborted === true) throw abortReason(options.signal);
    yield (
      (many ? destinationsNow(kernel, service, decode) : undefined) ??
      (await collect(destinationsOf(kernel, service, decode, options)))
    );
  }
}

function destinationsNow<D extends DestinationState>(
  kernel: Kernel,
  service: ServiceId,
  decode: Decode<D>,
): readonly D[] | undefined {
  const { facts, attributes, read } = request(service, decode);
  const pieces = kernel.dumpNow(facts, attributes, read);
  if (pieces === undefined || pieces.length < 2) return pieces && (pieces[0] ?? []);
  const again = kernel.dumpNow(facts, attributes, read) ?? [];
  const seen = newDeduplicator<D>();
  return [...pieces, ...again].flatMap((piece) => seen.accept(piece));
}

function aRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function request<D>(service: ServiceId, decode: Decode<D>) {
  const family = familyOf(service);
  return {
    facts: { operation: 'destinations', command: 'GET_DEST', service } as const,
    attributes: { SERVICE: encodeServiceId(service) },
    read: ({ DEST }: CommandAttributes) => DEST && decode(DEST, family),
  };
}

function newDeduplicator<D extends DestinationState>(): Deduplicator<D> {
  return new Deduplicator(({ id }) => formatDestinationId(id));
}

async function collect<D>(pieces: AsyncIterable<readonly D[]>): Promise<readonly D[]> {
  const all: D[] = [];
  for await (const piece of pieces) for (const destination of piece) all.push(destination);
  return all;
}

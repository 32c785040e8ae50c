import { pause } from '../common/pause.js';
import type { CallOptions } from '../netlink/connection.js';
import { tableChanges } from './diff.js';
import type { TableChange } from './diff.js';
import { readTable } from './read-table.js';
import type { TableClient } from './read-table.js';
import type { WantedService } from './table.js';

/** How to watch a table. */
export interface WatchOptions extends CallOptions {
  /** Milliseconds between two readings, 1 to 2³¹−1. Default 1000. */
  readonly intervalMs?: number | undefined;
  /**
   * The table that the first reading is compared with. Default: the first reading itself, so that only later changes are
   * reported. `[]` reports everything that is there as added.
   */
  readonly from?: readonly WantedService[] | undefined;
}

const DEFAULT_INTERVAL_MS = 1000;
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/**
 * Reports changes of the table: the kernel does not announce them, so it is read again and again and compared with the
 * reading before. What is changed and changed back between two readings is missed. Counters are not compared.
 *
 * Services and real servers that were added or changed come first, and then those that were removed; a service that is
 * removed comes after its real servers. The iteration ends by `break`, or by rejecting with the reason of `signal`.
 * @throws RangeError when the interval is out of range.
 * @throws IpvsError when a reading fails, as `IpvsClient.table` does. To go on, watch again with `from` set to the last
 * known table.
 *
 * @example
 * ```ts
 * import { formatDestinationId, IpvsClient } from 'ipvs';
 * import { readTable, watch } from 'ipvs/state';
 *
 * await using client = await IpvsClient.open();
 * await client.addService('tcp:192.0.2.1:80');
 * const from = await readTable(client);
 * await client.addDestination('tcp:192.0.2.1:80', '10.0.0.2:80', { weight: 3 });
 *
 * for await (const change of watch(client, { from, intervalMs: 500 })) {
 *   if (change.destination === undefined) continue;
 *   console.log(change.type, formatDestinationId(change.destination), change.after?.weight); // added 10.0.0.2:80 3
 *   break;
 * }
 * ```
 */
export async function* watch(
  client: TableClient,
  options: WatchOptions = {},
): AsyncGenerator<TableChange, never, undefined> {
  const { intervalMs = DEFAULT_INTERVAL_MS, from, ...call } = options;
  checkInterval(intervalMs);
  let before = from ?? (await readTable(client, call));
  let isFirst = from !== undefined;
  for (;;) {
    if (!isFirst) await pause(intervalMs, call.signal);
    isFirst = false;
    const after = await readTable(client, call);
    yield* tableChanges(before, after);
    before = after;
  }
}

function checkInterval(intervalMs: number): void {
  if (intervalMs >= 1 && intervalMs <= LONGEST_INTERVAL_MS) return;
  throw new RangeError(`intervalMs: ${intervalMs} is not from 1 to ${LONGEST_INTERVAL_MS}`);
}

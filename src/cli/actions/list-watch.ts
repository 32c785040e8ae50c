import { jsonLine } from '../../common/json.js';
import { ticks } from '../../common/ticks.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { TableChange } from '../../state/diff.js';
import type { TableClient } from '../../state/read-table.js';
import { serverSettingsJson, serviceSettingsJson } from '../../state/service-json.js';
import { watch } from '../../state/watch.js';
import type { Session } from '../../terminal/session.js';
import { untilInterrupted } from '../interruption.js';
import type { Listing, Moment } from '../views/listing.js';

/** Reads what is listed now. */
type Look = (signal: AbortSignal | undefined) => Promise<Listing>;

/** Prints a listing at each tick, until a signal ends this. @returns the exit status. */
export function watchListing(
  session: Session,
  seconds: number,
  first: Listing,
  look: Look,
  print: (listing: Listing, moment: Moment) => Promise<void>,
): Promise<number> {
  return untilInterrupted(session, async (signal) => {
    await print(first, 'first');
    await session.output.flush();
    const clock = ticks(seconds * 1000, signal);
    while ((await clock.next()).done !== true) {
      await print(await look(signal), 'later');
      await session.output.flush();
    }
  });
}

/** Prints a line of JSON for each change of what is listed, until a signal ends this. @returns the exit status. */
export function watchChanges(
  session: Session,
  seconds: number,
  first: Listing,
  look: Look,
  hasServers: boolean,
): Promise<number> {
  const names = new Map<string, string>();
  const noteNames = ({ services }: Listing) => {
    for (const { id, name } of services)
      if (name !== undefined) names.set(formatServiceId(id), name);
  };
  noteNames(first);
  const listed: TableClient = {
    async *table(options) {
      const listing = await look(options?.signal);
      noteNames(listing);
      for (const { shown, ...service } of listing.services) yield { service, destinations: shown };
    },
  };
  const from = first.services.map(({ id, settings, shown }) => {
    return { id, settings, destinations: shown };
  });
  return untilInterrupted(session, async (signal) => {
    for await (const change of watch(listed, { from, intervalMs: seconds * 1000, signal })) {
      if (change.destination !== undefined && !hasServers) continue;
      await session.output.line(jsonLine(changeJson(change, names)));
      await session.output.flush();
    }
  });
}

/** What has changed, from what to what; which is absent where there was nothing or is nothing any more. */
function changeJson(change: TableChange, names: ReadonlyMap<string, string>) {
  const service = formatServiceId(change.service);
  const name = names.get(service);
  const place = { type: change.type, service, ...(name !== undefined && { name }) };
  if (change.destination === undefined) {
    return { ...place, ...transition(change.before, change.after, serviceSettingsJson) };
  }
  const server = formatDestinationId(change.destination);
  return { ...place, server, ...transition(change.before, change.after, serverSettingsJson) };
}

function transition<Settings, Json>(
  before: Settings | undefined,
  after: Settings | undefined,
  json: (settings: Settings) => Json,
): { readonly from?: Json; readonly to?: Json } {
  return {
    ...(before !== undefined && { from: json(before) }),
    ...(after !== undefined && { to: json(after) }),
  };
}

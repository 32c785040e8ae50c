import { printable } from '../common/printable.js';
import { HostError } from '../host/host-error.js';
import type { ServiceEntry } from '../ipvs/client/client.js';
import type { Destination, DestinationState } from '../ipvs/model/destination.js';
import { compareDestinations } from '../ipvs/model/destination.js';
import { compareServices, formatServiceId } from '../ipvs/model/service.js';
import type { ServiceSettings, VirtualService } from '../ipvs/model/service.js';
import type { Statistics } from '../ipvs/model/statistics.js';
import { noRecords } from '../state/records.js';
import type { TableRecords } from '../state/records.js';
import { AmbiguousServerError, parseSelector, select } from '../state/selection.js';
import type { PortNames, Selectable, Selection, Selector } from '../state/selection.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import type { Session } from '../terminal/session.js';
import { portNamesOf } from './port-names.js';
import { readRecords } from './table-records.js';
import type { VerbContext } from './verb.js';

/** A virtual service of the kernel with its real servers, and the name that a state file gave it. */
export interface NamedService extends Selectable {
  readonly settings: ServiceSettings;
  readonly statistics: Statistics;
  /** By address and port. */
  readonly destinations: readonly Destination[];
}

/** What is to be looked at of the kernel's table. */
export interface TableReader {
  /** Reads the table, in the order of listings, and the selectors that name nothing in it. @throws CliError, IpvsError */
  read(signal?: AbortSignal): Promise<Selection<NamedService>>;
  /** Reads the services without their real servers, where no selector needs these. @throws CliError, IpvsError */
  readServices(signal?: AbortSignal): Promise<Selection<NamedService>>;
  readonly records: TableRecords;
}

/**
 * Prepares to read what selectors name, of the kernel's table; all of it without selectors.
 * @throws CliError when a word is no selector, or IPVS cannot be reached.
 */
export async function tableReader(
  context: VerbContext,
  words: readonly string[],
): Promise<TableReader> {
  const { session } = context;
  const selectors = parseSelectors(words, portNamesOf(session));
  const client = await session.client();
  let records = await knownRecords(context);
  let isFresh = true;
  const readAll = async (entries: AsyncIterable<ServiceEntry>) => {
    // Whoever reads again sees new names.
    if (!isFresh) records = await knownRecords(context);
    isFresh = false;
    const table: NamedService[] = [];
    for await (const { service, destinations } of entries) {
      table.push(named(service, destinations, records));
    }
    table.sort((a, b) => compareServices(a.id, b.id));
    return selected(table, selectors);
  };
  const needsServers = selectors.some(({ kind }) => kind === 'server');
  return {
    get records() {
      return records;
    },
    read: (signal) => readAll(client.table({ signal })),
    readServices: (signal) =>
      readAll(
        needsServers ? client.table({ signal }) : withoutServers(client.services({ signal })),
      ),
  };
}

async function* withoutServers(
  services: AsyncIterable<VirtualService>,
): AsyncGenerator<ServiceEntry, void, undefined> {
  for await (const service of services) yield { service, destinations: [] };
}

/** A service as it is listed. Its real servers are put in order. */
export function named(
  { id, settings, statistics }: VirtualService,
  destinations: readonly Destination[],
  { services }: TableRecords,
): NamedService {
  // Most tables have no names: no text is made for nothing.
  const name = services.size === 0 ? undefined : services.get(formatServiceId(id))?.name;
  return { id, name, settings, statistics, destinations: sorted(destinations) };
}

function sorted<D extends DestinationState>(destinations: readonly D[]): readonly D[] {
  return [...destinations].sort((a, b) => compareDestinations(a.id, b.id));
}

/** Reading goes on without names where they cannot be read. */
export async function knownRecords(context: VerbContext): Promise<TableRecords> {
  try {
    return await readRecords(context);
  } catch (error) {
    if (!(error instanceof CliError || error instanceof HostError)) throw error;
    return noRecords;
  }
}

/** @throws CliError when a word is none. */
export function parseSelectors(words: readonly string[], ports: PortNames): readonly Selector[] {
  return words.map((word) => usage(() => parseSelector(word, ports)));
}

/** @throws CliError when a selector is ambiguous. */
export function selected<Entry extends Selectable>(
  table: readonly Entry[],
  selectors: readonly Selector[],
): Selection<Entry> {
  return usage(() => select(table, selectors));
}

/** Does what an administrator's word may be wrong for. @throws CliError */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof AmbiguousServerError)) throw error;
    throw new CliError(printable(error.message), exitStatus.usage);
  }
}

const KINDS = {
  service: 'virtual service',
  name: 'virtual service with the name',
  server: 'real server',
} as const;

/** Says which selectors name nothing, a line each. @param shownBy the command that shows what there is. @returns the exit status: 1 when there are some. */
export async function reportMissing(
  session: Session,
  missing: readonly Selector[],
  shownBy = 'ipvs list',
): Promise<number> {
  for (const { kind, text } of missing) {
    await session.complain(`There is no ${KINDS[kind]} ${text}. To see what there is: ${shownBy}`);
  }
  return missing.length === 0 ? exitStatus.done : exitStatus.no;
}

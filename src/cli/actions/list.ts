import type { Protocol } from '../../ipvs/model/service.js';
import { parseEndpointFilter } from '../../state/endpoint-filter.js';
import type { PortNames } from '../../state/selection.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { watchSeconds } from '../commands/list.js';
import type { ListedMethod } from '../commands/list.js';
import { reportMissing, tableReader, usage } from '../table-reader.js';
import { portNamesOf } from '../port-names.js';
import type { TableReader } from '../table-reader.js';
import type { VerbAction, VerbContext } from '../verb.js';
import { columnsOf, readColumns, readSorting } from '../views/list-columns.js';
import type { ColumnGroup, Sorting } from '../views/list-columns.js';
import { filterServices } from '../views/list-filters.js';
import type { ListFilters } from '../views/list-filters.js';
import { printJson, printNdjson, printYaml } from '../views/list-formats.js';
import { sortServices } from '../views/list-order.js';
import { printTable } from '../views/list-table.js';
import type { Listing, PrintListing, ListStyle } from '../views/listing.js';

interface ListOptions {
  readonly stats: boolean;
  readonly rates: boolean;
  readonly thresholds: boolean;
  readonly persistent: boolean;
  readonly columns: string | undefined;
  readonly sort: string | undefined;
  readonly servers: boolean;
  readonly protocol: Protocol | undefined;
  readonly scheduler: string | undefined;
  readonly method: ListedMethod | undefined;
  readonly server: string | undefined;
  readonly address: string | undefined;
  readonly down: boolean;
  readonly names: boolean;
  readonly exact: boolean;
  readonly watch: number | true | undefined;
  readonly output: string;
}

/** What was asked for, once it is known to make sense. */
interface Request {
  readonly filters: ListFilters;
  readonly sorting: Sorting | undefined;
  readonly style: ListStyle;
  /** Undefined: once. */
  readonly watchSeconds: number | undefined;
}

/** The first listing, and how to get the next one. */
interface ListResult {
  readonly request: Request;
  readonly reader: TableReader;
  readonly first: Listing;
  /** The exit status, where watching was ended. */
  interruption?: number;
}

export const list: VerbAction<ListOptions, ListResult> = {
  run: async (context, options, words) => {
    const request = readRequest(context, options);
    const reader = await tableReader(context, words);
    return { request, reader, first: await listingOf(reader, request) };
  },
  status: ({ first, interruption }) =>
    interruption ?? (first.missing.length > 0 ? exitStatus.no : exitStatus.done),
  render: {
    text: (result, session) => show(result, session, printTable),
    formats: {
      json: (result, session) => show(result, session, printJson),
      ndjson: (result, session) =>
        result.request.watchSeconds === undefined
          ? show(result, session, printNdjson)
          : showChanges(result, session, result.request.watchSeconds),
      yaml: (result, session) => show(result, session, printYaml),
    },
  },
};

/** @throws CliError when an option makes no sense. */
function readRequest({ session }: VerbContext, options: ListOptions): Request {
  const { columns, sort, servers, names, exact } = options;
  const chosen = columns === undefined ? undefined : usage(() => readColumns(columns));
  return {
    filters: readFilters(options, portNamesOf(session)),
    sorting: sort === undefined ? undefined : usage(() => readSorting(sort)),
    style: {
      columns: chosen ?? columnsOf(groupsOf(options)),
      areColumnsChosen: chosen !== undefined,
      hasServers: servers,
      hasNames: names,
      isExact: exact,
    },
    watchSeconds: watchSeconds(options.watch),
  };
}

const GROUPS = ['stats', 'rates', 'thresholds', 'persistent'] as const;

function groupsOf(options: ListOptions): ReadonlySet<ColumnGroup> {
  const groups = new Set<ColumnGroup>(GROUPS.filter((group) => options[group]));
  if (options.output === 'wide') groups.add('wide');
  return groups;
}

function readFilters(options: ListOptions, ports: PortNames): ListFilters {
  const { protocol, scheduler, method, down } = options;
  const endpoint = (text: string | undefined) =>
    text === undefined ? undefined : usage(() => parseEndpointFilter(text, ports));
  const [server, address] = [endpoint(options.server), endpoint(options.address)];
  return { protocol, scheduler, method, down, server, address };
}

/** Reads the table, and picks what of it is listed. */
async function listingOf(
  reader: TableReader,
  { filters, sorting }: Request,
  signal?: AbortSignal,
): Promise<Listing> {
  const { entries, missing } = await reader.read(signal);
  const services = filterServices(entries, filters);
  return { services: sorting === undefined ? services : sortServices(services, sorting), missing };
}

/** Shows what was found and, where that is wanted, what comes later. */
async function show(result: ListResult, session: Session, print: PrintListing): Promise<void> {
  const { request, reader, first } = result;
  await reportMissing(session, first.missing);
  if (request.watchSeconds === undefined) return print(first, request.style, session, 'once');
  const { watchListing } = await import('./list-watch.js');
  result.interruption = await watchListing(
    session,
    request.watchSeconds,
    first,
    (signal) => listingOf(reader, request, signal),
    (listing, moment) => print(listing, request.style, session, moment),
  );
}

/** Prints changes alone. */
async function showChanges(result: ListResult, session: Session, seconds: number): Promise<void> {
  const { request, reader, first } = result;
  await reportMissing(session, first.missing);
  const { watchChanges } = await import('./list-watch.js');
  result.interruption = await watchChanges(
    session,
    seconds,
    first,
    (signal) => listingOf(reader, request, signal),
    request.style.hasServers,
  );
}

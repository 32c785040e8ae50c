import { formatServiceId } from '../../ipvs/model/service.js';
import type { Connection } from '../../ipvs/proc/read-connections.js';
import { ConnectionCounts } from '../../state/connection-counts.js';
import type { Grouping } from '../../state/connection-counts.js';
import { connectionTest, every, orphanTest } from '../../state/connection-filter.js';
import type { ConnectionTest } from '../../state/connection-filter.js';
import { ConnectionSelection } from '../../state/connection-selection.js';
import type { ConnectedService } from '../../state/connection-selection.js';
import { parseEndpointFilter } from '../../state/endpoint-filter.js';
import type { EndpointFilter } from '../../state/endpoint-filter.js';
import { savedTable } from '../../state/saved-table.js';
import type { PortNames, Selector } from '../../state/selection.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { knownRecords, parseSelectors, reportMissing, usage } from '../table-reader.js';
import { portNamesOf } from '../port-names.js';
import type { VerbAction, VerbContext } from '../verb.js';
import { connectionReport, countReport, countsReport } from '../views/connection-formats.js';
import type { ConnectionReport } from '../views/connection-formats.js';

interface ConnectionsOptions {
  readonly client: readonly string[];
  readonly service: readonly string[];
  readonly server: readonly string[];
  readonly protocol: string | undefined;
  readonly state: readonly string[];
  readonly templates: boolean | undefined;
  readonly orphans: boolean;
  readonly expiresWithin: number | undefined;
  readonly limit: number | undefined;
  readonly count: boolean;
  readonly countBy: Grouping | undefined;
}

interface Looked {
  readonly report: ConnectionReport;
  /** The selectors that named nothing, once all has been printed. */
  readonly missing: () => readonly Selector[];
}

export const connections: VerbAction<ConnectionsOptions, Looked> = {
  run: look,
  status: ({ missing }) => (missing().length > 0 ? exitStatus.no : exitStatus.done),
  render: {
    text: (looked, session) => show(looked, session, 'table'),
    formats: {
      json: (looked, session) => show(looked, session, 'json'),
      ndjson: (looked, session) => show(looked, session, 'ndjson'),
    },
  },
};

async function show(
  { report, missing }: Looked,
  session: Session,
  format: keyof ConnectionReport,
): Promise<void> {
  await report[format](session.output);
  await reportMissing(session, missing());
}

async function look(
  context: VerbContext,
  given: ConnectionsOptions,
  words: readonly string[],
): Promise<Looked> {
  const { session } = context;
  const { count, countBy, limit } = given;
  if (count && countBy !== undefined) {
    throw new CliError('Give either --count or --count-by.', exitStatus.usage);
  }
  const wanted = await wantedOf(context, given, words);
  const entries = new Entries(session, wanted.test);
  const missing = () => (entries.isCut ? [] : wanted.missing());
  if (countBy !== undefined) {
    const counts = new ConnectionCounts(countBy);
    for await (const piece of entries.read()) for (const one of piece) counts.add(one);
    return { report: countsReport(countBy, counts, limit), missing };
  }
  if (!count) return { report: connectionReport(entries.read(limit)), missing };
  let sum = 0;
  for await (const { length } of entries.read(limit)) sum += length;
  return { report: countReport(sum), missing };
}

/** The entries of the connection table that pass a test. */
class Entries {
  /** Whether the limit was reached, so that not all have been seen. */
  isCut = false;
  readonly #session: Session;
  readonly #test: ConnectionTest;

  constructor(session: Session, test: ConnectionTest) {
    this.#session = session;
    this.#test = test;
  }

  async *read(limit = Infinity): AsyncGenerator<readonly Connection[], void, undefined> {
    const client = await this.#session.client();
    let read = 0;
    let left = limit;
    for await (const piece of client.connections({ batch: true })) {
      read += piece.length;
      const found = piece.filter(this.#test);
      const kept = found.length > left ? found.slice(0, left) : found;
      left -= kept.length;
      if (kept.length > 0) yield kept;
      if (left <= 0) {
        this.isCut = true;
        return;
      }
      await this.#session.progress.show(() => `${read} connections read`);
    }
  }
}

/** Which entries are wanted. */
interface Wanted {
  readonly test: ConnectionTest;
  readonly missing: () => readonly Selector[];
}

async function wantedOf(
  context: VerbContext,
  given: ConnectionsOptions,
  words: readonly string[],
): Promise<Wanted> {
  const ports = portNamesOf(context.session);
  const selectors = parseSelectors(words, ports);
  const services = servicesOf(given.service, ports);
  const test = connectionTest({
    clients: filtersOf(given.client, ports),
    servers: filtersOf(given.server, ports),
    protocol: given.protocol,
    states: given.state.length === 0 ? undefined : given.state,
    templates: given.templates,
    expiresWithinSeconds: given.expiresWithin,
  });
  const lists = [selectors, services].filter(({ length }) => length > 0);
  if (lists.length === 0 && !given.orphans) return { test, missing: () => [] };
  const table = await readTable(context);
  const selections = usage(() => lists.map((list) => new ConnectionSelection(list, table)));
  const tests = [...selections.map((selection) => selection.test), test];
  if (given.orphans) tests.push(orphanTest(table));
  return {
    test: every(tests),
    missing: () => selections.flatMap((selection) => selection.missing()),
  };
}

/** @throws CliError when one is no virtual service. */
function servicesOf(words: readonly string[], ports: PortNames): readonly Selector[] {
  const services = parseSelectors(words, ports);
  const server = services.find(({ kind }) => kind === 'server');
  if (server === undefined) return services;
  throw new CliError(
    `--service ${server.text}: that is a real server. To see its connections: --server ${server.text}`,
    exitStatus.usage,
  );
}

/** @throws CliError when one is no address. */
function filtersOf(
  words: readonly string[],
  ports: PortNames,
): readonly EndpointFilter[] | undefined {
  if (words.length === 0) return undefined;
  return words.map((word) => usage(() => parseEndpointFilter(word, ports)));
}

async function readTable(context: VerbContext): Promise<readonly ConnectedService[]> {
  const { services } = await knownRecords(context);
  const table: ConnectedService[] = [];
  for await (const piece of savedTable(await context.session.client())) {
    for (const { service, destinations } of piece) {
      const { id } = service;
      table.push({ id, service, destinations, name: services.get(formatServiceId(id))?.name });
    }
  }
  return table;
}

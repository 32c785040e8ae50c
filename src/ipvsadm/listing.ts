import type { IpAddress } from '../ipvs/model/address.js';
import type { IpvsClient } from '../ipvs/client/client.js';
import type { Connection } from '../ipvs/proc/read-connections.js';
import type { DestinationState } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { ServiceId, ServiceState } from '../ipvs/model/service.js';
import {
  connectionHeadings,
  formatConnection,
  formatDaemon,
  formatTimeouts,
  numberFormat,
  tableFormat,
} from './format.js';
import type { TableFormat } from './format.js';
import { formatEndpoint, numericNaming } from '../rules/format-endpoint.js';
import type { Naming } from '../rules/format-endpoint.js';
import type { ListInvocation } from '../rules/invocation.js';
import { namingBy } from '../rules/names.js';
import {
  destinationRule,
  destinationRuleWriter,
  formatService,
  serviceRule,
} from '../rules/format-rules.js';
import { destinationFault, serviceFault } from '../rules/restorable.js';
import { allServices, savedTable, withDestinations } from '../state/saved-table.js';
import type { ReadDestinations, TableEntry } from '../state/saved-table.js';
import type { Session } from '../terminal/session.js';

type ServiceListing = Extract<ListInvocation, { what: 'services' }>;

/** Addresses whose names are looked up together before anything of them is shown: of connections there may be millions. */
const NAMES_AT_ONCE = 2048;

/** Carries out -L in all its forms. */
export async function list(session: Session, invocation: ListInvocation): Promise<void> {
  const client = await session.client();
  switch (invocation.what) {
    case 'connections':
      return listConnections(session, client, invocation.numeric, invocation.persistenceData);
    case 'timeout':
      return session.output.line(formatTimeouts(await client.timeouts()));
    case 'daemon':
      for (const daemon of await client.syncDaemons()) {
        await session.output.line(formatDaemon(daemon));
      }
      return;
    case 'services':
      return listServices(session, client, invocation);
  }
}

async function listServices(
  session: Session,
  client: IpvsClient,
  invocation: ServiceListing,
): Promise<void> {
  const { columns, exact, sorted } = invocation.options;
  const { service: id } = invocation;
  const one = id && [await client.service(id)];
  // Counters are most of what the kernel says: they are read for those listings only that show them.
  if (columns === 'stats' || columns === 'rate') {
    const services = one ?? (await allServices(client.services(), sorted));
    const read = (ids: readonly ServiceId[]) => client.destinations(ids);
    return listTable(session, invocation, services, read, numberFormat(columns, exact));
  }
  const services = one ?? (await allServices(client.services({ statistics: false }), sorted));
  const read = (ids: readonly ServiceId[]) => client.destinations(ids, { statistics: false });
  return listTable(session, invocation, services, read, tableFormat(columns));
}

async function listTable<S extends ServiceState, D extends DestinationState>(
  session: Session,
  { service: id, options: { numeric, sorted } }: ServiceListing,
  services: readonly S[],
  read: ReadDestinations<D>,
  format: TableFormat<S, D>,
): Promise<void> {
  const { output } = session;
  if (id === undefined) {
    const { version, connectionTableSize } = (await session.kernel()).info;
    const number = `${version.major}.${version.minor}.${version.patch}`;
    await output.line(`IP Virtual Server version ${number} (size=${connectionTableSize})`);
  }
  for (const heading of format.headings) await output.line(heading);
  const table = withDestinations(await session.client(), services, read, sorted);
  const lines = output.text;
  for await (const { group, naming } of named(session, table, numeric, addressesOfEntry)) {
    for (const { service, destinations } of group) {
      format.addService(lines, service, naming);
      lines.add('\n');
      for (const destination of destinations) {
        format.addDestination(lines, service.id, destination, naming);
        lines.add('\n');
      }
      await output.flushIfFull();
    }
  }
}

/**
 * Carries out -S: the table as rules.
 * @returns whether a restore would accept every rule; those that it would refuse are reported.
 */
export async function save(session: Session, numeric: boolean): Promise<boolean> {
  const client = await session.client();
  const faults: string[] = [];
  const { output } = session;
  const lines = output.text;
  const report = (rule: string, fault: string): void => {
    faults.push(`ipvsadm-restore cannot restore this rule (${fault}): ${rule}`);
  };
  const table = savedTable(client);
  // Numbers cannot collide.
  const collisions = () => (numeric ? undefined : new NameCollisions());
  const services = collisions();
  for await (const { group, naming } of named(session, table, numeric, addressesOfEntry)) {
    for (const { service, destinations } of group) {
      const rule = serviceRule(service, naming);
      lines.add(rule);
      lines.add('\n');
      const collision = services?.add(formatService(service.id, naming));
      const fault = serviceFault(service) ?? collision;
      if (fault !== undefined) report(rule, fault);
      const servers = collisions();
      const protocol = isMark(service.id) ? undefined : service.id.protocol;
      const addRule = destinationRuleWriter(service.id, naming);
      for (const server of destinations) {
        addRule(lines, server);
        lines.add('\n');
        const sameName = servers?.add(formatEndpoint(server.id, protocol, naming));
        const fault = destinationFault(server) ?? collision ?? sameName;
        if (fault !== undefined) report(destinationRule(service.id, server, naming), fault);
      }
      await output.flushIfFull();
    }
  }
  for (const fault of faults) await session.complain(fault);
  return faults.length === 0;
}

/** Several addresses may share a name: then two different entries are saved as the same rule. */
class NameCollisions {
  readonly #names = new Set<string>();

  /** @returns why a restore would refuse this entry, if another one has its name. */
  add(name: string): string | undefined {
    if (this.#names.has(name)) return 'two addresses have this name; save with -n';
    this.#names.add(name);
    return undefined;
  }
}

function addressesOfEntry({
  service,
  destinations,
}: TableEntry<ServiceState, DestinationState>): IpAddress[] {
  const servers = destinations.map(({ id }) => id.address);
  return isMark(service.id) ? servers : [service.id.address, ...servers];
}

async function listConnections(
  session: Session,
  client: IpvsClient,
  numeric: boolean,
  persistenceData: boolean,
): Promise<void> {
  const { output } = session;
  const headings = connectionHeadings(persistenceData);
  // Not before the file is open: where it is missing nothing is printed.
  const showHeadings = () =>
    output.lines(
      headings
        .splice(0)
        .map((line) => `${line}\n`)
        .join(''),
    );
  const pieces = client.connections({ batch: true });
  for await (const { group, naming } of named(session, pieces, numeric, addressesOf)) {
    await showHeadings();
    let lines = '';
    for (const connection of group) {
      lines += `${formatConnection(connection, naming, persistenceData)}\n`;
    }
    await output.lines(lines);
  }
  await showHeadings();
}

function addressesOf({ source, virtual, destination }: Connection): IpAddress[] {
  return [source.address, virtual.address, destination.address];
}

/** What is shown together, and how its addresses and ports are named. */
interface NamedGroup<T> {
  readonly group: readonly T[];
  readonly naming: Naming;
}

/** Numbers are shown as they come; names wait for others, because they are looked up many at a time. */
async function* named<T>(
  session: Session,
  groups: AsyncIterable<readonly T[]>,
  numeric: boolean,
  addressesOfOne: (entry: T) => readonly IpAddress[],
): AsyncGenerator<NamedGroup<T>, void, undefined> {
  let group: T[] = [];
  let addresses: IpAddress[] = [];
  for await (const piece of groups) {
    if (numeric) {
      yield { group: piece, naming: numericNaming };
      continue;
    }
    // One by one: an entry may have more addresses than a call takes arguments.
    for (const entry of piece) {
      group.push(entry);
      for (const address of addressesOfOne(entry)) addresses.push(address);
    }
    if (addresses.length < NAMES_AT_ONCE) continue;
    yield { group, naming: await namingBy(session.names, addresses) };
    group = [];
    addresses = [];
  }
  if (group.length > 0) yield { group, naming: await namingBy(session.names, addresses) };
}

import type { IpAddress } from '../ipvs/address.js';
import type { IpvsClient } from '../ipvs/client.js';
import type { Connection } from '../ipvs/connections.js';
import { compareDestinations } from '../ipvs/destination.js';
import type { Destination } from '../ipvs/destination.js';
import { IpvsError } from '../ipvs/errors.js';
import { compareServices, isMark } from '../ipvs/service.js';
import type { VirtualService } from '../ipvs/service.js';
import {
  connectionHeadings,
  formatConnection,
  formatDaemon,
  formatTimeouts,
  numericNaming,
  tableFormat,
} from './format.js';
import type { Naming } from './format.js';
import type { ListInvocation } from './invocation.js';
import { destinationRule, serviceRule } from './rules.js';
import type { Session } from './session.js';

/** Connections that are read before their names are looked up and they are shown: there may be millions. */
const CONNECTIONS_AT_ONCE = 512;

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
  { service, options }: Extract<ListInvocation, { what: 'services' }>,
): Promise<void> {
  const { output } = session;
  const { numeric, columns, exact, sorted } = options;
  const format = tableFormat(columns, exact);
  const services =
    service === undefined ? await allServices(client, sorted) : [await client.service(service)];
  if (service === undefined) {
    const { version, connectionTableSize } = (await session.kernel()).info;
    const number = `${version.major}.${version.minor}.${version.patch}`;
    await output.line(`IP Virtual Server version ${number} (size=${connectionTableSize})`);
  }
  for (const heading of format.headings) await output.line(heading);
  for await (const entry of entries(session, client, services, { numeric, sorted })) {
    await output.line(format.service(entry.service, entry.naming));
    for (const destination of entry.destinations) {
      await output.line(format.destination(entry.service.id, destination, entry.naming));
    }
  }
}

/** Carries out -S: the table as rules. */
export async function save(session: Session, numeric: boolean): Promise<void> {
  for await (const rules of savedRules(session, numeric)) {
    for (const rule of rules) await session.output.line(rule);
  }
}

/** The table as rules, those of a virtual service at a time. */
export async function* savedRules(
  session: Session,
  numeric: boolean,
): AsyncGenerator<readonly string[], void, undefined> {
  const client = await session.client();
  const services = await allServices(client, true);
  for await (const entry of entries(session, client, services, { numeric, sorted: true })) {
    const { service, destinations, naming } = entry;
    const servers = destinations.map((server) => destinationRule(service.id, server, naming));
    yield [serviceRule(service, naming), ...servers];
  }
}

async function allServices(client: IpvsClient, sorted: boolean): Promise<VirtualService[]> {
  const services: VirtualService[] = [];
  for await (const service of client.services()) services.push(service);
  return sorted ? services.sort((a, b) => compareServices(a.id, b.id)) : services;
}

interface Entry {
  readonly service: VirtualService;
  readonly destinations: readonly Destination[];
}

interface NamedEntry extends Entry {
  readonly naming: Naming;
}

/**
 * The services with their real servers, a service at a time, and how both are to be named. Names are looked up all at
 * once, which takes the whole table; numbers need not wait for it.
 */
async function* entries(
  session: Session,
  client: IpvsClient,
  services: readonly VirtualService[],
  { numeric, sorted }: { readonly numeric: boolean; readonly sorted: boolean },
): AsyncGenerator<NamedEntry, void, undefined> {
  const table: Entry[] = [];
  for (const service of services) {
    const destinations = await destinationsOf(client, service);
    if (sorted) destinations.sort((a, b) => compareDestinations(a.id, b.id));
    if (numeric) yield { service, destinations, naming: numericNaming };
    else table.push({ service, destinations });
  }
  const naming = await namingOf(session, table.flatMap(addressesOfEntry));
  for (const entry of table) yield { ...entry, naming };
}

function addressesOfEntry({ service, destinations }: Entry): IpAddress[] {
  const servers = destinations.map(({ id }) => id.address);
  return isMark(service.id) ? servers : [service.id.address, ...servers];
}

/** The real servers of a service; none when it was deleted since it was listed. */
async function destinationsOf(client: IpvsClient, { id }: VirtualService): Promise<Destination[]> {
  const destinations: Destination[] = [];
  try {
    for await (const destination of client.destinations(id)) destinations.push(destination);
  } catch (error) {
    if (!(error instanceof IpvsError && error.code === 'ESRCH')) throw error;
  }
  return destinations;
}

async function listConnections(
  session: Session,
  client: IpvsClient,
  numeric: boolean,
  persistenceData: boolean,
): Promise<void> {
  const headings = connectionHeadings(persistenceData);
  let waiting: Connection[] = [];
  const show = async () => {
    // Not before the file is open: where it is missing nothing is printed.
    for (const heading of headings.splice(0)) await session.output.line(heading);
    const naming = numeric ? numericNaming : await namingOf(session, waiting.flatMap(addressesOf));
    for (const connection of waiting) {
      await session.output.line(formatConnection(connection, naming, persistenceData));
    }
    waiting = [];
  };
  for await (const connection of client.connections()) {
    if (waiting.push(connection) === CONNECTIONS_AT_ONCE) await show();
  }
  await show();
}

function addressesOf({ source, virtual, destination }: Connection): IpAddress[] {
  return [source.address, virtual.address, destination.address];
}

/** Names for addresses and ports, as far as there are any. */
async function namingOf({ names }: Session, addresses: readonly IpAddress[]): Promise<Naming> {
  await names.lookUpNames(addresses);
  return {
    address: (address) => names.hostName(address) ?? address.toString(),
    port: (port, protocol) =>
      (protocol === undefined ? undefined : names.portName(port, protocol)) ?? String(port),
  };
}

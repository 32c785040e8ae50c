import { matchesEndpoint } from './endpoint-filter.js';
import type { EndpointFilter } from './endpoint-filter.js';
import { isTemplate, markOf } from '../ipvs/model/connection.js';
import { formatEndpoint, formatServiceId, isMark } from '../ipvs/model/service.js';
import type { AddressService, MarkService, ServiceId } from '../ipvs/model/service.js';
import type { Connection, Endpoint } from '../ipvs/proc/read-connections.js';
import { OrphanDetector } from './orphans.js';
import type { WeighedService } from './orphans.js';

/** Whether an entry of the connection table is wanted. */
export type ConnectionTest = (connection: Connection) => boolean;

/** What is wanted of the connection table; what is left out does not matter. */
export interface ConnectionCriteria {
  /** Any of them. */
  readonly clients?: readonly EndpointFilter[] | undefined;
  /** Any of them. */
  readonly servers?: readonly EndpointFilter[] | undefined;
  readonly protocol?: string | undefined;
  /** Any of them, as the kernel writes them. */
  readonly states?: readonly string[] | undefined;
  /** Templates alone, or none of them. */
  readonly templates?: boolean | undefined;
  readonly expiresWithinSeconds?: number | undefined;
}

/** The entries that meet all criteria. */
export function connectionTest(criteria: ConnectionCriteria): ConnectionTest {
  const { clients, servers, protocol, states, templates, expiresWithinSeconds } = criteria;
  const tests: ConnectionTest[] = [];
  if (protocol !== undefined) tests.push((one) => one.protocol === protocol);
  if (states !== undefined) {
    const wanted = new Set(states);
    tests.push(({ state }) => wanted.has(state));
  }
  if (templates !== undefined) tests.push((one) => isTemplate(one) === templates);
  if (expiresWithinSeconds !== undefined) {
    tests.push(({ expiresInSeconds }) => expiresInSeconds <= expiresWithinSeconds);
  }
  if (clients !== undefined) {
    tests.push(({ source }) => isAny(clients, source));
  }
  if (servers !== undefined) {
    tests.push(({ destination }) => isAny(servers, destination));
  }
  return every(tests);
}

function isAny(filters: readonly EndpointFilter[], { address, port }: Endpoint): boolean {
  return filters.some((filter) => matchesEndpoint(filter, address, port));
}

export function every(tests: readonly ConnectionTest[]): ConnectionTest {
  return (connection) => tests.every((test) => test(connection));
}

/** The entries whose real server is gone from the table, or has weight 0. */
export function orphanTest(table: readonly WeighedService[]): ConnectionTest {
  const detector = new OrphanDetector(table);
  return (connection) => detector.isOrphan(connection);
}

/**
 * The entries of a virtual service, which need not be in the table any more. An entry does not show the mark that brought
 * it: those of a service by mark are its templates, and connections to one of its real servers that are to no service by
 * address.
 */
export function serviceTest(id: ServiceId, table: readonly WeighedService[]): ConnectionTest {
  const others = new Set(table.map(({ service }) => formatServiceId(service.id)));
  if (isMark(id)) return markTest(id, table, others);
  return id.port === 0 ? everyPortTest(id, others) : portTest(id, others);
}

const FTP_PORT = 21;

function portTest(id: AddressService, others: ReadonlySet<string>): ConnectionTest {
  const everyPort = formatServiceId({ ...id, port: 0 });
  // The templates of FTP are for all ports, as its data connections have others.
  const hasTemplatesOfPort0 = id.port === FTP_PORT && !others.has(everyPort);
  return (connection) => {
    const { protocol, virtual } = connection;
    if (protocol !== id.protocol || !virtual.address.equals(id.address)) return false;
    if (virtual.port === id.port) return true;
    return hasTemplatesOfPort0 && virtual.port === 0 && isTemplate(connection);
  };
}

/** A service for all ports has those that no other service has. */
function everyPortTest(id: AddressService, others: ReadonlySet<string>): ConnectionTest {
  return ({ protocol, virtual }) =>
    protocol === id.protocol &&
    virtual.address.equals(id.address) &&
    (virtual.port === 0 || !others.has(formatServiceId({ ...id, port: virtual.port })));
}

function markTest(
  { firewallMark, family }: MarkService,
  table: readonly WeighedService[],
  others: ReadonlySet<string>,
): ConnectionTest {
  const own = table.find(
    ({ service: { id } }) => isMark(id) && id.firewallMark === firewallMark && id.family === family,
  );
  const servers = new Set(
    (own?.destinations ?? []).map(({ id }) => formatEndpoint(id.address, id.port)),
  );
  const hasServer = ({ destination: { address, port } }: Connection): boolean =>
    [port, 0].some((one) => servers.has(formatEndpoint(address, one)));
  return (connection) => {
    const { protocol, virtual } = connection;
    const mark = markOf(connection);
    if (mark !== undefined) return mark.firewallMark === firewallMark && mark.family === family;
    if (virtual.address.family !== family || !hasServer(connection)) return false;
    return ![virtual.port, 0].some((port) =>
      others.has(`${protocol}:${formatEndpoint(virtual.address, port)}`),
    );
  };
}

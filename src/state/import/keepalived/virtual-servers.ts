import type { JsonRecord } from '../../../common/json.js';
import { isServiceName } from '../../selection.js';
import { IpAddress } from '../../../ipvs/model/address.js';
import type { DestinationId } from '../../../ipvs/model/destination.js';
import { isMark } from '../../../ipvs/model/service.js';
import type { Persistence, Protocol, ServiceId } from '../../../ipvs/model/service.js';
import { destinationSettings, serviceSettings } from '../../table.js';
import { formatDestinationId } from '../../../ipvs/model/destination.js';
import type { DesiredServer, DesiredService } from '../../file/desired.js';
import type { About, ImportReport, Place } from '../report.js';
import type { Group } from './groups.js';
import { healthOf } from './health.js';
import type { Health, ReadServer } from './health.js';
import type { Around } from './around.js';
import {
  realServerKeywords,
  unsayableOfRealServers,
  unsayableOfVirtualServers,
  virtualServerKeywords,
} from './servers.js';
import type { RealServer, VirtualServer } from './servers.js';
import { readBlock } from './settings.js';
import type { Method } from './settings.js';
import type { Statement } from './tree.js';
import { endpointAt, numberAt } from './values.js';
import type { Endpoint } from './values.js';

/** What a virtual_server is called by: an address, a mark, or a group of them. */
type Target = Endpoint | { readonly firewallMark: number } | Group;

const DEFAULT_PERSISTENCE = 360;

/** Reads a virtual_server: a service, or one for each address of its group. */
export function readVirtualServer(
  statement: Statement,
  around: Around,
  report: ImportReport,
): readonly DesiredService[] {
  const called: { service?: ServiceId } = {};
  const aboutOf = (server?: DestinationId): About | undefined =>
    called.service && { service: called.service, server };
  const own = report.about(() => aboutOf());
  const target = readTarget(statement, around, report);
  const virtual = newVirtualServer(statement, target);
  readBlock(
    virtual,
    statement,
    { keywords: virtualServerKeywords, unsayable: unsayableOfVirtualServers },
    own,
  );
  const abouts = new Map<RealServer, DestinationId>();
  const read = virtual.servers.flatMap((one) =>
    readRealServer(one, own, (server) => aboutOf(abouts.get(server))),
  );
  if (target === undefined) return [];
  const servers = withoutOthers(virtual, read, own);
  if (servers.length === 0) {
    own.lost(statement, 'virtual_server: keepalived leaves it out, as it has no real_server');
    return [];
  }
  const ids = serviceIds(virtual, target, own);
  const [first] = ids;
  if (first === undefined) return [];
  called.service = first;
  for (const { server } of servers) {
    abouts.set(server, placeOf(server, methodOf(server, virtual), first, target));
  }
  const distinct = withoutDoubles(servers, abouts);
  const parts: Parts = {
    virtual,
    servers: distinct,
    target,
    persistence: persistenceOf(virtual, target, own),
    onePacket: onePacketOf(virtual, ids, own),
    health: healthOf(virtual, distinct, around, own),
  };
  tellPorts(parts, first, statement, own);
  const services = ids.map((id) => serviceOf(id, parts));
  return named(virtual, services, around, own);
}

function readTarget(
  statement: Statement,
  { groups }: Around,
  report: ImportReport,
): Target | undefined {
  const [kind, name = ''] = statement.words;
  if (kind === 'fwmark') {
    const firewallMark = numberAt(statement, 1, [1, 0xffff_ffff], report);
    return firewallMark === undefined ? undefined : { firewallMark };
  }
  if (kind !== 'group') return endpointAt(statement, 0, report);
  const group = groups.get(name);
  if (group === undefined) {
    report.problem(statement, `virtual_server: there is no virtual_server_group "${name}"`);
  }
  return group;
}

function newVirtualServer(statement: Statement, target: Target | undefined): VirtualServer {
  return {
    statement,
    timing: {},
    servers: [],
    sorry: undefined,
    name: undefined,
    scheduler: undefined,
    flags: new Set(),
    onePacket: false,
    method: undefined,
    family: target !== undefined && 'address' in target ? target.address.family : undefined,
    persistenceSeconds: undefined,
    granularity: undefined,
    engine: undefined,
    protocol: undefined,
    weight: 1,
    quorum: 1,
    hysteresis: 0,
    inhibit: false,
    virtualHost: undefined,
  };
}

function readRealServer(
  statement: Statement,
  report: ImportReport,
  aboutOf: (server: RealServer) => About | undefined,
): readonly ReadServer[] {
  const endpoint = endpointAt(statement, 0, report);
  const server: RealServer = {
    address: endpoint?.address ?? IpAddress.parse('0.0.0.0'),
    port: endpoint?.port ?? 0,
    statement,
    timing: {},
    checkers: [],
    weight: undefined,
    method: undefined,
    upperThreshold: 0,
    lowerThreshold: 0,
    inhibit: undefined,
    virtualHost: undefined,
  };
  const own = report.about(() => aboutOf(server));
  readBlock(
    server,
    statement,
    { keywords: realServerKeywords, unsayable: unsayableOfRealServers },
    own,
  );
  if (endpoint === undefined) return [];
  return [{ server, report: own }];
}

/** The real servers that keepalived uses: of the right family, unless tunnelled, and each once. */
function withoutOthers(
  virtual: VirtualServer,
  servers: readonly ReadServer[],
  report: ImportReport,
): readonly ReadServer[] {
  const kept: ReadServer[] = [];
  for (const one of servers) {
    const { server } = one;
    const text = formatDestinationId(server);
    if (methodOf(server, virtual).forwardingMethod !== 'tun') {
      virtual.family ??= server.address.family;
      if (virtual.family !== server.address.family) {
        report.lost(
          server.statement,
          `real_server ${text}: keepalived leaves it out, as its family is not the service's`,
        );
        continue;
      }
    }
    kept.push(one);
  }
  return kept;
}

/** The first of those that are the same in the kernel, where they may have another port than they were given. */
function withoutDoubles(
  servers: readonly ReadServer[],
  places: ReadonlyMap<RealServer, DestinationId>,
): readonly ReadServer[] {
  const known = new Set<string>();
  return servers.filter(({ server, report }) => {
    const text = formatDestinationId(places.get(server) ?? server);
    if (known.has(text)) {
      report.lost(
        server.statement,
        `real_server ${text}: keepalived uses the first one alone, and this is a second one`,
      );
      return false;
    }
    known.add(text);
    return true;
  });
}

function methodOf({ method }: { readonly method: Method | undefined }, virtual: VirtualServer) {
  return method ?? virtual.method ?? ({ forwardingMethod: 'nat' } satisfies Method);
}

function serviceIds(
  virtual: VirtualServer,
  target: Target,
  report: ImportReport,
): readonly ServiceId[] {
  const family = virtual.family ?? 'ipv4';
  if ('firewallMark' in target) return [{ firewallMark: target.firewallMark, family }];
  const addresses = 'address' in target ? [target] : target.addresses;
  const protocol = addresses.length === 0 ? 'udp' : protocolOf(virtual, report);
  const marks = 'address' in target ? [] : target.marks;
  return [
    ...addresses.map(({ address, port }) => ({ protocol, address, port })),
    ...marks.map((mark) => ({ firewallMark: mark.firewallMark, family: mark.family ?? family })),
  ];
}

function protocolOf({ protocol, statement }: VirtualServer, report: ImportReport): Protocol {
  if (protocol !== undefined) return protocol;
  report.told(
    statement,
    'virtual_server: it names no protocol, and UDP is the default of keepalived',
  );
  return 'udp';
}

interface PersistenceSource {
  readonly seconds: number;
  readonly netmask: IpAddress | undefined;
  readonly prefixLength: number | undefined;
}

/** How long clients stay; a service for all ports must be persistent. */
function persistenceOf(
  virtual: VirtualServer,
  target: Target,
  report: ImportReport,
): PersistenceSource | undefined {
  const { statement, granularity } = virtual;
  let seconds = virtual.persistenceSeconds;
  if (seconds === undefined && isForAllPorts(target)) {
    seconds = DEFAULT_PERSISTENCE;
    report.told(
      statement,
      `virtual_server: it is for all ports, so keepalived makes it persistent for ${seconds} seconds`,
    );
  }
  if (seconds === undefined) {
    if (virtual.engine !== undefined) {
      report.lost(
        virtual.engine,
        'persistence_engine: keepalived uses it only with persistence_timeout',
      );
    }
    return undefined;
  }
  const word = granularity?.words[0] ?? '';
  if (granularity !== undefined && 'addresses' in target) {
    report.lost(granularity, 'persistence_granularity: keepalived does not use it for groups');
    return { seconds, netmask: undefined, prefixLength: undefined };
  }
  const isNumber = /^\d+$/.test(word);
  return {
    seconds,
    netmask: isNumber ? undefined : IpAddress.tryParse(word),
    prefixLength: isNumber ? Number(word) : undefined,
  };
}

function isForAllPorts(target: Target): boolean {
  if ('firewallMark' in target) return false;
  return ('address' in target ? [target] : target.addresses).some(({ port }) => port === 0);
}

/** What the services of a virtual server have in common. */
interface Parts {
  readonly virtual: VirtualServer;
  readonly servers: readonly ReadServer[];
  readonly target: Target;
  readonly persistence: PersistenceSource | undefined;
  readonly onePacket: boolean;
  readonly health: Health;
}

function serviceOf(id: ServiceId, parts: Parts): DesiredService {
  const { virtual, servers, target, persistence, onePacket, health } = parts;
  const settings = serviceSettings(id, {
    scheduler: virtual.scheduler ?? 'wlc',
    schedulerFlags: [...virtual.flags],
    onePacket,
    persistence: persistence && persistenceSettings(persistence),
    persistenceEngine: persistence && virtual.engine?.words[0],
  });
  const destinations = servers.map(({ server }, index): DesiredServer => {
    const at = placeOf(server, methodOf(server, virtual), id, target);
    const { upperThreshold, lowerThreshold, weight = virtual.weight } = server;
    const input = { ...methodOf(server, virtual), weight, upperThreshold, lowerThreshold };
    const own = health.servers[index] ?? {};
    return { id: at, settings: destinationSettings(id, at, input), health: own };
  });
  const sorry = sorryServerOf(virtual, id, target);
  return { id, name: undefined, settings, destinations, health: { ...health.service, ...sorry } };
}

function persistenceSettings(source: PersistenceSource): Persistence {
  const { seconds, netmask, prefixLength } = source;
  return {
    timeoutSeconds: seconds,
    ...(netmask !== undefined && { netmask }),
    ...(prefixLength !== undefined && { prefixLength }),
  };
}

/** What has addresses can schedule packets one by one for UDP alone. */
function onePacketOf(
  { onePacket, statement }: VirtualServer,
  ids: readonly ServiceId[],
  report: ImportReport,
): boolean {
  const isPossible = ids.every((id) => isMark(id) || id.protocol === 'udp');
  if (onePacket && !isPossible) {
    report.told(statement, 'ops: keepalived does not use it, as the protocol is not UDP');
  }
  return onePacket && isPossible;
}

/** The port of a real server: only NAT can change it. */
function placeOf(
  { address, port }: Endpoint,
  { forwardingMethod }: Method,
  id: ServiceId,
  target: Target,
): DestinationId {
  const ofService = isMark(id) ? 0 : id.port;
  if (forwardingMethod !== 'nat') return { address, port: ofService };
  return { address, port: port === 0 && 'address' in target ? ofService : port };
}

/** That a port was written which is not used. */
function tellPorts(parts: Parts, id: ServiceId, place: Place, report: ImportReport): void {
  const { virtual, servers, target } = parts;
  for (const { server, report: own } of servers) {
    const { port } = placeOf(server, methodOf(server, virtual), id, target);
    if (server.port === 0 || server.port === port) continue;
    own.told(
      server.statement,
      `real_server: its port ${server.port} is not used, as only NAT can change ports; it is ${port}`,
    );
  }
  const { sorry } = virtual;
  const tunnel = sorry && methodOf(sorry, virtual).tunnel;
  if (tunnel !== undefined && tunnel.type !== 'ipip') {
    report.lost(place, `sorry_server: its tunnel cannot be of type ${tunnel.type}`);
  }
}

/** Its weight is 1. A sorry server by NAT without a port has that of the client's connection: 0. */
function sorryServerOf(virtual: VirtualServer, id: ServiceId, target: Target): JsonRecord {
  const { sorry } = virtual;
  if (sorry === undefined) return {};
  const method = methodOf(sorry, virtual);
  const { address } = sorry;
  const { port } = method.forwardingMethod === 'nat' ? sorry : placeOf(sorry, method, id, target);
  const server = formatDestinationId({ address, port });
  return { sorryServer: { server, method: method.forwardingMethod } };
}

/** Gives the service its snmp_name, where that can be a name. */
function named(
  { name }: VirtualServer,
  services: readonly DesiredService[],
  { names }: Around,
  report: ImportReport,
): readonly DesiredService[] {
  const word = name?.words[0];
  const [only, ...more] = services;
  if (name === undefined || word === undefined || only === undefined) return services;
  if (more.length > 0 || !isServiceName(word) || names.has(word)) {
    report.lost(name, `snmp_name: "${word}" cannot be the name of a service, or of one more`);
    return services;
  }
  names.add(word);
  return [{ ...only, name: word }];
}

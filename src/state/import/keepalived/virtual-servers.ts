import type { Family } from '../../../common/ip-family.js';
import type { JsonRecord } from '../../../common/json.js';
import { formatDestinationId } from '../../../ipvs/model/destination.js';
import type { DestinationId } from '../../../ipvs/model/destination.js';
import { isMark } from '../../../ipvs/model/service.js';
import type { Persistence, Protocol, ServiceId } from '../../../ipvs/model/service.js';
import type { DesiredServer, DesiredService } from '../../file/desired.js';
import { isServiceName } from '../../selection.js';
import { destinationSettings, serviceSettings } from '../../table.js';
import type { About, ImportReport, Place } from '../report.js';
import type { Around } from './around.js';
import { healthOf } from './health.js';
import type { Health, ReadServer } from './health.js';
import { persistenceOf } from './persistence.js';
import { methodOf, placeOf } from './places.js';
import type { Target } from './places.js';
import { readRealServer, withoutDoubles, withoutOthers } from './real-servers.js';
import { unsupportedOfVirtualServers, virtualServerKeywords } from './servers.js';
import type { RealServer, VirtualServer } from './servers.js';
import { readBlock } from './settings.js';
import type { Statement } from './tree.js';
import { endpointAt, numberAt } from './values.js';

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
    { keywords: virtualServerKeywords, unsupported: unsupportedOfVirtualServers },
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
  const ids = serviceIds(virtual, servers, target, own);
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

/** Of servers that are all tunnelled: theirs, if they have one family. */
function familyOfMark({ family, sorry }: VirtualServer, servers: readonly ReadServer[]): Family {
  const endpoints = [
    ...servers.map(({ server }) => server),
    ...(sorry === undefined ? [] : [sorry]),
  ];
  const [only, ...more] = new Set(endpoints.map(({ address }) => address.family));
  return family ?? (more.length === 0 ? only : undefined) ?? 'ipv4';
}

function serviceIds(
  virtual: VirtualServer,
  servers: readonly ReadServer[],
  target: Target,
  report: ImportReport,
): readonly ServiceId[] {
  if ('firewallMark' in target) {
    return [{ firewallMark: target.firewallMark, family: familyOfMark(virtual, servers) }];
  }
  const family = virtual.family ?? 'ipv4';
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
  report.info(
    statement,
    'virtual_server: it names no protocol, and UDP is the default of keepalived',
  );
  return 'udp';
}

/** What the services of a virtual server have in common. */
interface Parts {
  readonly virtual: VirtualServer;
  readonly servers: readonly ReadServer[];
  readonly target: Target;
  readonly persistence: Persistence | undefined;
  readonly onePacket: boolean;
  readonly health: Health;
}

function serviceOf(id: ServiceId, parts: Parts): DesiredService {
  const { virtual, servers, target, persistence, onePacket, health } = parts;
  const settings = serviceSettings(id, {
    scheduler: virtual.scheduler ?? 'wlc',
    schedulerFlags: [...virtual.flags],
    onePacket,
    persistence,
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

/** What has addresses can schedule packets one by one for UDP alone. */
function onePacketOf(
  { onePacket, statement }: VirtualServer,
  ids: readonly ServiceId[],
  report: ImportReport,
): boolean {
  const isPossible = ids.every((id) => isMark(id) || id.protocol === 'udp');
  if (onePacket && !isPossible) {
    report.info(statement, 'ops: keepalived does not use it, as the protocol is not UDP');
  }
  return onePacket && isPossible;
}

/** That a port was written which is not used. */
function tellPorts(parts: Parts, id: ServiceId, place: Place, report: ImportReport): void {
  const { virtual, servers, target } = parts;
  for (const { server, report: own } of servers) {
    const { port } = placeOf(server, methodOf(server, virtual), id, target);
    if (server.port === 0 || server.port === port) continue;
    own.info(
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

import { formatDestinationId } from '../../ipvs/model/destination.js';
import { standardServer } from '../standard-server.js';
import type { DestinationId, DestinationSettings, Tunnel } from '../../ipvs/model/destination.js';
import { isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { PortNames } from '../selection.js';
import type { Path } from './check.js';
import type { DesiredServer } from './desired.js';
import { serverFault } from './faults.js';
import { healthKeys } from './fields.js';
import type { ServerObject, ServerValue, ServiceValue } from './fields.js';
import { listOf, picked } from './reading.js';
import type { Reading } from './reading.js';
import { tryServerId } from './text-forms.js';

/** The service whose servers are read. */
export interface Owner {
  readonly id: ServiceId;
  readonly path: Path;
}

const NO_KEYS: ServerObject = {};
/** What {@link settingsOf} relies on. */
const SETTINGS = ['method', 'upperThreshold', 'lowerThreshold', 'tunnel'];

/** Reads the servers of a service. What contradicts what is taken down. */
export function readServers(value: ServiceValue, owner: Owner, reading: Reading): DesiredServer[] {
  const { flaws, defaults } = reading;
  const { id: service, path } = owner;
  const hasMethod = !flaws.isFaulty(value, 'method') && !flaws.isFaulty(defaults, 'method');
  const ports = portsOf(service, reading.ports);
  const firsts = new Map<string, number>();
  const servers: DesiredServer[] = [];
  for (const [index, one] of listOf(value.servers).entries()) {
    const id = idOf(one, ports);
    if (id === undefined) continue;
    const place = [...path, 'servers', index];
    const key = formatDestinationId(id);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, index);
    else {
      flaws.add(place, `the server ${key} is there already`, {
        first: [...path, 'servers', first],
      });
    }
    const keys = typeof one === 'string' ? NO_KEYS : one;
    if (!hasMethod || flaws.isFaulty(keys, ...SETTINGS)) continue;
    const settings = settingsOf(keys, value, reading);
    const fault = serverFault(service, { id, settings }) ?? tunnelFault(keys, settings, key);
    if (fault !== undefined) {
      const isOwnKey = Object.hasOwn(keys, fault.key);
      flaws.add(isOwnKey ? [...place, fault.key] : place, fault.message);
    }
    servers.push({ id, settings, health: picked(keys, healthKeys.server) });
  }
  return servers;
}

function idOf(value: ServerValue, ports: PortNames | undefined): DestinationId | undefined {
  const text: unknown = typeof value === 'object' ? (value as ServerObject | null)?.server : value;
  return typeof text === 'string' ? tryServerId(text, ports) : undefined;
}

/** A name of a port is that of the service's protocol. */
export function portsOf(service: ServiceId, ports: PortNames | undefined): PortNames | undefined {
  const protocol = isMark(service) ? undefined : service.protocol;
  return ports && ((name) => ports(name, protocol));
}

/** How a server is set, by its own keys, those of its service, and `defaults`. */
export function settingsOf(
  keys: ServerObject,
  service: ServiceValue,
  { defaults }: Reading,
): DestinationSettings {
  const standard = standardServer;
  const forwardingMethod =
    keys.method ?? service.method ?? defaults.method ?? standard.forwardingMethod;
  return {
    forwardingMethod,
    weight: keys.weight ?? defaults.weight ?? standard.weight,
    upperThreshold: keys.upperThreshold ?? 0,
    lowerThreshold: keys.lowerThreshold ?? 0,
    tunnel: forwardingMethod === 'tun' ? tunnelOf(keys.tunnel) : undefined,
  };
}

function tunnelOf({ type, port, checksum }: NonNullable<ServerObject['tunnel']> = {}): Tunnel {
  return { type: type ?? 'ipip', port: port ?? 0, checksum: checksum ?? 'none' };
}

function tunnelFault(
  { tunnel }: ServerObject,
  { forwardingMethod }: DestinationSettings,
  server: string,
) {
  if (tunnel === undefined || forwardingMethod === 'tun') return undefined;
  const message = `${server}: tunnel is for method tun; this server has ${forwardingMethod}`;
  return { key: 'tunnel', message };
}

import type { JsonRecord } from '../../common/json.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { serverSettingsJson, serviceSettingsJson } from '../service-json.js';
import type { PersistenceJson, ServerSettingsJson } from '../service-json.js';
import type { WantedDestination } from '../table.js';
import type { DesiredServer, DesiredService, DesiredState } from './desired.js';

/** The version of state files. */
export const STATE_VERSION = 1;

/** What a state file holds beside its services, under its keys. */
export function stateHeader({ timeouts, syncDaemons, agent }: DesiredState): JsonRecord {
  return {
    version: STATE_VERSION,
    ...(timeouts !== undefined && { timeouts }),
    ...(syncDaemons !== undefined && { syncDaemons: syncDaemons.map(syncDaemonJson) }),
    ...agent,
  };
}

function syncDaemonJson(daemon: SyncDaemonInput): JsonRecord {
  const { state: role, syncId, maximumLength, group, port, ttl } = daemon;
  return {
    role,
    interface: daemon.interface,
    ...(syncId !== undefined && { syncId }),
    ...(maximumLength !== undefined && { maximumLength }),
    ...(group !== undefined && { group: group.toString() }),
    ...(port !== undefined && { port }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** A service as JSON holds it: everything is written out. */
export function fullService({ destinations, ...service }: DesiredService): JsonRecord {
  const { sorryServer: sorry } = service;
  return {
    service: formatServiceId(service.id),
    ...(service.name !== undefined && { name: service.name }),
    ...serviceSettingsJson(service.settings),
    ...service.health,
    ...(sorry !== undefined && { sorryServer: sorryKeys(sorry) }),
    servers: destinations.map(fullServer),
  };
}

function fullServer({ id, settings, health }: DesiredServer): JsonRecord {
  return { server: formatDestinationId(id), ...serverSettingsJson(settings), ...health };
}

/** Its method is that of the service, which does not stand there: its servers have it. */
function sorryKeys({ id, settings }: WantedDestination): JsonRecord {
  const { weight, forwardingMethod: method } = settings;
  return { server: formatDestinationId(id), weight, method };
}

/** A service as people write it, without its servers: what they have in common stands here. */
export function shortService({
  id,
  name,
  settings,
  destinations,
  health,
  sorryServer,
}: DesiredService): {
  readonly keys: JsonRecord;
  readonly commonMethod: string | undefined;
} {
  const { persistence, ...others } = serviceSettingsJson(settings);
  const methods = new Set(destinations.map((server) => server.settings.forwardingMethod));
  const [method] = methods;
  const commonMethod = methods.size === 1 ? method : undefined;
  const keys = {
    ...(name !== undefined && { name }),
    service: formatServiceId(id),
    ...others,
    ...(persistence !== undefined && { persistence: shortPersistence(persistence) }),
    ...(commonMethod !== undefined && { method: commonMethod }),
    ...health,
    ...(sorryServer !== undefined &&
      sorryServer.settings.forwardingMethod !== commonMethod && {
        sorryServer: sorryKeys(sorryServer),
      }),
  };
  return { keys, commonMethod };
}

/** 0 means none to most people: it is not written as a number alone. */
function shortPersistence(persistence: PersistenceJson): PersistenceJson | number {
  const { timeoutSeconds, netmask, prefixLength, engine } = persistence;
  const whole = {
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(netmask !== undefined && netmask !== '255.255.255.255' && { netmask }),
    ...(prefixLength !== undefined && prefixLength !== 128 && { prefixLength }),
    ...(engine !== undefined && { engine }),
  };
  const isNumber = Object.keys(whole).length === 1 && timeoutSeconds !== undefined;
  return isNumber && timeoutSeconds > 0 ? timeoutSeconds : whole;
}

/** A server as people write it: its text alone when it has the defaults. */
export function shortServer(
  { id, settings, health }: DesiredServer,
  commonMethod: string | undefined,
): string | JsonRecord {
  const server = formatDestinationId(id);
  const { method, weight, ...others }: ServerSettingsJson = serverSettingsJson(settings);
  const own = {
    ...(method !== commonMethod && { method }),
    ...(weight !== 1 && { weight }),
    ...others,
    ...health,
  };
  return Object.keys(own).length === 0 ? server : { server, ...own };
}

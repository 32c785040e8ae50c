import type { Destination, ForwardingMethod } from '../../ipvs/model/destination.js';
import { isMark } from '../../ipvs/model/service.js';
import type { Protocol } from '../../ipvs/model/service.js';
import { matchesEndpoint } from '../../state/endpoint-filter.js';
import type { EndpointFilter } from '../../state/endpoint-filter.js';
import type { NamedService } from '../table-reader.js';
import { serverStatus } from './list-status.js';

/** What is listed; all that is given must hold. */
export interface ListFilters {
  readonly protocol: Protocol | undefined;
  readonly scheduler: string | undefined;
  /** Of the service. */
  readonly address: EndpointFilter | undefined;
  readonly method: ForwardingMethod | undefined;
  readonly server: EndpointFilter | undefined;
  /** Real servers that get no new connections, and services without a real server. */
  readonly down: boolean;
}

/** A service, and those of its real servers that are listed. */
export interface ListedService extends NamedService {
  readonly shown: readonly Destination[];
}

/** The services that hold, with those of their real servers that do. */
export function filterServices(
  services: readonly NamedService[],
  filters: ListFilters,
): readonly ListedService[] {
  const wanted = services.filter((service) => isWanted(service, filters));
  const { method, server, down } = filters;
  const ofServer = method !== undefined || server !== undefined;
  return wanted.flatMap((service) => {
    const { destinations } = service;
    if (!ofServer && !down) return { ...service, shown: destinations };
    const shown = destinations.filter((one) => isWantedServer(one, filters));
    const isEmpty = down && !ofServer && destinations.length === 0;
    return shown.length > 0 || isEmpty ? { ...service, shown } : [];
  });
}

function isWanted(
  { id, settings }: NamedService,
  { protocol, scheduler, address }: ListFilters,
): boolean {
  if (scheduler !== undefined && settings.scheduler !== scheduler) return false;
  if (isMark(id)) return protocol === undefined && address === undefined;
  return (
    (protocol === undefined || id.protocol === protocol) &&
    (address === undefined || matchesEndpoint(address, id.address, id.port))
  );
}

function isWantedServer(one: Destination, { method, server, down }: ListFilters): boolean {
  return (
    (method === undefined || one.settings.forwardingMethod === method) &&
    (server === undefined || matchesEndpoint(server, one.id.address, one.id.port)) &&
    (!down || serverStatus(one) !== undefined)
  );
}

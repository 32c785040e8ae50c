import { formatServiceId } from '../../ipvs/model/service.js';
import type { DesiredServer, DesiredService } from '../file/desired.js';
import { extraDestinations, withOthers } from '../diff.js';
import type { WantedService } from '../table.js';
import type { CurrentServer, CurrentService, Plan } from './plan.js';

/** A real server of one service, as the kernel has it. */
export interface ServerPlace {
  readonly service: CurrentService;
  readonly server: CurrentServer;
}

/** The real servers that a plan removes from a table, alone or with their service. */
export function leaversOf({ steps }: Plan, current: readonly CurrentService[]): ServerPlace[] {
  const services = new Map(current.map((one) => [formatServiceId(one.id), one]));
  return steps.flatMap(({ service: id, losers }) => {
    const service = services.get(formatServiceId(id));
    return service === undefined ? [] : losers.map((server) => ({ service, server }));
  });
}

/**
 * The wanted table while real servers are drained: what is wanted in the end, and all that will go, with weight 0.
 * @param nameOf the name of a service that goes.
 */
export function whileDraining(
  wanted: readonly DesiredService[],
  current: readonly CurrentService[],
  leavers: readonly ServerPlace[],
  nameOf: (service: string) => string | undefined,
): DesiredService[] {
  const going = new Set(leavers.map(({ service }) => service));
  const before = new Map(current.map((service) => [formatServiceId(service.id), service]));
  const stay = wanted.map((service) => {
    const now = before.get(formatServiceId(service.id));
    if (now === undefined) return service;
    return { ...service, ...withOthers(service, extraDestinations(now, service).map(quiet)) };
  });
  const named = new Set(wanted.map(({ id }) => formatServiceId(id)));
  const leave = [...going].filter(({ id }) => !named.has(formatServiceId(id)));
  return [
    ...stay.map(asDesired),
    ...leave.map((service) =>
      asDesired({
        ...service,
        name: nameOf(formatServiceId(service.id)),
        destinations: service.destinations.map(quiet),
      }),
    ),
  ];
}

function quiet({ id, settings }: CurrentServer) {
  return { id, settings: { ...settings, weight: 0 } };
}

function asDesired(service: WantedService & { readonly name: string | undefined }): DesiredService {
  const destinations = service.destinations.map((server): DesiredServer => {
    return { ...server, health: {} };
  });
  return { ...service, destinations, health: {} };
}

import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { DrainTarget } from '../drain-rules.js';
import type { DesiredServer, DesiredService } from '../file/desired.js';
import { extraDestinations, withOthers } from '../diff.js';
import type { WantedService } from '../table.js';
import type { CurrentServer, CurrentService, Plan } from './plan.js';

/** A real server that goes, and its weight before it is drained. */
export interface Leaver extends DrainTarget {
  readonly weight: number;
}

/** The real servers that a plan removes, alone or with their service. */
export function leaversOf({ steps }: Plan): readonly Leaver[] {
  return steps.flatMap(({ service, losers }) =>
    losers.map(({ id, settings }) => ({ service, destination: id, weight: settings.weight })),
  );
}

/**
 * The wanted table while real servers are drained: what is wanted in the end, and all that will go, with weight 0.
 * @param nameOf the name of a service that goes.
 */
export function whileDraining(
  wanted: readonly DesiredService[],
  current: readonly CurrentService[],
  leavers: readonly Leaver[],
  nameOf: (service: string) => string | undefined,
): DesiredService[] {
  const going = new Set(leavers.map(({ service }) => formatServiceId(service)));
  const before = new Map(current.map((service) => [formatServiceId(service.id), service]));
  const stay = wanted.map((service) => {
    const now = before.get(formatServiceId(service.id));
    if (now === undefined) return service;
    return { ...service, ...withOthers(service, extraDestinations(now, service).map(quiet)) };
  });
  const named = new Set(wanted.map(({ id }) => formatServiceId(id)));
  const leave = current.filter(({ id }) => {
    const key = formatServiceId(id);
    return going.has(key) && !named.has(key);
  });
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

/** The text of a real server in a service, for telling which is which. */
export function targetKey({ service, destination }: DrainTarget): string {
  return `${formatServiceId(service)} ${formatDestinationId(destination)}`;
}

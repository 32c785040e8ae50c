import type { ServerStatusJson, ServiceStatusJson } from '../agent/control/shapes.js';
import { formatDestinationId } from '../ipvs/model/destination.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { DesiredService, DesiredState } from '../state/file/desired.js';
import { overlay } from '../state/overlay.js';
import type { Placement } from '../state/overlay.js';
import type { CurrentService } from '../state/plan/plan.js';
import type { WantedDestination, WantedService } from '../state/table.js';

/** What a file wants, as the agent would have it in the table now. */
export interface EffectiveState extends DesiredState {
  /** Services in which that is not what the file says. */
  readonly adapted: readonly string[];
}

/**
 * A state with what the agent makes of it: servers that are down, draining or in maintenance have the weights that it gives
 * them, and a sorry server is in where it stands in. What the agent does not know is as the file says.
 */
export function withHealth(
  desired: DesiredState,
  known: readonly ServiceStatusJson[],
  current: readonly CurrentService[],
): EffectiveState {
  const statuses = new Map(known.map((status) => [status.service, status]));
  const tables = new Map(current.map((service) => [formatServiceId(service.id), service]));
  const adapted: string[] = [];
  const services = desired.services.map((service): DesiredService => {
    const key = formatServiceId(service.id);
    const status = statuses.get(key);
    if (status === undefined) return service;
    const present = tables.get(key)?.destinations ?? [];
    const { destinations } = overlay(service, placementsOf(status, present), [
      ...(status.state === 'sorry' && service.sorryServer ? [service.sorryServer] : []),
      ...leaversOf(status, present),
    ]);
    if (differs(service, destinations)) adapted.push(key);
    const after = destinations.map((one) => ({ ...one, health: {} }));
    return { ...service, destinations: after };
  });
  return { ...desired, services, adapted };
}

/** Servers whose weight is not the wanted one, as far as the agent has decided it. */
function placementsOf(
  { servers }: ServiceStatusJson,
  present: CurrentService['destinations'],
): ReadonlyMap<string, Placement> {
  const keys = new Set(present.map(({ id }) => formatDestinationId(id)));
  const decided = servers.filter(({ weight, wantedWeight }) => weight !== wantedWeight);
  return new Map(
    decided.map(({ server, weight }) => {
      // With onFailure: remove it is out of the table while it takes no clients.
      return [server, { isInTable: weight > 0 || keys.has(server), weight }];
    }),
  );
}

/** Servers that have left the agent's file, and stay until their connections have ended. */
function leaversOf(
  { servers }: ServiceStatusJson,
  present: CurrentService['destinations'],
): readonly WantedDestination[] {
  const isLeaving = ({ state, wantedWeight, weight }: ServerStatusJson) =>
    state === 'draining' && wantedWeight === 0 && weight === 0;
  const keys = new Set(servers.filter(isLeaving).map(({ server }) => server));
  return present.filter(({ id }) => keys.has(formatDestinationId(id)));
}

function differs(
  { destinations }: WantedService,
  effective: readonly WantedDestination[],
): boolean {
  const weights = new Map(
    destinations.map(({ id, settings }) => [formatDestinationId(id), settings.weight]),
  );
  return (
    effective.length !== destinations.length ||
    effective.some(({ id, settings }) => weights.get(formatDestinationId(id)) !== settings.weight)
  );
}

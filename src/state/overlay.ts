import { formatDestinationId } from '../ipvs/model/destination.js';
import type { WantedDestination, WantedService } from './table.js';

/** What health, drains and maintenance make of a server's place in the table. */
export interface Placement {
  readonly isInTable: boolean;
  readonly weight: number;
}

/**
 * A service as it is to be in the table: as it is wanted, with the places that its servers have by now. Servers that take
 * connections come first, so that they have their weights before others lose theirs.
 *
 * @param servers by text of the id; a server that is not among them is as it is wanted.
 * @param extra servers that the service does not have by itself: its sorry server, and those that are drained before they go.
 */
export function overlay(
  service: WantedService,
  servers: ReadonlyMap<string, Placement>,
  extra: readonly WantedDestination[],
): WantedService {
  const own = service.destinations.flatMap((one) => placed(one, servers));
  const takes = ({ settings }: WantedDestination) => settings.weight > 0;
  const all = [...own, ...extra];
  const ordered = [...all.filter(takes), ...all.filter((one) => !takes(one))];
  const byKey = new Map<string, WantedDestination>();
  // A sorry server may be one that is drained as well: it is in the table once, and takes connections.
  for (const one of ordered) {
    const key = formatDestinationId(one.id);
    if (!byKey.has(key)) byKey.set(key, one);
  }
  return { ...service, destinations: [...byKey.values()] };
}

function placed(
  destination: WantedDestination,
  servers: ReadonlyMap<string, Placement>,
): readonly WantedDestination[] {
  const placement = servers.get(formatDestinationId(destination.id));
  if (placement === undefined) return [destination];
  if (!placement.isInTable) return [];
  const { id, settings } = destination;
  return [{ id, settings: { ...settings, weight: placement.weight } }];
}

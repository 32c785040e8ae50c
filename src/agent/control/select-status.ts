import { formatDestinationId } from '../../ipvs/model/destination.js';
import { parseDestinationId, parseServiceId } from '../../ipvs/model/selectors.js';
import { resolveServer, resolveService } from '../../state/selection.js';
import type { Selectable, Selector } from '../../state/selection.js';
import type { ServiceStatusJson } from './shapes.js';

/** A service that was asked for, or that has real servers which were. */
export interface SelectedStatus {
  /** With those of its servers that were asked for. */
  readonly status: ServiceStatusJson;
  /** Whether the service itself was asked for. */
  readonly isWhole: boolean;
}

export interface StatusSelection {
  /** In the order of the status. */
  readonly selected: readonly SelectedStatus[];
  /** Selectors that name nothing. */
  readonly missing: readonly Selector[];
}

interface Entry extends Selectable {
  readonly status: ServiceStatusJson;
}

/**
 * Picks what selectors name: services with all of their servers, and real servers in whichever services. All without selectors.
 * @throws AmbiguousServerError when an address without a port has several.
 */
export function selectStatus(
  services: readonly ServiceStatusJson[],
  selectors: readonly Selector[],
): StatusSelection {
  if (selectors.length === 0) {
    return { selected: services.map((status) => ({ status, isWhole: true })), missing: [] };
  }
  const table = services.map(entryOf);
  const whole = new Set<Entry>();
  const servers = new Set<string>();
  const missing: Selector[] = [];
  for (const selector of selectors) {
    if (selector.kind === 'server') {
      const id = resolveServer(table, selector);
      if (id === undefined) missing.push(selector);
      else servers.add(formatDestinationId(id));
    } else {
      const found = resolveService(table, selector);
      if (found === undefined) missing.push(selector);
      else whole.add(found);
    }
  }
  const selected = table.flatMap((entry): SelectedStatus[] => {
    const { status } = entry;
    if (whole.has(entry)) return [{ status, isWhole: true }];
    const own = status.servers.filter(({ server }) => servers.has(server));
    return own.length === 0 ? [] : [{ status: { ...status, servers: own }, isWhole: false }];
  });
  return { selected, missing };
}

function entryOf(status: ServiceStatusJson): Entry {
  return {
    status,
    id: parseServiceId(status.service),
    name: status.name,
    destinations: status.servers.map(({ server }) => ({ id: parseDestinationId(server) })),
  };
}

/** Whether nothing that was selected is down. A server that somebody has taken out is not: it is wanted so. */
export function isWell({ status, isWhole }: SelectedStatus): boolean {
  if (status.servers.some(({ state }) => state === 'down')) return false;
  return !isWhole || status.state === 'ok' || status.state === 'degraded';
}

import { compareDestinations } from '../../ipvs/model/destination.js';
import type { Destination } from '../../ipvs/model/destination.js';
import { compareServices } from '../../ipvs/model/service.js';
import { numericNaming } from '../../rules/format-endpoint.js';
import type { ListColumn, Sorting } from './list-columns.js';
import type { ListedService } from './list-filters.js';

type Compare<T> = (a: T, b: T) => number;

/** Puts services in order, and the real servers of each. What is equal stays in the order of listings, by address. */
export function sortServices(
  services: readonly ListedService[],
  { column, isDescending }: Sorting,
): readonly ListedService[] {
  const sign = isDescending ? -1 : 1;
  const byService = serviceOrder(column);
  return services
    .map((service) => {
      const byServer = serverOrder(column, service);
      const shown = byServer && [...service.shown].sort((a, b) => sign * byServer(a, b));
      return shown === undefined ? service : { ...service, shown };
    })
    .sort((a, b) => sign * byService(a, b));
}

/** Addresses are compared by their bytes, as listings have them: text would put 10.0.0.10 before 10.0.0.9. */
function serviceOrder({ key, order, service: shown }: ListColumn): Compare<ListedService> {
  if (key === 'service') return (a, b) => compareServices(a.id, b.id);
  if (key === 'server') return compareFirstServers;
  const value = order ?? ((service) => shown?.(service, numericNaming));
  return (a, b) => compareValues(value(a), value(b));
}

function compareFirstServers({ shown: [a] }: ListedService, { shown: [b] }: ListedService): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareDestinations(a.id, b.id);
}

function serverOrder(
  { key, server, serverOrder: order }: ListColumn,
  service: ListedService,
): Compare<Destination> | undefined {
  if (key === 'server') return (a, b) => compareDestinations(a.id, b.id);
  if (server === undefined) return undefined;
  const value = order ?? ((one) => server(one, service, numericNaming));
  return (a, b) => compareValues(value(a), value(b));
}

/** Numbers by size and words by their characters; nothing comes first. */
function compareValues(
  a: string | number | bigint | undefined,
  b: string | number | bigint | undefined,
): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a < b ? -1 : 1;
}

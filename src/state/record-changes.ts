import type { TableRecords } from './records.js';

/** Changes of the records, as new ones. What has nothing to change gives the same object. */

/** The service that has a name, as its text; undefined when none is known. */
export function serviceNamed({ services }: TableRecords, name: string): string | undefined {
  for (const [service, record] of services) if (record.name === name) return service;
  return undefined;
}

/** Nothing is known any more of a service: it is gone, or somebody else makes it again. */
export function withoutService(records: TableRecords, service: string): TableRecords {
  const { services, drained } = records;
  if (!services.has(service) && !drained.has(service)) return records;
  return { services: without(services, service), drained: without(drained, service) };
}

/** A real server has a weight of its own again, or is gone. */
export function withoutWeight(
  records: TableRecords,
  service: string,
  server: string,
): TableRecords {
  const weights = records.drained.get(service);
  if (weights?.has(server) !== true) return records;
  const left = without(weights, server);
  const drained = new Map(records.drained);
  if (left.size === 0) drained.delete(service);
  else drained.set(service, left);
  return { ...records, drained };
}

/** The weight that a real server has before it is drained. */
export function withWeight(
  records: TableRecords,
  service: string,
  server: string,
  weight: number,
): TableRecords {
  const weights = new Map(records.drained.get(service)).set(server, weight);
  return { ...records, drained: new Map(records.drained).set(service, weights) };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): Map<string, T> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

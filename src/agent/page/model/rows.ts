import type { ServerStatusJson, ServiceStatusJson } from '../../control/shapes.js';
import { serversWorstFirst } from './states.js';

/** A line of the list: a service; below an open one, what there is to say of it, and its servers. */
export type Row =
  | { readonly kind: 'service'; readonly key: string; readonly service: ServiceStatusJson }
  | { readonly kind: 'detail'; readonly key: string; readonly service: ServiceStatusJson }
  | {
      readonly kind: 'server';
      readonly key: string;
      readonly service: ServiceStatusJson;
      readonly server: ServerStatusJson;
    };

export type RowKind = Row['kind'];

export function rowsOf(
  services: readonly ServiceStatusJson[],
  isOpen: (service: string) => boolean,
): Row[] {
  const rows: Row[] = [];
  for (const service of services) {
    const key = service.service;
    rows.push({ kind: 'service', key, service });
    if (!isOpen(key)) continue;
    rows.push({ kind: 'detail', key: `${key} detail`, service });
    for (const server of serversWorstFirst(service.servers)) {
      rows.push({ kind: 'server', key: `${key} ${server.server}`, service, server });
    }
  }
  return rows;
}

/** Where each row begins, and as the last number, where the last one ends. */
export function offsetsOf(rows: readonly Row[], heightOf: (row: Row) => number): Float64Array {
  const offsets = new Float64Array(rows.length + 1);
  let offset = 0;
  rows.forEach((row, index) => {
    offsets[index] = offset;
    offset += heightOf(row);
  });
  offsets[rows.length] = offset;
  return offsets;
}

/** The rows that have a part between two offsets: from `first` on, `end` not included. */
export function rowsBetween(
  offsets: Float64Array,
  top: number,
  bottom: number,
): { readonly first: number; readonly end: number } {
  const count = offsets.length - 1;
  const first = firstWhere(offsets, (offset) => offset > top) - 1;
  const end = firstWhere(offsets, (offset) => offset >= bottom);
  return { first: Math.max(0, first), end: Math.min(end, count) };
}

/** The index of the first offset for which that is so; for all after it, it is so too. */
function firstWhere(offsets: Float64Array, isSo: (offset: number) => boolean): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isSo(offsets[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

import type { ServiceStatusJson } from '../../control/shapes.js';
import type { ServiceTrafficJson } from '../../control/traffic-shapes.js';
import { SERVER_LOOKS, serviceLook, severityOf } from './states.js';
import { serverWhy } from './why.js';

/** The orders that services can be in. */
export const ORDERS = {
  worst: 'Worst first',
  name: 'Name',
  changed: 'Last change',
  connections: 'Connections',
  rate: 'New connections',
  in: 'Traffic in',
  out: 'Traffic out',
} as const;

export type Order = keyof typeof ORDERS;

export const ORDER_NAMES = Object.keys(ORDERS) as Order[];

export function isOrder(text: string): text is Order {
  return Object.hasOwn(ORDERS, text);
}

/** Orders by what changes with each reading of traffic. */
export function isByTraffic(order: Order): boolean {
  return order === 'connections' || order === 'rate' || order === 'in' || order === 'out';
}

export interface Query {
  /** Words of which each must be in a service: its name, its state, its servers, their reasons. */
  readonly search: string;
  readonly onlyWrong: boolean;
  readonly order: Order;
}

export type TrafficOf = (service: string) => ServiceTrafficJson | undefined;

/** What a service is called first: its name in the file, else its address. */
export function nameOf({ name, service }: ServiceStatusJson): string {
  return name ?? service;
}

/** Texts are made when somebody searches, and kept as long as the service is as it is. */
const texts = new WeakMap<ServiceStatusJson, string>();

function textOf(service: ServiceStatusJson): string {
  const made = texts.get(service);
  if (made !== undefined) return made;
  const words = [service.name ?? '', service.service, serviceLook(service).word];
  for (const server of service.servers) {
    words.push(server.server, SERVER_LOOKS[server.state].word, serverWhy(server));
  }
  const text = words.join('\n').toLowerCase();
  texts.set(service, text);
  return text;
}

export function isWrong({ state }: ServiceStatusJson): boolean {
  return state !== 'ok';
}

/** The services that are asked for, in the order that is asked for. */
export function select(
  services: Iterable<ServiceStatusJson>,
  { search, onlyWrong, order }: Query,
  trafficOf: TrafficOf,
): ServiceStatusJson[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found: ServiceStatusJson[] = [];
  for (const service of services) {
    if (onlyWrong && !isWrong(service)) continue;
    if (words.length > 0) {
      const text = textOf(service);
      if (!words.every((word) => text.includes(word))) continue;
    }
    found.push(service);
  }
  return sorted(found, order, trafficOf);
}

const collator = new Intl.Collator('en', { numeric: true });

/** Sorts by a number, the highest first, and then by name. Names are compared only where numbers are equal: that is slow. */
function sorted(
  services: readonly ServiceStatusJson[],
  order: Order,
  trafficOf: TrafficOf,
): ServiceStatusJson[] {
  const keyed = services.map((service) => ({
    service,
    key: sortKey(service, order, trafficOf),
    name: nameOf(service),
  }));
  keyed.sort((a, b) => b.key - a.key || compareNames(a.name, b.name));
  return keyed.map(({ service }) => service);
}

function compareNames(a: string, b: string): number {
  return a === b ? 0 : collator.compare(a, b);
}

function sortKey(service: ServiceStatusJson, order: Order, trafficOf: TrafficOf): number {
  switch (order) {
    case 'worst':
      return -severityOf(service);
    case 'name':
      return 0;
    case 'changed':
      return lastChange(service);
    case 'connections':
      return trafficOf(service.service)?.connections.active ?? -1;
    case 'rate':
      return trafficOf(service.service)?.rates.connectionsPerSecond ?? -1;
    case 'in':
      return trafficOf(service.service)?.rates.incomingBytesPerSecond ?? -1;
    case 'out':
      return trafficOf(service.service)?.rates.outgoingBytesPerSecond ?? -1;
  }
}

/** When the service or one of its servers changed last, in milliseconds since 1970. */
function lastChange({ since, servers }: ServiceStatusJson): number {
  let latest = since;
  // ISO 8601 in UTC: the order of the texts is that of the times.
  for (const server of servers) if (server.since > latest) latest = server.since;
  return Date.parse(latest);
}

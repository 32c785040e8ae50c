import { IpAddress } from '../ipvs/model/address.js';
import { formatDestinationId } from '../ipvs/model/destination.js';
import type { DestinationId } from '../ipvs/model/destination.js';
import { parseServiceId } from '../ipvs/model/selectors.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { Protocol, ServiceId } from '../ipvs/model/service.js';

/** The number of a port's name, of a protocol where it is known. */
export type PortNames = (name: string, protocol: Protocol | undefined) => number | undefined;

/** One word that names a virtual service or a real server. */
export type Selector =
  | { readonly kind: 'service'; readonly text: string; readonly id: ServiceId }
  | { readonly kind: 'name'; readonly text: string; readonly name: string }
  | {
      readonly kind: 'server';
      readonly text: string;
      readonly address: IpAddress;
      /** Undefined: whatever port it has. */
      readonly port: number | undefined;
    };

export type ServiceSelector = Exclude<Selector, { readonly kind: 'server' }>;
export type ServerSelector = Extract<Selector, { readonly kind: 'server' }>;

const SERVICE = /^(?:tcp|udp|sctp|mark)[:/]/i;
const SERVER = /^(?:\[([^[\]]+)\]|([\d.]+)):([\w-]+)$/;

/**
 * Reads a word that names a virtual service (`tcp:192.0.2.1:80`, `mark:7`, the name `web`) or a real server
 * (`10.0.0.2:8080`, `[2001:db8::2]:443`, `10.0.0.2`).
 * @throws RangeError when it is none of these.
 */
export function parseSelector(text: string, ports?: PortNames): Selector {
  if (SERVICE.test(text)) return { kind: 'service', text, id: parseServiceId(text, ports) };
  const address = IpAddress.tryParse(/^\[(.*)\]$/.exec(text)?.[1] ?? text);
  if (address !== undefined) return { kind: 'server', text, address, port: undefined };
  const server = parseServer(text, ports);
  if (server !== undefined) return { kind: 'server', text, ...server };
  if (isServiceName(text)) return { kind: 'name', text, name: text };
  throw new RangeError(
    `${JSON.stringify(text)} is neither a virtual service (tcp:192.0.2.1:80, udp:[2001:db8::1]:53, mark:7, or its name) nor a real server (10.0.0.2:8080, [2001:db8::2]:443)`,
  );
}

function parseServer(text: string, ports: PortNames | undefined): DestinationId | undefined {
  const [, ipv6, ipv4, portText = ''] = SERVER.exec(text) ?? [];
  const address = IpAddress.tryParse(ipv6 ?? ipv4 ?? '');
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : ports?.(portText, undefined);
  if (address === undefined || port === undefined || port > 0xffff) return undefined;
  return { address, port };
}

/** What a service may be called: a word that no other selector can be. */
export function isServiceName(text: string): boolean {
  return (
    /^[\p{L}\p{N}_][\p{L}\p{N}_.@+-]{0,127}$/u.test(text) && IpAddress.tryParse(text) === undefined
  );
}

/** What can be selected: a table, of any kind, whose services may have names. */
export interface Selectable {
  readonly id: ServiceId;
  readonly name?: string | undefined;
  readonly destinations: readonly { readonly id: DestinationId }[];
}

/** The services that selectors name, in the order of the table, and the selectors that name none. */
export interface Selection<Entry> {
  readonly entries: readonly Entry[];
  readonly missing: readonly Selector[];
}

/** Several real servers fit an address without a port. */
export class AmbiguousServerError extends Error {
  override readonly name = 'AmbiguousServerError';
  readonly candidates: readonly DestinationId[];

  constructor(text: string, candidates: readonly DestinationId[]) {
    const names = candidates.map(formatDestinationId).join(', ');
    super(`${text} is ambiguous: name one of ${names}`);
    this.candidates = candidates;
  }
}

/**
 * The services that any of the selectors names; a real server stands for all services that have it. Without selectors, all.
 * @throws AmbiguousServerError when an address without a port has several ports in the table.
 */
export function select<Entry extends Selectable>(
  table: readonly Entry[],
  selectors: readonly Selector[],
): Selection<Entry> {
  if (selectors.length === 0) return { entries: table, missing: [] };
  const chosen = new Set<Entry>();
  const missing: Selector[] = [];
  for (const selector of selectors) {
    const found = entriesOf(table, selector);
    if (found.length === 0) missing.push(selector);
    for (const entry of found) chosen.add(entry);
  }
  return { entries: table.filter((entry) => chosen.has(entry)), missing };
}

function entriesOf<Entry extends Selectable>(
  table: readonly Entry[],
  selector: Selector,
): readonly Entry[] {
  if (selector.kind === 'server') {
    const server = resolveServer(table, selector);
    if (server === undefined) return [];
    const key = formatDestinationId(server);
    return table.filter(({ destinations }) =>
      destinations.some(({ id }) => formatDestinationId(id) === key),
    );
  }
  const found = resolveService(table, selector);
  return found === undefined ? [] : [found];
}

/** The service that a selector names; undefined when the table has none. */
export function resolveService<Entry extends Selectable>(
  table: readonly Entry[],
  selector: ServiceSelector,
): Entry | undefined {
  if (selector.kind === 'name') return table.find(({ name }) => name === selector.name);
  const key = formatServiceId(selector.id);
  return table.find(({ id }) => formatServiceId(id) === key);
}

/**
 * The real server that a selector names, in whichever services; undefined when none has it.
 * @throws AmbiguousServerError when it has no port, and the table has its address with several.
 */
export function resolveServer(
  table: readonly Selectable[],
  { address, port, text }: ServerSelector,
): DestinationId | undefined {
  const candidates = new Map<string, DestinationId>();
  for (const { destinations } of table) {
    for (const { id } of destinations) {
      if (!id.address.equals(address) || (port !== undefined && id.port !== port)) continue;
      candidates.set(formatDestinationId(id), id);
    }
  }
  const found = [...candidates.values()];
  if (found.length > 1) throw new AmbiguousServerError(text, found);
  return found[0];
}

import type { IpAddress } from '../../ipvs/model/address.js';
import { isMark } from '../../ipvs/model/service.js';
import type { Counters, ServedBy } from './subjects.js';
import { goNumber } from './text.js';
import type { Label, Metric, MetricGroup } from './text.js';

/** What the collector `ipvs` of Prometheus' node_exporter prints, to the byte; except that SCTP has series of its own. */

export const backendMetrics: MetricGroup<ServedBy> = {
  isSorted: true,
  format: goNumber,
  // In the order of names.
  labels: [
    label('local_address', ({ id }) => (isMark(id) ? '' : goAddress(id.address))),
    label('local_mark', ({ id }) => (isMark(id) ? hexMark(id.firewallMark) : '')),
    label('local_port', ({ id }) => (isMark(id) ? '0' : String(id.port))),
    label('proto', ({ id }) => (isMark(id) ? 'FWM' : id.protocol.toUpperCase())),
    { name: 'remote_address', value: ({ server }) => goAddress(server.id.address) },
    { name: 'remote_port', value: ({ server }) => String(server.id.port) },
  ],
  metrics: [
    gauge('connections_active', 'active connections', ({ server }) => server.activeConnections),
    gauge('connections_inactive', 'inactive connections', (one) => one.server.inactiveConnections),
    gauge('weight', 'backend weight', ({ server }) => server.settings.weight),
  ],
};

export const totalMetrics: MetricGroup<Counters> = {
  format: goNumber,
  labels: [],
  metrics: [
    total('connections', 'The total number of connections made.', 'connections'),
    total('incoming_bytes', 'The total amount of incoming data.', 'incomingBytes'),
    total('incoming_packets', 'The total number of incoming packets.', 'incomingPackets'),
    total('outgoing_bytes', 'The total amount of outgoing data.', 'outgoingBytes'),
    total('outgoing_packets', 'The total number of outgoing packets.', 'outgoingPackets'),
  ],
};

function label(
  name: string,
  value: (service: ServedBy['service']) => string | undefined,
): Label<ServedBy> {
  return { name, value: ({ service }) => value(service) };
}

function gauge(name: string, what: string, value: Metric<ServedBy>['value']): Metric<ServedBy> {
  const help = `The current ${what} by local and remote address.`;
  return { name: `node_ipvs_backend_${name}`, type: 'gauge', help, value };
}

function total(name: string, help: string, key: keyof Counters): Metric<Counters> {
  const value = (counters: Counters) => counters[key];
  return { name: `node_ipvs_${name}_total`, type: 'counter', help, value };
}

function hexMark(mark: number): string {
  return mark.toString(16).toUpperCase().padStart(8, '0');
}

/** An address as Go writes it: without IPv6 around a mapped IPv4 address, and otherwise never in dotted form. */
export function goAddress(address: IpAddress): string {
  const text = address.toString();
  const [, dotted] = /^::(?:ffff:)?([\d.]+\.[\d.]+)$/.exec(text) ?? [];
  if (dotted === undefined || text.startsWith('::ffff:')) return dotted ?? text;
  const [high, low] = [12, 14].map((at) =>
    (((address.bytes[at] ?? 0) << 8) | (address.bytes[at + 1] ?? 0)).toString(16),
  );
  return `::${high ?? ''}:${low ?? ''}`;
}

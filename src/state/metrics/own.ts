import { formatDestinationId } from '../../ipvs/model/destination.js';
import { isFull } from '../../ipvs/model/overload.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { Counters, MeasuredDirector, MeasuredService, ServedBy } from './subjects.js';
import type { Metric, MetricGroup } from './text.js';

/** The metrics of this project, in the order in which they are printed. */

export const directorInfo: MetricGroup<MeasuredDirector> = {
  labels: [
    { name: 'version', value: ({ version }) => version },
    { name: 'kernel', value: ({ kernel }) => kernel },
  ],
  metrics: [
    {
      name: 'ipvs_info',
      type: 'gauge',
      help: 'Version of ipvs and release of the kernel. Always 1.',
      value: () => 1,
    },
  ],
};

export const directorMetrics: MetricGroup<MeasuredDirector> = {
  labels: [],
  metrics: [
    {
      name: 'ipvs_connection_table_size',
      type: 'gauge',
      help: 'Number of hash buckets of the connection table.',
      value: ({ connectionTableSize }) => connectionTableSize,
    },
    {
      name: 'ipvs_services',
      type: 'gauge',
      help: 'Number of virtual services.',
      value: ({ services }) => services.length,
    },
    {
      name: 'ipvs_servers',
      type: 'gauge',
      help: 'Number of real servers, each counted once for each virtual service that has it.',
      value: ({ services }) => services.reduce((sum, one) => sum + one.destinations.length, 0),
    },
  ],
};

export const serviceMetrics: MetricGroup<MeasuredService> = {
  labels: [
    { name: 'service', value: ({ id }) => formatServiceId(id) },
    { name: 'name', value: ({ name }) => name },
  ],
  metrics: [
    ...counterMetrics('service', 'the virtual service', (one: MeasuredService) => one.statistics),
    {
      name: 'ipvs_service_servers',
      type: 'gauge',
      help: 'Number of real servers of the virtual service.',
      value: ({ destinations }) => destinations.length,
    },
  ],
};

export const serverMetrics: MetricGroup<ServedBy> = {
  labels: [
    { name: 'service', value: ({ service }) => formatServiceId(service.id) },
    { name: 'name', value: ({ service }) => service.name },
    { name: 'server', value: ({ server }) => formatDestinationId(server.id) },
  ],
  metrics: [
    ...counterMetrics('server', 'the real server', ({ server }: ServedBy) => server.statistics),
    {
      name: 'ipvs_server_weight',
      type: 'gauge',
      help: 'Weight of the real server. With 0 it gets no new connections.',
      value: ({ server }) => server.settings.weight,
    },
    {
      name: 'ipvs_server_active_connections',
      type: 'gauge',
      help: 'Connections to the real server that are established.',
      value: ({ server }) => server.activeConnections,
    },
    {
      name: 'ipvs_server_inactive_connections',
      type: 'gauge',
      help: 'Connections to the real server in any other state.',
      value: ({ server }) => server.inactiveConnections,
    },
    {
      name: 'ipvs_server_persistent_connections',
      type: 'gauge',
      help: 'Templates that keep persistent clients on the real server.',
      value: ({ server }) => server.persistentConnections,
    },
    {
      name: 'ipvs_server_upper_threshold',
      type: 'gauge',
      help: 'Number of connections from which on the real server gets no new ones. 0 is no limit.',
      value: ({ server }) => server.settings.upperThreshold,
    },
    {
      name: 'ipvs_server_overloaded',
      type: 'gauge',
      help: 'Whether the real server has as many connections as its upper threshold allows: 1 or 0.',
      value: ({ server }) => (isFull(server) ? 1 : 0),
    },
  ],
};

function counterMetrics<Subject>(
  kind: string,
  whose: string,
  countersOf: (subject: Subject) => Counters,
): Metric<Subject>[] {
  const metric = (name: string, help: string, key: keyof Counters): Metric<Subject> => ({
    name: `ipvs_${kind}_${name}_total`,
    type: 'counter',
    help: `${help} ${whose} since its counters were last zeroed.`,
    value: (subject) => countersOf(subject)[key],
  });
  return [
    metric('connections', 'Connections scheduled to', 'connections'),
    metric('incoming_packets', 'Packets from clients to', 'incomingPackets'),
    metric('outgoing_packets', 'Packets to clients from', 'outgoingPackets'),
    metric('incoming_bytes', 'Bytes from clients to', 'incomingBytes'),
    metric('outgoing_bytes', 'Bytes to clients from', 'outgoingBytes'),
  ];
}

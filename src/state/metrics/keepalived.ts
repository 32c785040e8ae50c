import type { DestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark, protocols } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { Counters, MeasuredService, ServedBy } from './subjects.js';
import { goNumber } from './text.js';
import type { Metric, MetricGroup } from './text.js';

/**
 * The series of services and real servers that exporters for keepalived have, with counters of 64 bits. A service by mark
 * is called as elsewhere here, `mark:7`, and has protocol 0. Their type is left open, because their names are not those of
 * counters.
 */

export const vipMetrics: MetricGroup<MeasuredService> = {
  isSorted: true,
  format: goNumber,
  labels: [
    { name: 'addr', value: ({ id }) => serviceAddress(id) },
    { name: 'proto', value: ({ id }) => protocolNumber(id) },
  ],
  metrics: counterMetrics('vip', 'VIP', ({ statistics }) => statistics),
};

export const rsMetrics: MetricGroup<ServedBy> = {
  isSorted: true,
  format: goNumber,
  labels: [
    { name: 'addr', value: ({ server }) => end(server.id) },
    { name: 'proto', value: ({ service }) => protocolNumber(service.id) },
    { name: 'vip', value: ({ service }) => serviceAddress(service.id) },
  ],
  metrics: counterMetrics('rs', 'RS', ({ server }) => server.statistics),
};

function counterMetrics<Subject>(
  kind: string,
  title: string,
  countersOf: (subject: Subject) => Counters,
): Metric<Subject>[] {
  const metric = (name: string, help: string, key: keyof Counters): Metric<Subject> => ({
    name: `keepalived_lvs_${kind}_${name}`,
    type: 'untyped',
    help: `${title} ${help}`,
    value: (subject) => countersOf(subject)[key],
  });
  return [
    metric('conn', 'connections', 'connections'),
    metric('in_bytes', 'in bytes', 'incomingBytes'),
    metric('in_packets', 'in packets', 'incomingPackets'),
    metric('out_bytes', 'out bytes', 'outgoingBytes'),
    metric('out_packets', 'out packets', 'outgoingPackets'),
  ];
}

function serviceAddress(id: ServiceId): string {
  return isMark(id) ? formatServiceId(id) : end(id);
}

function protocolNumber(id: ServiceId): string {
  return String(isMark(id) ? 0 : protocols[id.protocol]);
}

/** IPv6 without brackets. */
function end({ address, port }: DestinationId): string {
  return `${address}:${port}`;
}

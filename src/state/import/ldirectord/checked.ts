import type { JsonRecord } from '../../../common/json.js';
import { isMark } from '../../../ipvs/model/service.js';
import type { ServiceId } from '../../../ipvs/model/service.js';
import type { WantedDestination } from '../../table.js';
import type { RealLine } from './endpoints.js';
import type { LineReport } from './line-report.js';
import { servicePorts } from './settings.js';
import type { Settings } from './settings.js';

/** What checks of a virtual service depend on. */
export interface CheckedService {
  readonly id: ServiceId;
  /** As ldirectord hands it to commands: the address, in brackets for IPv6, or the mark. */
  readonly virtualWord: string;
  /** The kind of service that a negotiation expects. */
  readonly kind: string;
  readonly settings: Settings;
  readonly globals: Settings;
  readonly report: LineReport;
}

/** A real server to check, with its address and port as they were written. */
export interface CheckedServer {
  readonly wanted: WantedDestination;
  readonly address: string;
  readonly port: number;
  readonly exchange: RealLine['exchange'];
}

export function isUdp({ id }: Pick<CheckedService, 'id'>): boolean {
  return !isMark(id) && id.protocol === 'udp';
}

/** The key `port`, where the check goes to another one than the server's; undefined when there is none to go to. */
export function checkedPort(
  { settings, kind, report }: CheckedService,
  { wanted, port }: CheckedServer,
  line: number,
): { readonly port?: number } | undefined {
  const asked = settings.number('checkport') ?? (port > 0 ? port : servicePorts[kind]);
  if (asked === undefined) {
    const message =
      'there is no port to check: ldirectord finds such servers down at all times; no check is written. ' +
      'Give the real servers a port, or set checkport';
    report.lost(line, message);
    return undefined;
  }
  return asked === wanted.id.port ? {} : { port: asked };
}

export function connectTimeout({ settings, globals }: CheckedService): number {
  return (
    settings.number('checktimeout') ??
    settings.number('negotiatetimeout') ??
    globals.number('checktimeout') ??
    globals.number('negotiatetimeout') ??
    5
  );
}

export function negotiateTimeout({ settings, globals }: CheckedService): number {
  return (
    settings.number('negotiatetimeout') ??
    settings.number('checktimeout') ??
    globals.number('negotiatetimeout') ??
    globals.number('checktimeout') ??
    30
  );
}

/**
 * The times of a check, all of them, since ldirectord's defaults are others: it has one interval, in which one success is
 * enough.
 * @param every at how many intervals it runs.
 */
export function times(
  { settings, globals }: CheckedService,
  timeoutSeconds: number,
  every = 1,
): JsonRecord {
  const own = globals.value('fork') === 'yes' ? settings.number('checkinterval') : undefined;
  const interval = `${(own ?? globals.number('checkinterval') ?? 10) * every}s`;
  const fall = settings.number('failurecount') ?? globals.number('failurecount') ?? 1;
  return {
    interval,
    ...(fall > 1 && { fastInterval: interval }),
    downInterval: interval,
    timeout: `${timeoutSeconds}s`,
    rise: 1,
    fall,
  };
}

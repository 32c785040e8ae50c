import type { IpAddress } from '../../../ipvs/model/address.js';
import { formatDestinationId } from '../../../ipvs/model/destination.js';
import { familyOf, formatEndpoint, isMark } from '../../../ipvs/model/service.js';
import type { ServiceId } from '../../../ipvs/model/service.js';
import type { ImportSources } from '../imported.js';
import type { WantedDestination } from '../../table.js';
import type { CheckedServer } from './checked.js';
import {
  addressOf,
  addressRange,
  LineError,
  methodOptions,
  portOf,
  readFallback,
  readReal,
} from './endpoints.js';
import type { MethodName, RealLine } from './endpoints.js';
import { destinationOf } from './ipvsadm-lines.js';
import type { LineReport } from './line-report.js';
import type { ConfigLine } from './sections.js';

/** Real servers of a whole configuration, at most. */
const MOST_SERVERS = 200_000;

/** How many real servers may still come. */
export interface Allowance {
  servers: number;
}

export function newAllowance(): Allowance {
  return { servers: MOST_SERVERS };
}

/** What reading the lines of a virtual service needs. */
export interface ServerContext {
  readonly id: ServiceId;
  readonly sources: ImportSources;
  readonly report: LineReport;
  readonly allowance: Allowance;
}

/** The real servers of `real` lines; lines that are wrong are reported. */
export async function realServers(
  lines: readonly ConfigLine[],
  context: ServerContext,
): Promise<readonly CheckedServer[]> {
  const servers = new Servers(context);
  for (const line of lines) {
    try {
      for (const server of await serversOf(line, context)) servers.add(server, line.line);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      context.report.wrong(line.line, error.message);
    }
  }
  return servers.all();
}

/** Real servers as they come into the table one after the other. */
class Servers {
  readonly #byTable = new Map<string, CheckedServer>();
  readonly #context: ServerContext;

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Of two with the address and port that are written, the last counts; of two that come to one, the first. */
  add(server: CheckedServer, line: number): void {
    const { id, report } = this.#context;
    const key = formatDestinationId(server.wanted.id);
    const before = this.#byTable.get(key);
    if (before === undefined) {
      this.#byTable.set(key, server);
      return;
    }
    const same = before.port === server.port;
    const message = same
      ? `${key} is in this service above already: the last line counts`
      : `${key} is in this service above already, since only masq has ports of its own: the first line counts`;
    report.about({ service: id, server: server.wanted.id }).info(line, message);
    if (same) this.#byTable.set(key, server);
  }

  all(): readonly CheckedServer[] {
    return [...this.#byTable.values()];
  }
}

async function serversOf(
  { value, line }: ConfigLine,
  { id, sources, report, allowance }: ServerContext,
): Promise<readonly CheckedServer[]> {
  const real = readReal(value);
  const first = await addressOf(real.host, familyOf(id), sources);
  const port = portOf(real.port ?? '0', ['tcp', 'udp', 'sctp'], sources);
  const addresses =
    real.lastHost === undefined
      ? [first]
      : addressRange(first, await addressOf(real.lastHost, familyOf(id), sources));
  allowance.servers -= addresses.length;
  if (allowance.servers < 0) throw new LineError(`more than ${MOST_SERVERS} real servers in all`);
  const wanted = destinationOf(id, serverOptions(first, port, real));
  if (!isMark(id) && port !== 0 && port !== wanted.id.port) {
    report.info(line, otherPort(port, wanted.id.port, real.method));
  }
  return addresses.map((address) => ({
    wanted: { ...wanted, id: { address, port: wanted.id.port } },
    address: address.family === 'ipv6' ? `[${address}]` : String(address),
    port,
    exchange: real.exchange,
  }));
}

/** ldirectord looks for the port that is written, and the table has another one. */
function otherPort(written: number, used: number, method: MethodName): string {
  return (
    `the port ${written} is not used, as ${method} leaves the port of packets as it is: it is ${used} here. ` +
    'Write that, or masq: ldirectord does not find such a server in the table again'
  );
}

/** In ldirectord's order, for ipvsadm. */
function serverOptions(
  address: IpAddress,
  port: number,
  { method, weight, upperThreshold, lowerThreshold }: RealLine,
): readonly string[] {
  const thresholds = ['-x', String(upperThreshold), '-y', String(lowerThreshold)];
  const server = ['-r', formatEndpoint(address, port), methodOptions[method]];
  return [...thresholds, ...server, '-w', weight];
}

/**
 * The server of a `fallback` line, which has weight 1.
 * @param defaultPort the virtual service's, where the line names none.
 * @throws LineError when it is none.
 */
export async function fallbackServer(
  { value }: ConfigLine,
  id: ServiceId,
  defaultPort: number,
  sources: ImportSources,
): Promise<WantedDestination> {
  const { host, port, method } = readFallback(value);
  const protocol = 'protocol' in id ? id.protocol : 'tcp';
  const number = port === undefined ? defaultPort : portOf(port, [protocol], sources);
  const address = await addressOf(host, familyOf(id), sources);
  const server = ['-r', formatEndpoint(address, number), methodOptions[method]];
  return destinationOf(id, [...server, '-w', '1']);
}

import type { Release } from '../ipvs/wire/schema.js';
import type { ServiceEntry } from '../ipvs/client/client.js';
import type { Timeouts } from '../ipvs/model/timeouts.js';
import { AF_INET, AF_INET6 } from '../ipvs/wire/constants.js';
import type { CommandName } from '../ipvs/wire/constants.js';
import { decodeDaemon, encodeDaemon } from '../ipvs/model/daemon.js';
import type { SyncDaemon, SyncDaemonInput } from '../ipvs/model/daemon.js';
import { decodeDestination } from '../ipvs/model/destination.js';
import type {
  CommandAttributes,
  DaemonAttributes,
  ServiceAttributes,
} from '../ipvs/wire/schema.js';
import { decodeService, familyOf } from '../ipvs/model/service.js';
import { ack, data, done, fakeKernel, info, refuse } from './fake-kernel.js';
import type { Answer, ErrnoName, FakeKernel, FakeRequest, Reply } from './fake-kernel.js';
import { asKept, asRead, asSent, NEWEST, schedulersOf } from './releases.js';
import {
  changeDestination,
  checkService,
  isForeign,
  isMixed,
  isService,
  serviceKey,
  setService,
  stored,
  withDaemonDefaults,
  zero,
} from './table-rules.js';
import type { Entry, Outcome } from './table-rules.js';
import { presetEntry } from './presets.js';
import type { PresetService } from './presets.js';

/** What a {@link tableKernel} is and has at the start. */
export interface TableKernelOptions {
  /** In the order in which dumps give them, and their real servers likewise. */
  readonly services?: readonly PresetService[] | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly daemons?: readonly SyncDaemonInput[] | undefined;
  /** Interfaces that a daemon may use. Default eth0. */
  readonly interfaces?: readonly string[] | undefined;
  readonly connectionTableSize?: number | undefined;
  /** The kernel: attributes that came later are unknown to it. Default 6.1. */
  readonly release?: Release | undefined;
  /** Default 1.2.1. */
  readonly version?: readonly [major: number, minor: number, patch: number] | undefined;
  /** Refuses a request before the table sees it: EPERM for all of them, say. */
  readonly refuse?: ((request: FakeRequest) => ErrnoName | undefined) | undefined;
  /** What look-ups of the family get. `ENOENT`: the kernel has no IPVS. */
  readonly family?: ErrnoName | Answer | undefined;
}

/** A {@link FakeKernel} with a table: what is in it can be looked at without a client. */
export interface TableKernel extends FakeKernel {
  /** What `IpvsClient.table` gives. */
  table(): ServiceEntry[];
  /** What `IpvsClient.timeouts` gives. */
  timeouts(): Timeouts;
  /** What `IpvsClient.syncDaemons` gives. */
  daemons(): SyncDaemon[];
}

/** INT_MAX / HZ, for the 1000 of most distributions. */
const LONGEST_TIMEOUT = 2_147_483;
class Table {
  entries: Entry[];
  daemons: DaemonAttributes[];
  timeouts: [tcp: number, tcpFin: number, udp: number];
  readonly #interfaces: readonly string[];
  readonly #schedulers: readonly string[];

  constructor(options: TableKernelOptions) {
    const { tcpSeconds = 900, tcpFinSeconds = 120, udpSeconds = 300 } = options.timeouts ?? {};
    this.timeouts = [tcpSeconds, tcpFinSeconds, udpSeconds];
    this.#interfaces = options.interfaces ?? ['eth0'];
    this.#schedulers = schedulersOf(options.release ?? NEWEST);
    this.entries = (options.services ?? []).map(presetEntry);
    this.daemons = (options.daemons ?? []).map((daemon) =>
      withDaemonDefaults(encodeDaemon(daemon)),
    );
  }

  find(wanted: ServiceAttributes | undefined): Entry | undefined {
    if (wanted === undefined) return undefined;
    const key = serviceKey(wanted);
    return this.entries.find(({ attributes }) => serviceKey(attributes) === key);
  }

  change({ command, attributes: { SERVICE, DEST, DAEMON, ...timeouts } }: FakeRequest): Outcome {
    if (command === 'FLUSH') return this.#flush();
    if (command === 'NEW_DAEMON') return this.#startDaemon(DAEMON);
    if (command === 'DEL_DAEMON') return this.#stopDaemon(DAEMON);
    if (command === 'SET_CONFIG') return this.#setTimeouts(timeouts);
    if (command === 'ZERO' && SERVICE === undefined) return zero(this.entries);
    if (SERVICE === undefined || !isService(SERVICE)) return 'EINVAL';
    if (SERVICE.AF !== AF_INET && SERVICE.AF !== AF_INET6) return 'EAFNOSUPPORT';
    const entry = this.find(SERVICE);
    if (command === 'NEW_SERVICE') {
      return entry === undefined ? this.#addService(SERVICE) : 'EEXIST';
    }
    if (entry === undefined) return 'ESRCH';
    if (command === 'SET_SERVICE') return setService(entry, SERVICE, this.#schedulers);
    if (command === 'ZERO') return zero([entry]);
    if (command === 'DEL_SERVICE') {
      this.entries = this.entries.filter((other) => other !== entry);
      return undefined;
    }
    const server = DEST && asKept(DEST, entry.attributes);
    const synchronised = this.daemons.length > 0;
    if (synchronised && command === 'NEW_DEST' && isForeign(entry, server)) return 'EINVAL';
    return changeDestination(entry, command, server);
  }

  #flush(): Outcome {
    this.entries = [];
    return undefined;
  }

  #addService(given: ServiceAttributes): Outcome {
    const refused = checkService(given, this.#schedulers);
    if (refused !== undefined) return refused;
    this.entries.unshift({ attributes: stored(given), destinations: [] });
    return undefined;
  }

  #startDaemon(daemon: DaemonAttributes | undefined): Outcome {
    const { STATE, MCAST_IFN, SYNC_ID } = daemon ?? {};
    if (daemon === undefined || STATE === undefined || SYNC_ID === undefined) return 'EINVAL';
    if (MCAST_IFN === undefined) return 'EINVAL';
    if (this.entries.some(isMixed)) return 'EINVAL';
    if (!this.#interfaces.includes(MCAST_IFN)) return 'ENODEV';
    if (this.daemons.some((other) => other.STATE === STATE)) return 'EEXIST';
    this.daemons = [...this.daemons, withDaemonDefaults(daemon)].sort(
      (a, b) => (a.STATE ?? 0) - (b.STATE ?? 0),
    );
    return undefined;
  }

  #stopDaemon(daemon: DaemonAttributes | undefined): Outcome {
    if (daemon?.STATE === undefined) return 'EINVAL';
    const others = this.daemons.filter(({ STATE }) => STATE !== daemon.STATE);
    if (others.length === this.daemons.length) return 'ESRCH';
    this.daemons = others;
    return undefined;
  }

  #setTimeouts(given: {
    readonly TIMEOUT_TCP?: number | undefined;
    readonly TIMEOUT_TCP_FIN?: number | undefined;
    readonly TIMEOUT_UDP?: number | undefined;
  }): Outcome {
    const { TIMEOUT_TCP: tcp = 0, TIMEOUT_TCP_FIN: tcpFin = 0, TIMEOUT_UDP: udp = 0 } = given;
    if (Math.max(tcp, tcpFin, udp) > LONGEST_TIMEOUT) return 'EINVAL';
    const [oldTcp, oldTcpFin, oldUdp] = this.timeouts;
    this.timeouts = [tcp || oldTcp, tcpFin || oldTcpFin, udp || oldUdp];
    return undefined;
  }
}

/**
 * A kernel in memory, with services, real servers, timeouts and sync daemons, and the error codes of the real one
 * (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_genl_set_cmd). There are no packets: counters are what the test sets at the start.
 * Dumps give the newest entry first, as the kernel's lists do.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { tableKernel } from 'ipvs/testing';
 *
 * const web = 'tcp:192.0.2.1:80';
 * const kernel = tableKernel({
 *   services: [{ service: web, destinations: [{ destination: '10.0.0.2:80', activeConnections: 3 }] }],
 * });
 * await using client = await IpvsClient.open({ socket: kernel });
 *
 * await client.updateDestination(web, '10.0.0.2:80', { weight: 0 });
 * const [server] = kernel.table()[0]?.destinations ?? [];
 * console.log(server?.settings.weight, server?.activeConnections); // 0 3
 * const error: unknown = await client.addService(web).catch((reason: unknown) => reason);
 * console.log(error instanceof Error && error.message); // cannot add the service tcp:192.0.2.1:80: it already exists (EEXIST)
 * ```
 */
export function tableKernel(options: TableKernelOptions = {}): TableKernel {
  const table = new Table(options);
  const answer = (request: FakeRequest): Reply[] => {
    const refused = options.refuse?.(request);
    if (refused !== undefined) return [refuse(request, refused)];
    const attributes = asRead(options.release ?? NEWEST, request.attributes);
    return answerFrom(table, { ...request, attributes }, options);
  };
  const { family } = options;
  const kernel = fakeKernel(
    answer,
    typeof family === 'string' ? (request) => [refuse(request, family)] : family,
  );
  return Object.assign(kernel, {
    table: () => table.entries.map(decodeEntry),
    timeouts: () => {
      const [tcpSeconds, tcpFinSeconds, udpSeconds] = table.timeouts;
      return { tcpSeconds, tcpFinSeconds, udpSeconds };
    },
    daemons: () => table.daemons.map(decodeDaemon),
  });
}

function answerFrom(table: Table, request: FakeRequest, options: TableKernelOptions): Reply[] {
  const { command, attributes, isDump } = request;
  if (command === 'GET_INFO') {
    const [major, minor, patch] = options.version ?? [1, 2, 1];
    const VERSION = (major << 16) | (minor << 8) | patch;
    const CONN_TAB_SIZE = options.connectionTableSize ?? 4096;
    return [info(request, { VERSION, CONN_TAB_SIZE }), ack(request)];
  }
  if (command === 'GET_CONFIG') {
    const [TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP] = table.timeouts;
    const values = { TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP };
    return [data(request, 'SET_CONFIG', values), ack(request)];
  }
  if (command === 'GET_SERVICE' && !isDump) {
    const entry = table.find(attributes.SERVICE);
    if (entry === undefined) return [refuse(request, 'ESRCH')];
    const sent = asSent(options.release ?? NEWEST, { SERVICE: entry.attributes });
    return [data(request, 'NEW_SERVICE', sent), ack(request)];
  }
  if (isDump) return [...dump(table, request, options.release ?? NEWEST), done(request)];
  const outcome = table.change(request);
  return [outcome === undefined ? ack(request) : refuse(request, outcome)];
}

function dump(table: Table, request: FakeRequest, release: Release): Uint8Array[] {
  const entry = (command: CommandName, attributes: CommandAttributes) =>
    data(request, command, asSent(release, attributes));
  if (request.command === 'GET_SERVICE') {
    return table.entries.map(({ attributes }) => entry('NEW_SERVICE', { SERVICE: attributes }));
  }
  if (request.command === 'GET_DEST') {
    const destinations = table.find(request.attributes.SERVICE)?.destinations ?? [];
    return destinations.map((DEST) => entry('NEW_DEST', { DEST }));
  }
  return table.daemons.map((DAEMON) => entry('NEW_DAEMON', { DAEMON }));
}

function decodeEntry({ attributes, destinations }: Entry): ServiceEntry {
  const service = decodeService(attributes);
  const family = familyOf(service.id);
  return { service, destinations: destinations.map((one) => decodeDestination(one, family)) };
}

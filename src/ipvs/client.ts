import { constants } from 'node:os';
import type { BatchOptions } from '../netlink/connection.js';
import { NetlinkError } from '../netlink/errors.js';
import type { CallOptions } from '../netlink/patience.js';
import { readConnections } from './connections.js';
import type { Connection } from './connections.js';
import { daemonStates, decodeDaemon, encodeDaemon } from './daemon.js';
import type { SyncDaemon, SyncDaemonInput, SyncDaemonState } from './daemon.js';
import { decodeDestination, formatDestinationId } from './destination.js';
import type { Destination, DestinationIdInput, DestinationSettingsInput } from './destination.js';
import { withCause } from './errors.js';
import { Kernel } from './kernel.js';
import type { BatchFailure, OpenOptions } from './kernel.js';
import { toKernelRequest } from './operations.js';
import type { Operation } from './operations.js';
import {
  decodeService,
  encodeServiceId,
  familyOf,
  formatServiceId,
  toServiceId,
} from './service.js';
import type { ServiceId, ServiceIdInput, ServiceSettingsInput, VirtualService } from './service.js';

/** What the kernel says of its IPVS. */
export interface IpvsInfo {
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number };
  /** Buckets of the connection table. */
  readonly connectionTableSize: number;
}

/** Seconds that idle connections are kept. */
export interface Timeouts {
  readonly tcpSeconds: number;
  /** After a FIN. */
  readonly tcpFinSeconds: number;
  readonly udpSeconds: number;
}

/** A virtual service and its real servers. */
export interface TableEntry {
  readonly service: VirtualService;
  readonly destinations: readonly Destination[];
}

/** How a batch went. */
export interface BatchOutcome {
  /** Operations that took effect. */
  readonly applied: number;
  /** Those that did not, in order. */
  readonly failures: readonly BatchFailure[];
}

/**
 * A client of the kernel's IPVS in the network namespace of this process.
 *
 * Calls may overlap: each gets its own replies. Every call rejects with an {@link IpvsError} when the kernel refuses it
 * (IPVS wants CAP_NET_ADMIN in the initial user namespace, for reading too), and with a RangeError, before anything is
 * sent, when a value has no place on the wire. An open client does not keep the process alive; a call that waits does.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 *
 * await using client = await IpvsClient.open();
 * const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
 * await client.addService(web, { scheduler: 'rr' });
 * await client.addDestination(web, { address: '10.0.0.2', port: 8080 }, { forwardingMethod: 'nat' });
 * for await (const { service, destinations } of client.table()) {
 *   console.log(service.settings.scheduler, destinations.length); // rr 1
 * }
 * ```
 */
export class IpvsClient implements AsyncDisposable {
  readonly #kernel: Kernel;

  private constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * Opens a client. ENOENT when the kernel has no IPVS and the module could not be loaded: `error.moduleLoader` then says
   * what the loader said.
   */
  static async open(options: OpenOptions = {}): Promise<IpvsClient> {
    return new IpvsClient(await Kernel.open(options));
  }

  /** Closes the socket. Calls that wait reject with ECANCELED; closing again does nothing. */
  close(): void {
    this.#kernel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Version and table size. IPVS_CMD_GET_INFO. */
  async info(options?: CallOptions): Promise<IpvsInfo> {
    const { VERSION = 0, CONN_TAB_SIZE = 0 } = await this.#kernel.info(options);
    const version = { major: VERSION >> 16, minor: (VERSION >> 8) & 0xff, patch: VERSION & 0xff };
    return { version, connectionTableSize: CONN_TAB_SIZE };
  }

  /**
   * Every virtual service, in the kernel's order, each once. The table may change meanwhile: what is added or deleted
   * during the walk may be seen or not. IPVS_CMD_GET_SERVICE, a dump.
   */
  async *services(options?: CallOptions): AsyncGenerator<VirtualService, void, undefined> {
    const seen = new Set<string>();
    const facts = { operation: 'services', command: 'GET_SERVICE' } as const;
    for await (const { SERVICE } of this.#kernel.dump(facts, {}, options)) {
      if (SERVICE === undefined) continue;
      const service = decodeService(SERVICE);
      if (isNew(seen, formatServiceId(service.id))) yield service;
    }
  }

  /** One virtual service. ESRCH when there is none. IPVS_CMD_GET_SERVICE. */
  async service(id: ServiceIdInput, options?: CallOptions): Promise<VirtualService> {
    const service = toServiceId(id);
    const facts = { operation: 'service', command: 'GET_SERVICE', service } as const;
    const attributes = { SERVICE: encodeServiceId(service) };
    const [reply] = await this.#kernel.query(facts, attributes, options);
    if (reply?.SERVICE === undefined) {
      throw withCause(facts, new NetlinkError('decode', constants.errno.EBADMSG));
    }
    return decodeService(reply.SERVICE);
  }

  /**
   * The real servers of a virtual service, in the kernel's order, each once. ESRCH when there is no such service.
   * IPVS_CMD_GET_DEST, a dump.
   */
  async *destinations(
    id: ServiceIdInput,
    options?: CallOptions,
  ): AsyncGenerator<Destination, void, undefined> {
    const service = toServiceId(id);
    let empty = true;
    for await (const destination of this.#destinationsOf(service, options)) {
      empty = false;
      yield destination;
    }
    // The kernel answers the same for a service without real servers and for none.
    if (empty) await this.service(service, options);
  }

  /** Every virtual service with its real servers, a service at a time. */
  async *table(options?: CallOptions): AsyncGenerator<TableEntry, void, undefined> {
    for await (const service of this.services(options)) {
      const destinations: Destination[] = [];
      for await (const destination of this.#destinationsOf(service.id, options)) {
        destinations.push(destination);
      }
      yield { service, destinations };
    }
  }

  /** EEXIST when it is there; ENOENT when the kernel knows no such scheduler. IPVS_CMD_NEW_SERVICE. */
  addService(
    service: ServiceIdInput,
    settings?: ServiceSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#change({ operation: 'addService', service, settings }, options);
  }

  /**
   * Sets all settings anew: what is left out gets its default. Real servers and counters stay. ESRCH when there is no such
   * service. IPVS_CMD_SET_SERVICE.
   */
  setService(
    service: ServiceIdInput,
    settings?: ServiceSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#change({ operation: 'setService', service, settings }, options);
  }

  /** Deletes it with its real servers. ESRCH when there is no such service. IPVS_CMD_DEL_SERVICE. */
  deleteService(service: ServiceIdInput, options?: CallOptions): Promise<void> {
    return this.#change({ operation: 'deleteService', service }, options);
  }

  /** EEXIST when it is there; ESRCH when there is no such service. IPVS_CMD_NEW_DEST. */
  addDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    settings?: DestinationSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#change({ operation: 'addDestination', service, destination, settings }, options);
  }

  /**
   * Sets all settings anew: what is left out gets its default. Connections stay. ESRCH when there is no such service,
   * ENOENT when it has no such real server. IPVS_CMD_SET_DEST.
   */
  setDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    settings?: DestinationSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#change({ operation: 'setDestination', service, destination, settings }, options);
  }

  /** ESRCH when there is no such service, ENOENT when it has no such real server. IPVS_CMD_DEL_DEST. */
  deleteDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#change({ operation: 'deleteDestination', service, destination }, options);
  }

  /** Deletes every virtual service. Connections, timeouts and daemons stay. IPVS_CMD_FLUSH. */
  flush(options?: CallOptions): Promise<void> {
    return this.#change({ operation: 'flush' }, options);
  }

  /**
   * Sets counters to zero: of one service and its real servers, or of all and the totals. ESRCH when there is no such
   * service. IPVS_CMD_ZERO.
   */
  zero(service?: ServiceIdInput, options?: CallOptions): Promise<void> {
    const operation: Operation =
      service === undefined ? { operation: 'zeroAll' } : { operation: 'zeroService', service };
    return this.#change(operation, options);
  }

  /** IPVS_CMD_GET_CONFIG. */
  async timeouts(options?: CallOptions): Promise<Timeouts> {
    const facts = { operation: 'timeouts', command: 'GET_CONFIG' } as const;
    const [reply] = await this.#kernel.query(facts, {}, options);
    return {
      tcpSeconds: reply?.TIMEOUT_TCP ?? 0,
      tcpFinSeconds: reply?.TIMEOUT_TCP_FIN ?? 0,
      udpSeconds: reply?.TIMEOUT_UDP ?? 0,
    };
  }

  /** Seconds, 1 to 2,147,483; what is 0 or left out stays as it is. EINVAL beyond. IPVS_CMD_SET_CONFIG. */
  async setTimeouts(timeouts: Partial<Timeouts>, options?: CallOptions): Promise<void> {
    const facts = { operation: 'setTimeouts', command: 'SET_CONFIG' } as const;
    const attributes = {
      TIMEOUT_TCP: timeouts.tcpSeconds ?? 0,
      TIMEOUT_TCP_FIN: timeouts.tcpFinSeconds ?? 0,
      TIMEOUT_UDP: timeouts.udpSeconds ?? 0,
    };
    await this.#kernel.query(facts, attributes, options);
  }

  /** EEXIST when one runs in that state, ENODEV when there is no such interface. IPVS_CMD_NEW_DAEMON. */
  async startSyncDaemon(daemon: SyncDaemonInput, options?: CallOptions): Promise<void> {
    const facts = { operation: 'startSyncDaemon', command: 'NEW_DAEMON' } as const;
    await this.#kernel.query(facts, { DAEMON: encodeDaemon(daemon) }, options);
  }

  /** ESRCH when none runs in that state. IPVS_CMD_DEL_DAEMON. */
  async stopSyncDaemon(state: SyncDaemonState, options?: CallOptions): Promise<void> {
    const facts = { operation: 'stopSyncDaemon', command: 'DEL_DAEMON' } as const;
    await this.#kernel.query(facts, { DAEMON: { STATE: daemonStates[state] } }, options);
  }

  /** The daemons that run: none, a master, a backup or both. IPVS_CMD_GET_DAEMON, a dump. */
  async syncDaemons(options?: CallOptions): Promise<SyncDaemon[]> {
    const daemons: SyncDaemon[] = [];
    const facts = { operation: 'syncDaemons', command: 'GET_DAEMON' } as const;
    for await (const { DAEMON } of this.#kernel.dump(facts, {}, options)) {
      if (DAEMON !== undefined) daemons.push(decodeDaemon(DAEMON));
    }
    return daemons;
  }

  /** The connection table, an entry at a time. Source: /proc/net/ip_vs_conn. */
  async *connections(options?: CallOptions): AsyncGenerator<Connection, void, undefined> {
    try {
      yield* readConnections(undefined, options);
    } catch (error) {
      throw withCause({ operation: 'connections' }, error);
    }
  }

  /**
   * Makes many changes with few system calls: for hundreds of them much faster than one by one. They are applied in order;
   * one that is refused does not stop the rest. Values are checked before the first is sent.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   * const service = { firewallMark: 7 };
   * const { applied, failures } = await client.batch([
   *   { operation: 'addService', service },
   *   { operation: 'addDestination', service, destination: { address: '10.0.0.2', port: 0 } },
   *   { operation: 'addService', service },
   * ]);
   * console.log(applied, failures[0]?.index, failures[0]?.error.code); // 2 2 EEXIST
   * ```
   */
  async batch(operations: Iterable<Operation>, options?: BatchOptions): Promise<BatchOutcome> {
    const requests = Array.from(operations, toKernelRequest);
    const failures = await this.#kernel.batch(requests, options);
    return { applied: requests.length - failures.length, failures };
  }

  async *#destinationsOf(
    service: ServiceId,
    options: CallOptions | undefined,
  ): AsyncGenerator<Destination, void, undefined> {
    const family = familyOf(service);
    const attributes = { SERVICE: encodeServiceId(service) };
    const seen = new Set<string>();
    const facts = { operation: 'destinations', command: 'GET_DEST', service } as const;
    for await (const { DEST } of this.#kernel.dump(facts, attributes, options)) {
      if (DEST === undefined) continue;
      const destination = decodeDestination(DEST, family);
      if (isNew(seen, formatDestinationId(destination.id))) yield destination;
    }
  }

  async #change(operation: Operation, options: CallOptions | undefined): Promise<void> {
    const { attributes, ...facts } = toKernelRequest(operation);
    await this.#kernel.query(facts, attributes, options);
  }
}

/** Whether a key is seen for the first time: a dump of a table that changes may give an entry twice. */
function isNew(seen: Set<string>, key: string): boolean {
  const before = seen.size;
  return seen.add(key).size > before;
}

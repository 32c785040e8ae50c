/// <reference lib="esnext.disposable" preserve="true" />
import { constants } from 'node:os';
import type { BatchOptions, CallOptions } from '../../netlink/connection.js';
import { NetlinkError } from '../../netlink/errors.js';
import { collect } from '../../common/collect.js';
import type { Family } from '../../common/ip-family.js';
import { asOne, withCause } from '../errors.js';
import type { SyncDaemon, SyncDaemonInput, SyncDaemonState } from '../model/daemon.js';
import {
  compareDestinations,
  decodeDestination,
  decodeDestinationState,
  toDestinationId,
} from '../model/destination.js';
import type {
  Destination,
  DestinationIdInput,
  DestinationSettingsInput,
  DestinationState,
} from '../model/destination.js';
import { patchDestination, patchService } from '../model/patch.js';
import type { DestinationPatch, ServicePatch } from '../model/patch.js';
import {
  decodeService,
  decodeServiceState,
  encodeServiceId,
  isNameable,
  toServiceId,
} from '../model/service.js';
import type {
  ServiceId,
  ServiceIdInput,
  ServiceSettingsInput,
  ServiceState,
  VirtualService,
} from '../model/service.js';
import { decodeTimeouts, encodeTimeouts } from '../model/timeouts.js';
import type { Timeouts, TimeoutsInput } from '../model/timeouts.js';
import { readConnections } from '../proc/read-connections.js';
import type { Connection } from '../proc/read-connections.js';
import type { DestinationAttributes, ServiceAttributes } from '../wire/schema.js';
import { applyBatch, applyOne } from './changes.js';
import { readDaemons, startDaemon, stopDaemon } from './daemons.js';
import { FeatureDetection } from './feature-detection.js';
import { Kernel } from './kernel.js';
import type { OpenOptions } from './kernel.js';
import type { Operation } from './operations.js';
import { isMany } from './options.js';
import type {
  BatchOutcome,
  ConnectionsOptions,
  IpvsInfo,
  ReadOptions,
  ZeroOptions,
} from './options.js';
import {
  readDestinations,
  readDestinationsOfEach,
  readServices,
  tableEntries,
} from './read-table.js';
import type { OperationBatch } from './requests.js';

/** A virtual service and its real servers. */
export interface ServiceEntry {
  readonly service: VirtualService;
  readonly destinations: readonly Destination[];
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
 * const web = 'tcp:192.0.2.1:80';
 * await client.addService(web, { scheduler: 'rr' });
 * await client.addDestination(web, '10.0.0.2:8080', { forwardingMethod: 'nat' });
 * for await (const { service, destinations } of client.table()) {
 *   console.log(service.settings.scheduler, destinations.length); // rr 1
 * }
 * ```
 */
export class IpvsClient implements AsyncDisposable {
  readonly #kernel: Kernel;
  readonly #features: FeatureDetection;
  readonly #decode = (sent: DestinationAttributes, family: Family): Destination => {
    this.#features.observeDestination(sent);
    return decodeDestination(sent, family);
  };
  readonly #decodeState = (sent: DestinationAttributes, family: Family): DestinationState => {
    this.#features.observeDestination(sent);
    return decodeDestinationState(sent, family);
  };

  private constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#features = new FeatureDetection(kernel);
  }

  /**
   * Opens a client, with a look-up of the family `IPVS`. ENOENT when the kernel has no IPVS and the module could not be
   * loaded: `error.moduleLoader` then says what the loader said. EPERM or EACCES when the system allows no netlink socket.
   * CTRL_CMD_GETFAMILY.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open({ loadModule: false });
   * const { major, minor } = (await client.info()).version;
   * console.log(`IPVS ${major}.${minor}`); // IPVS 1.2
   * ```
   */
  static async open(options: OpenOptions = {}): Promise<IpvsClient> {
    return new IpvsClient(await Kernel.open(options));
  }

  /**
   * Closes the socket. Calls that wait reject with ECANCELED, and so do later ones; closing again does nothing.
   *
   * @example
   * ```ts
   * import { IpvsClient, IpvsError } from 'ipvs';
   *
   * const client = await IpvsClient.open();
   * client.close();
   * const error: unknown = await client.flush().catch((reason: unknown) => reason);
   * console.log(error instanceof IpvsError && error.code); // ECANCELED
   * ```
   */
  close(): void {
    this.#kernel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * The version of IPVS, and the number of buckets of its connection table (2⁸ to 2²⁷). IPVS_CMD_GET_INFO.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const { version, connectionTableSize } = await client.info();
   * console.log(version.major, connectionTableSize >= 256); // 1 true
   * ```
   */
  async info(options?: CallOptions): Promise<IpvsInfo> {
    const { VERSION = 0, CONN_TAB_SIZE = 0 } = await this.#kernel.info(options);
    const version = { major: VERSION >> 16, minor: (VERSION >> 8) & 0xff, patch: VERSION & 0xff };
    return { version, connectionTableSize: CONN_TAB_SIZE };
  }

  /**
   * Every virtual service, in the kernel's order, each once. The table may change meanwhile: what is added or deleted
   * during the walk may be seen or not. The kernel walks by position, and what is deleted lets it miss what stays: so a table
   * that does not come in one piece, of 32 KiB at most, is walked twice. Services of other protocols than TCP, UDP and SCTP
   * are passed over: the kernel takes them, and balances nothing for them. `statistics: false` leaves out the counters, which
   * are most of an entry: faster where there are thousands. IPVS_CMD_GET_SERVICE, a dump.
   *
   * @example
   * ```ts
   * import { formatServiceId, IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * await client.addService({ firewallMark: 7, family: 'ipv6' }, { scheduler: 'rr' });
   * for await (const { id, settings } of client.services()) {
   *   console.log(formatServiceId(id), settings.scheduler); // mark:7/ipv6 rr
   * }
   * ```
   */
  services(
    options: ReadOptions & { readonly statistics: false },
  ): AsyncGenerator<ServiceState, void, undefined>;
  services(
    options?: ReadOptions & { readonly statistics?: true | undefined },
  ): AsyncGenerator<VirtualService, void, undefined>;
  services(options?: ReadOptions): AsyncGenerator<ServiceState, void, undefined> {
    const decode = options?.statistics === false ? decodeServiceState : decodeService;
    return this.#services<ServiceState>(decode, options);
  }

  /**
   * One virtual service. ESRCH when there is none. IPVS_CMD_GET_SERVICE.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const dns = 'udp:192.0.2.1:53';
   * await client.addService(dns, { onePacket: true });
   * const { settings, statistics } = await client.service(dns);
   * console.log(settings.onePacket, statistics.connections); // true 0n
   * ```
   */
  async service(id: ServiceIdInput, options?: CallOptions): Promise<VirtualService> {
    const service = toServiceId(id);
    const facts = { operation: 'service', command: 'GET_SERVICE', service } as const;
    const attributes = { SERVICE: encodeServiceId(service) };
    const [reply] = await this.#kernel.query({ ...facts, attributes }, options);
    if (reply?.SERVICE === undefined || !isNameable(reply.SERVICE)) {
      throw withCause(facts, new NetlinkError('decode', constants.errno.EBADMSG));
    }
    return decodeService(reply.SERVICE);
  }

  /**
   * The real servers of a virtual service, in the kernel's order, each once; ESRCH when there is no such service. Of several
   * services: an array for each, in the order of the services, empty for one that does not exist; much faster than one by
   * one. `statistics: false` leaves out the counters, which are most of an entry: faster still. IPVS_CMD_GET_DEST, dumps; when
   * that gives nothing for one service, IPVS_CMD_GET_SERVICE too.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const web = 'tcp:192.0.2.1:80';
   * await client.addService(web);
   * await client.addService('mark:7');
   * await client.addDestination(web, '10.0.0.2:80');
   * for await (const { id, settings } of client.destinations(web)) {
   *   console.log(`${id.address}`, settings.weight); // 10.0.0.2 1
   * }
   * const counts = [];
   * for await (const servers of client.destinations(['mark:7', web], { statistics: false })) {
   *   counts.push(servers.length);
   * }
   * console.log(counts.join()); // 0,1
   * ```
   */
  destinations(
    service: ServiceIdInput,
    options: ReadOptions & { readonly statistics: false },
  ): AsyncGenerator<DestinationState, void, undefined>;
  destinations(
    service: ServiceIdInput,
    options?: ReadOptions & { readonly statistics?: true | undefined },
  ): AsyncGenerator<Destination, void, undefined>;
  destinations(
    services: Iterable<ServiceIdInput>,
    options: ReadOptions & { readonly statistics: false },
  ): AsyncGenerator<readonly DestinationState[], void, undefined>;
  destinations(
    services: Iterable<ServiceIdInput>,
    options?: ReadOptions & { readonly statistics?: true | undefined },
  ): AsyncGenerator<readonly Destination[], void, undefined>;
  destinations(
    services: ServiceIdInput | Iterable<ServiceIdInput>,
    options?: ReadOptions,
  ): AsyncGenerator<DestinationState | readonly DestinationState[], void, undefined> {
    const decode = options?.statistics === false ? this.#decodeState : this.#decode;
    if (!isMany(services)) return this.#destinations(toServiceId(services), decode, options);
    const ids = Array.from(services, toServiceId);
    return readDestinationsOfEach(this.#kernel, ids, decode, options);
  }

  /**
   * Every virtual service with its real servers, a service at a time. IPVS_CMD_GET_SERVICE and, for each service,
   * IPVS_CMD_GET_DEST, dumps; the notes at {@link services} and {@link destinations} hold.
   *
   * @example
   * ```ts
   * import { formatDestinationId, IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const service = { firewallMark: 7 };
   * await client.addService(service);
   * await client.addDestination(service, { address: '10.0.0.2', port: 0 });
   * for await (const { destinations } of client.table()) {
   *   console.log(destinations.map(({ id }) => formatDestinationId(id)).join()); // 10.0.0.2:0
   * }
   * ```
   */
  async *table(options?: CallOptions): AsyncGenerator<ServiceEntry, void, undefined> {
    const services = await collect(this.services(options));
    const table = tableEntries(
      services,
      (ids) => this.destinations(ids, options),
      (id) => this.service(id, options),
      false,
    );
    for await (const [entry] of table) yield entry;
  }

  /**
   * Adds a virtual service. EEXIST when it is there; ENOENT when the kernel knows no such scheduler or persistence engine,
   * and cannot load one. Ranges are those of {@link ServiceIdInput} and {@link ServiceSettings}. IPVS_CMD_NEW_SERVICE.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const web = 'tcp:[2001:db8::1]:80';
   * const persistence = { timeoutSeconds: 600, prefixLength: 64 };
   * await client.addService(web, { scheduler: 'wrr', persistence });
   * console.log((await client.service(web)).settings.persistence?.prefixLength); // 64
   * ```
   */
  addService(
    service: ServiceIdInput,
    settings?: ServiceSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#apply({ type: 'addService', service, settings }, options);
  }

  /**
   * Changes what the patch names, and leaves the rest as it is: reads the service, and writes it back. Real servers,
   * connections and counters stay. Two updates of one service at the same time may lose one of the two. ESRCH when there
   * is no such service, ENOENT when there is no such scheduler or persistence engine. IPVS_CMD_GET_SERVICE,
   * IPVS_CMD_SET_SERVICE.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const web = 'tcp:192.0.2.1:80';
   * await client.addService(web, { scheduler: 'rr', persistence: { timeoutSeconds: 360 } });
   * await client.updateService(web, { scheduler: 'wrr' });
   * const { scheduler, persistence } = (await client.service(web)).settings;
   * console.log(scheduler, persistence?.timeoutSeconds); // wrr 360
   * ```
   */
  async updateService(
    service: ServiceIdInput,
    patch: ServicePatch,
    options?: CallOptions,
  ): Promise<void> {
    const id = toServiceId(service);
    await asOne({ operation: 'updateService', service: id }, async () => {
      const { settings } = await this.service(id, options);
      await this.replaceService(id, patchService(settings, patch), options);
    });
  }

  /**
   * Replaces all settings of a virtual service: what is left out gets its default, as `ipvsadm -E` does. To change some of
   * them there is {@link updateService}. Real servers, connections and counters stay. ESRCH when there is no such service,
   * ENOENT when there is no such scheduler or persistence engine. IPVS_CMD_SET_SERVICE.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const web = 'tcp:192.0.2.1:80';
   * await client.addService(web, { scheduler: 'rr', persistence: { timeoutSeconds: 360 } });
   * await client.replaceService(web, { scheduler: 'wrr' });
   * console.log((await client.service(web)).settings.persistence); // undefined
   * ```
   */
  replaceService(
    service: ServiceIdInput,
    settings?: ServiceSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#apply({ type: 'replaceService', service, settings }, options);
  }

  /**
   * Deletes a virtual service with its real servers; connections stay until they expire. ESRCH when there is no such
   * service. IPVS_CMD_DEL_SERVICE.
   *
   * @example
   * ```ts
   * import { IpvsClient, IpvsError } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const service = { firewallMark: 7 };
   * await client.addService(service);
   * await client.deleteService(service);
   * const error: unknown = await client.service(service).catch((reason: unknown) => reason);
   * console.log(error instanceof IpvsError && error.code); // ESRCH
   * ```
   */
  deleteService(service: ServiceIdInput, options?: CallOptions): Promise<void> {
    return this.#apply({ type: 'deleteService', service }, options);
  }

  /**
   * Adds a real server to a virtual service. EEXIST when it is there; ESRCH when there is no such service; ERANGE when the
   * lower threshold is above the upper, or the weight below 0; EINVAL when the address is not unicast, of another family
   * than the service without a tunnel or beside a sync daemon, or a `gue` tunnel has no port; ENOSYS when the kernel is too
   * old for the tunnel or for a real server of another family, which is then deleted. IPVS_CMD_NEW_DEST; IPVS_CMD_GET_DEST
   * after the first that some kernels are too old for.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const web = 'tcp:192.0.2.1:80';
   * await client.addService(web);
   * await client.addDestination(
   *   web,
   *   '10.0.0.2:80',
   *   { forwardingMethod: 'tun', weight: 3, tunnel: { type: 'gue', port: 6080 } },
   * );
   * const { destinations } = (await client.table().next()).value ?? { destinations: [] };
   * console.log(destinations[0]?.settings.tunnel?.type); // gue
   * ```
   */
  addDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    settings?: DestinationSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#apply({ type: 'addDestination', service, destination, settings }, options);
  }

  /**
   * Changes what the patch names, and leaves the rest as it is: reads the real server, and writes it back. Weight 0 drains
   * it: new connections go elsewhere, those it has go on. Two updates of one real server at the same time may lose one of
   * the two. ESRCH when there is no such service, ENOENT when it has no such real server; RangeError when its tunnel is of
   * a type that this library does not know and the patch does not name another. IPVS_CMD_GET_DEST, IPVS_CMD_SET_DEST.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const service = { firewallMark: 7 };
   * const server = { address: '10.0.0.2', port: 0 };
   * await client.addService(service);
   * await client.addDestination(service, server, { forwardingMethod: 'nat', weight: 5 });
   * await client.updateDestination(service, server, { weight: 0 });
   * for await (const { settings } of client.destinations(service)) {
   *   console.log(settings.forwardingMethod, settings.weight); // nat 0
   * }
   * ```
   */
  async updateDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    patch: DestinationPatch,
    options?: CallOptions,
  ): Promise<void> {
    const [id, wanted] = [toServiceId(service), toDestinationId(destination)];
    const facts = { operation: 'updateDestination', service: id, destination: wanted } as const;
    await asOne(facts, async () => {
      let found: Destination | undefined;
      for await (const one of this.destinations(id, options))
        if (compareDestinations(one.id, wanted) === 0) found = one;
      if (found === undefined) {
        const missing = new NetlinkError('request', constants.errno.ENOENT);
        throw withCause({ ...facts, command: 'GET_DEST' }, missing);
      }
      await this.replaceDestination(id, wanted, patchDestination(found.settings, patch), options);
    });
  }

  /**
   * Replaces all settings of a real server: what is left out gets its default, as `ipvsadm -e` does, so that a NAT server
   * without a method becomes one of `dr`. To change some of them there is {@link updateDestination}. Connections stay.
   * ESRCH when there is no such service, ENOENT when it has no such real server; ERANGE, EINVAL and ENOSYS as for
   * {@link addDestination}, but what the kernel did understand stays set. IPVS_CMD_SET_DEST.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const service = { firewallMark: 7 };
   * const server = { address: '10.0.0.2', port: 0 };
   * await client.addService(service);
   * await client.addDestination(service, server, { forwardingMethod: 'nat', weight: 5 });
   * await client.replaceDestination(service, server, { weight: 2 });
   * for await (const { settings } of client.destinations(service)) {
   *   console.log(settings.forwardingMethod, settings.weight); // dr 2
   * }
   * ```
   */
  replaceDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    settings?: DestinationSettingsInput,
    options?: CallOptions,
  ): Promise<void> {
    const type = 'replaceDestination';
    return this.#apply({ type, service, destination, settings }, options);
  }

  /**
   * Deletes a real server; its connections stay until they expire. ESRCH when there is no such service, ENOENT when it has
   * no such real server. IPVS_CMD_DEL_DEST.
   *
   * @example
   * ```ts
   * import { IpvsClient, IpvsError } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const service = { firewallMark: 7 };
   * const server = { address: '10.0.0.2', port: 0 };
   * await client.addService(service);
   * await client.addDestination(service, server);
   * await client.deleteDestination(service, server);
   * const again = client.deleteDestination(service, server);
   * const error: unknown = await again.catch((reason: unknown) => reason);
   * console.log(error instanceof IpvsError && error.code); // ENOENT
   * ```
   */
  deleteDestination(
    service: ServiceIdInput,
    destination: DestinationIdInput,
    options?: CallOptions,
  ): Promise<void> {
    return this.#apply({ type: 'deleteDestination', service, destination }, options);
  }

  /**
   * Deletes every virtual service with its real servers. Connections, timeouts and daemons stay. IPVS_CMD_FLUSH.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * await client.addService({ firewallMark: 7 });
   * await client.flush();
   * console.log((await client.services().next()).done); // true
   * ```
   */
  flush(options?: CallOptions): Promise<void> {
    return this.#apply({ type: 'flush' }, options);
  }

  /**
   * Sets counters to zero: of one service and its real servers, or of all and the totals. ESRCH when there is no such
   * service. IPVS_CMD_ZERO.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const service = { firewallMark: 7 };
   * await client.addService(service);
   * await client.zero({ service });
   * await client.zero();
   * console.log((await client.service(service)).statistics.incomingBytes); // 0n
   * ```
   */
  zero({ service, ...options }: ZeroOptions = {}): Promise<void> {
    const operation: Operation =
      service === undefined ? { type: 'zeroAll' } : { type: 'zeroService', service };
    return this.#apply(operation, options);
  }

  /**
   * How long idle connections are kept, in seconds. IPVS_CMD_GET_CONFIG.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * const { tcpSeconds, tcpFinSeconds, udpSeconds } = await client.timeouts();
   * console.log(tcpSeconds, tcpFinSeconds, udpSeconds); // 900 120 300
   * ```
   */
  async timeouts(options?: CallOptions): Promise<Timeouts> {
    const request = { operation: 'timeouts', command: 'GET_CONFIG', attributes: {} } as const;
    const [reply] = await this.#kernel.query(request, options);
    return decodeTimeouts(reply ?? {});
  }

  /**
   * Sets timeouts, in seconds from 1; what is left out stays as it is, and 0 is a RangeError. EINVAL beyond 2³¹−1 ticks of the kernel's clock:
   * 2,147,483 seconds at 1000 Hz, 8,589,934 at 250 Hz. IPVS_CMD_SET_CONFIG.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * await client.setTimeouts({ udpSeconds: 60 });
   * console.log((await client.timeouts()).udpSeconds); // 60
   * await client.setTimeouts({ udpSeconds: 300 });
   * ```
   */
  async setTimeouts(timeouts: TimeoutsInput, options?: CallOptions): Promise<void> {
    const facts = { operation: 'setTimeouts', command: 'SET_CONFIG' } as const;
    await this.#kernel.query({ ...facts, attributes: encodeTimeouts(timeouts) }, options);
  }

  /**
   * Starts a daemon of connection synchronisation: one may run in each state. EEXIST when one runs in that state, ENODEV
   * when there is no such interface, EINVAL when the group is not multicast, or a real server has another family than its
   * service: the daemons' messages have no room for that; ENOSYS when the kernel is older than 4.3 and has no choice of
   * length, group, port or TTL: the daemon is then stopped. Ranges are those of {@link SyncDaemonInput}.
   * IPVS_CMD_NEW_DAEMON; IPVS_CMD_GET_DAEMON after the first that is such a choice.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * await client.startSyncDaemon({ state: 'master', interface: 'eth0', syncId: 7, ttl: 2 });
   * const [daemon] = await client.syncDaemons();
   * console.log(daemon?.syncId, daemon?.ttl, `${daemon?.group}:${daemon?.port}`); // 7 2 224.0.0.81:8848
   * await client.stopSyncDaemon('master');
   * ```
   */
  startSyncDaemon(daemon: SyncDaemonInput, options?: CallOptions): Promise<void> {
    return startDaemon(this.#kernel, this.#features, daemon, options);
  }

  /**
   * Stops the daemon that runs in a state. ESRCH when none does. IPVS_CMD_DEL_DAEMON.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * await client.startSyncDaemon({ state: 'backup', interface: 'eth0' });
   * await client.stopSyncDaemon('backup');
   * console.log((await client.syncDaemons()).length); // 0
   * ```
   */
  stopSyncDaemon(state: SyncDaemonState, options?: CallOptions): Promise<void> {
    return stopDaemon(this.#kernel, state, options);
  }

  /**
   * The daemons that run: none, a master, a backup or both, in that order. IPVS_CMD_GET_DAEMON, a dump.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * await client.startSyncDaemon({ state: 'backup', interface: 'eth0', maximumLength: 1200 });
   * const [daemon] = await client.syncDaemons();
   * console.log(daemon?.state, daemon?.interface, daemon?.maximumLength); // backup eth0 1200
   * await client.stopSyncDaemon('backup');
   * ```
   */
  syncDaemons(options?: CallOptions): Promise<SyncDaemon[]> {
    return readDaemons(this.#kernel, this.#features, options);
  }

  /**
   * The connection table, an entry at a time, as the kernel walks it: it may change meanwhile. `batch: true` gives arrays of as
   * many as one read of the file has: faster where there are hundreds of thousands. ENOENT when the kernel has no IPVS. No command: the source is /proc/net/ip_vs_conn, of the network namespace of this process.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   *
   * let established = 0;
   * for await (const { state } of client.connections()) {
   *   if (state === 'ESTABLISHED') established += 1;
   * }
   * console.log(established); // 0
   * let count = 0;
   * for await (const connections of client.connections({ batch: true })) count += connections.length;
   * console.log(count); // 0
   * ```
   */
  connections(
    options: ConnectionsOptions & { readonly batch: true },
  ): AsyncGenerator<readonly Connection[], void, undefined>;
  connections(
    options?: ConnectionsOptions & { readonly batch?: false | undefined },
  ): AsyncGenerator<Connection, void, undefined>;
  async *connections(
    options?: ConnectionsOptions,
  ): AsyncGenerator<Connection | readonly Connection[], void, undefined> {
    try {
      for await (const piece of readConnections(undefined, options)) {
        if (options?.batch === true) yield piece;
        else yield* piece;
      }
    } catch (error) {
      throw withCause({ operation: 'connections' }, error);
    }
  }

  /**
   * Makes many changes with few system calls: for hundreds of them much faster than one by one. They are applied in order;
   * one that is refused does not stop the rest: `failures` tells its place and its error, with the codes of the single
   * calls. Values are checked before the first is sent: a RangeError has changed nothing. The call itself rejects when the
   * kernel could not be reached (ENOBUFS, ECANCELED …) or the signal was aborted: what was sent by then is done.
   * ENOSYS is reported for what is missing in the end, not for what a later operation replaced or deleted. The commands of the
   * single calls.
   *
   * @example
   * ```ts
   * import { IpvsClient } from 'ipvs';
   *
   * await using client = await IpvsClient.open();
   * const service = { firewallMark: 7 };
   * const { applied, failures } = await client.batch([
   *   { type: 'addService', service },
   *   { type: 'addDestination', service, destination: { address: '10.0.0.2', port: 0 } },
   *   { type: 'addService', service },
   * ]);
   * console.log(applied, failures[0]?.index, failures[0]?.error.code); // 2 2 EEXIST
   * ```
   */
  batch(
    operations: Iterable<Operation> | OperationBatch,
    options?: BatchOptions,
  ): Promise<BatchOutcome> {
    return applyBatch(this.#kernel, this.#features, operations, options);
  }

  async *#destinations<D extends DestinationState>(
    service: ServiceId,
    decode: (sent: DestinationAttributes, family: Family) => D,
    options: CallOptions | undefined,
  ): AsyncGenerator<D, void, undefined> {
    let empty = true;
    for await (const piece of readDestinations(this.#kernel, service, decode, options)) {
      empty = false;
      yield* piece;
    }
    // The kernel's reply is the same for a service without real servers and for one that does not exist.
    if (empty) await this.service(service, options);
  }

  async *#services<S extends ServiceState>(
    decode: (sent: ServiceAttributes) => S,
    options: CallOptions | undefined,
  ): AsyncGenerator<S, void, undefined> {
    for await (const piece of readServices(this.#kernel, decode, options)) yield* piece;
  }

  #apply(operation: Operation, options: CallOptions | undefined): Promise<void> {
    return applyOne(this.#kernel, this.#features, operation, options);
  }
}

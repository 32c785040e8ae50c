/**
 * Linux's in-kernel load balancer (IPVS), driven over generic netlink. Begin with {@link IpvsClient.open}.
 * @module ipvs
 */
export { compareAddresses, IpAddress } from './ipvs/model/address.js';
export type { Family } from './common/ip-family.js';
export type { AddressInput } from './ipvs/model/address.js';
export { IpvsClient } from './ipvs/client/client.js';
export type { ServiceEntry } from './ipvs/client/client.js';
export type {
  BatchOutcome,
  ConnectionsOptions,
  IpvsInfo,
  ReadOptions,
  ZeroOptions,
} from './ipvs/client/options.js';
export type { Connection, Endpoint } from './ipvs/proc/read-connections.js';
export type { CommandName } from './ipvs/wire/constants.js';
export type { SyncDaemon, SyncDaemonInput, SyncDaemonState } from './ipvs/model/daemon.js';
export {
  compareDestinations,
  defaultDestinationSettings,
  formatDestinationId,
  forwardingMethods,
} from './ipvs/model/destination.js';
export type {
  Destination,
  DestinationId,
  DestinationIdInput,
  DestinationSettings,
  DestinationSettingsInput,
  DestinationState,
  ForwardingMethod,
  Tunnel,
  TunnelChecksum,
  TunnelType,
} from './ipvs/model/destination.js';
export { IpvsError, isIpvsError } from './ipvs/errors.js';
export type { IpvsErrorCode } from './ipvs/error-text.js';
export type {
  IpvsErrorFacts,
  SystemError,
  Unsupported,
  UnsupportedSetting,
} from './ipvs/errors.js';
export type { BatchFailure, OpenOptions } from './ipvs/client/kernel.js';
export type { Operation } from './ipvs/client/operations.js';
export type { Release } from './ipvs/wire/schema.js';
export { OperationBatch } from './ipvs/client/requests.js';
export type { TracedMessage } from './ipvs/client/trace.js';
export {
  compareServices,
  defaultServiceSettings,
  familyOf,
  formatServiceId,
  isMark,
  protocols,
} from './ipvs/model/service.js';
export type {
  AddressService,
  MarkService,
  Persistence,
  Protocol,
  SchedulerFlag,
  ServiceId,
  ServiceIdInput,
  ServiceSettings,
  ServiceSettingsInput,
  ServiceState,
  VirtualService,
} from './ipvs/model/service.js';
export { parseDestinationId, parseServiceId } from './ipvs/model/selectors.js';
export type { DestinationPatch, ServicePatch } from './ipvs/model/patch.js';
export type { Timeouts, TimeoutsInput } from './ipvs/model/timeouts.js';
export type { CounterJson, Rates, Statistics, StatisticsJson } from './ipvs/model/statistics.js';
export type { BatchOptions, CallOptions } from './netlink/connection.js';
export type { NetlinkSocket, OpenNetlinkSocket } from './netlink/socket.js';

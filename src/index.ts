/**
 * Linux's in-kernel load balancer (IPVS), driven over generic netlink. Begin with {@link IpvsClient.open}.
 */
export { compareAddresses, IpAddress } from './ipvs/address.js';
export type { AddressInput, Family } from './ipvs/address.js';
export { IpvsClient } from './ipvs/client.js';
export type { BatchOutcome, IpvsInfo, TableEntry, Timeouts } from './ipvs/client.js';
export type { Connection, Endpoint } from './ipvs/connections.js';
export type { CommandName } from './ipvs/constants.js';
export type { SyncDaemon, SyncDaemonInput, SyncDaemonState } from './ipvs/daemon.js';
export {
  compareDestinations,
  defaultDestinationSettings,
  formatDestinationId,
} from './ipvs/destination.js';
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
} from './ipvs/destination.js';
export { IpvsError } from './ipvs/errors.js';
export type { SystemError, Unsupported, UnsupportedSetting } from './ipvs/errors.js';
export type { BatchFailure, OpenOptions } from './ipvs/kernel.js';
export type { Operation } from './ipvs/operations.js';
export type { Release } from './ipvs/schema.js';
export { OperationBatch } from './ipvs/requests.js';
export { compareServices, defaultServiceSettings, formatServiceId } from './ipvs/service.js';
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
} from './ipvs/service.js';
export type { Statistics } from './ipvs/statistics.js';
export type { BatchOptions } from './netlink/connection.js';
export type { CallOptions } from './netlink/patience.js';
export type { NetlinkSocket, NetlinkSocketEvents, OpenNetlinkSocket } from './netlink/socket.js';

import type { IpAddress } from '../../ipvs/model/address.js';
import type { ForwardingMethod, TunnelChecksum, TunnelType } from '../../ipvs/model/destination.js';
import type { Protocol, ServiceId } from '../../ipvs/model/service.js';

/** A real server as it was written: its port may be missing, or a name whose protocol is not known yet. */
export interface ParsedServer {
  readonly address: IpAddress;
  readonly port: number | string | undefined;
}

/** What the options of a line have said so far. */
export interface ParsedOptions {
  service?: ServiceId;
  ipv6?: true;
  server?: ParsedServer;
  scheduler?: string;
  persistenceSeconds?: number;
  /** As it was written: how it is read depends on the service's family. */
  mask?: string;
  persistenceEngine?: string;
  onePacket?: true;
  schedulerFlags?: string;
  forwardingMethod?: ForwardingMethod;
  weight?: number;
  upperThreshold?: number;
  lowerThreshold?: number;
  tunnelType?: TunnelType;
  tunnelPort?: number;
  tunnelChecksum?: TunnelChecksum;
  numeric?: true;
  connection?: true;
  timeout?: true;
  daemon?: true;
  stats?: true;
  rate?: true;
  exact?: true;
  thresholds?: true;
  persistentConnections?: true;
  tunnelInformation?: true;
  unsorted?: true;
  sorted?: true;
  multicastInterface?: string;
  syncId?: number;
  multicastGroup?: IpAddress;
  multicastPort?: number;
  multicastTtl?: number;
  syncMaximumLength?: number;
}

/** The keys of a draft whose values have a type. */
export type KeysOf<T> = {
  [K in keyof ParsedOptions]-?: Exclude<ParsedOptions[K], undefined> extends T
    ? T extends Exclude<ParsedOptions[K], undefined>
      ? K
      : never
    : never;
}[keyof ParsedOptions];

/** Names to numbers, as far as they are known. */
export interface Names {
  /**
   * The address of a host name; undefined when it has none in the family.
   * @throws UnresolvedHost when it has not been looked up yet.
   */
  host(name: string, family: 'ipv4' | 'ipv6'): IpAddress | undefined;
  /** The port of a service name, from /etc/services. */
  port(name: string, protocol: Protocol): number | undefined;
}

/** Reading came to a host name that must be looked up first. */
export class UnresolvedHost extends Error {
  readonly host: string;
  readonly family: 'ipv4' | 'ipv6';

  constructor(host: string, family: 'ipv4' | 'ipv6') {
    super(`host name ${host} is not looked up`);
    this.host = host;
    this.family = family;
  }
}

import { compareAddresses, IpAddress, toAddress } from './address.js';
import type { AddressInput } from './address.js';
import { ADDRESS_BYTES, FORWARDING_MASK } from './constants.js';
import type { DestinationAttributes } from './schema.js';
import { familyNumber, formatEndpoint, paddedAddress, toFamily } from './service.js';
import { toStatistics } from './statistics.js';
import type { Statistics } from './statistics.js';

/**
 * How packets reach a real server: rewritten (`nat`), as they are to its hardware address (`dr`), in a tunnel (`tun`), or
 * not at all because it is this machine (`local`). `bypass` is the kernel's own. Numbers: IP_VS_CONN_F_*.
 */
export const forwardingMethods = { nat: 0, local: 1, tun: 2, dr: 3, bypass: 4 } as const;
export type ForwardingMethod = keyof typeof forwardingMethods;

/** Encapsulations of forwarding method `tun`. Numbers: IP_VS_CONN_F_TUNNEL_TYPE_*. */
export const tunnelTypes = { ipip: 0, gue: 1, gre: 2 } as const;
export type TunnelType = keyof typeof tunnelTypes;

/** What a tunnel's header says of the inner packet's checksum. Numbers: IP_VS_TUNNEL_ENCAP_FLAG_*. */
export const tunnelChecksums = { none: 0, full: 1, remote: 2 } as const;
export type TunnelChecksum = keyof typeof tunnelChecksums;

/** Which real server of a virtual service. */
export interface DestinationId {
  readonly address: IpAddress;
  /** 0 to 65535; with `dr` and `tun` it must be the service's own. 0 for a service by mark. */
  readonly port: number;
}

/** A {@link DestinationId} as callers may write it. */
export interface DestinationIdInput {
  readonly address: AddressInput;
  readonly port: number;
}

/** The encapsulation of a real server that is reached by `tun`. */
export interface Tunnel {
  /** `unknown`: a type that a newer kernel has and this table has not. It can be seen and not be set. */
  readonly type: TunnelType | 'unknown';
  /** UDP port of `gue`, 1 to 65535; 0 for the others. */
  readonly port: number;
  readonly checksum: TunnelChecksum;
}

/** How a real server is set. */
export interface DestinationSettings {
  readonly forwardingMethod: ForwardingMethod;
  /** Its share of new connections, 0 to 2³¹−1; 0 takes no new ones and keeps those it has. */
  readonly weight: number;
  /** Connections from which on it gets no new ones, 0 to 2³²−1; 0 for no limit. */
  readonly upperThreshold: number;
  /** Connections below which it gets new ones again; 0 for three quarters of the upper threshold. */
  readonly lowerThreshold: number;
  /** Undefined unless the method is `tun`. */
  readonly tunnel: Tunnel | undefined;
}

/** Settings as callers write them: what is left out has its default. */
export type DestinationSettingsInput = {
  readonly [K in keyof Omit<DestinationSettings, 'tunnel'>]?: DestinationSettings[K] | undefined;
} & {
  readonly tunnel?:
    | {
        readonly type: TunnelType;
        readonly port?: number | undefined;
        readonly checksum?: TunnelChecksum | undefined;
      }
    | undefined;
};

/** What the kernel is told when a caller says nothing else: the defaults of ipvsadm. */
export const defaultDestinationSettings: DestinationSettings = {
  forwardingMethod: 'dr',
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  tunnel: undefined,
};

/** A real server of a virtual service, as the kernel has it. */
export interface Destination {
  readonly id: DestinationId;
  readonly settings: DestinationSettings;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly statistics: Statistics;
}

/** @throws RangeError when the address is no address. */
export function toDestinationId(input: DestinationIdInput): DestinationId {
  return { address: toAddress(input.address), port: input.port };
}

/** Text that is equal for equal real servers of a service: `192.0.2.1:80`. */
export function formatDestinationId({ address, port }: DestinationId): string {
  return formatEndpoint(address, port);
}

/** The order of listings: by address, then port. */
export function compareDestinations(a: DestinationId, b: DestinationId): number {
  return compareAddresses(a.address, b.address) || a.port - b.port;
}

/** The attributes that say which real server. */
export function encodeDestinationId({ address, port }: DestinationId): DestinationAttributes {
  return {
    ADDR_FAMILY: familyNumber[address.family],
    ADDR: paddedAddress(address),
    PORT: port,
  };
}

/** The attributes of a real server that is added or set: the kernel wants all of them. */
export function encodeDestination(
  id: DestinationId,
  input: DestinationSettingsInput,
): DestinationAttributes {
  const { tunnel } = input;
  return {
    ...encodeDestinationId(id),
    FWD_METHOD:
      forwardingMethods[input.forwardingMethod ?? defaultDestinationSettings.forwardingMethod],
    WEIGHT: input.weight ?? defaultDestinationSettings.weight,
    U_THRESH: input.upperThreshold ?? defaultDestinationSettings.upperThreshold,
    L_THRESH: input.lowerThreshold ?? defaultDestinationSettings.lowerThreshold,
    // Kernels before 5.2 know no tunnel types: ipip, their only one, is not named to them.
    ...(tunnel !== undefined && {
      TUN_TYPE: tunnelTypes[tunnel.type],
      TUN_PORT: tunnel.port ?? 0,
      TUN_FLAGS: tunnelChecksums[tunnel.checksum ?? 'none'],
    }),
  };
}

export function decodeDestination(
  attributes: DestinationAttributes,
  serviceFamily: 'ipv4' | 'ipv6',
): Destination {
  const { ADDR_FAMILY, ADDR, PORT, FWD_METHOD = 0, STATS64, STATS } = attributes;
  // Before 3.18 real servers had the family of their service, unsaid.
  const family = ADDR_FAMILY === undefined ? serviceFamily : toFamily(ADDR_FAMILY);
  const forwardingMethod = nameOf(forwardingMethods, FWD_METHOD & FORWARDING_MASK) ?? 'bypass';
  return {
    id: {
      address: IpAddress.fromBytes(family, ADDR ?? new Uint8Array(ADDRESS_BYTES)),
      port: PORT ?? 0,
    },
    settings: {
      forwardingMethod,
      weight: attributes.WEIGHT ?? 0,
      upperThreshold: attributes.U_THRESH ?? 0,
      lowerThreshold: attributes.L_THRESH ?? 0,
      tunnel: forwardingMethod === 'tun' ? decodeTunnel(attributes) : undefined,
    },
    activeConnections: attributes.ACTIVE_CONNS ?? 0,
    inactiveConnections: attributes.INACT_CONNS ?? 0,
    persistentConnections: attributes.PERSIST_CONNS ?? 0,
    statistics: toStatistics(STATS64 ?? STATS ?? {}),
  };
}

function decodeTunnel({ TUN_TYPE, TUN_PORT, TUN_FLAGS }: DestinationAttributes): Tunnel {
  return {
    type: nameOf(tunnelTypes, TUN_TYPE ?? 0) ?? 'unknown',
    port: TUN_PORT ?? 0,
    checksum: nameOf(tunnelChecksums, TUN_FLAGS ?? 0) ?? 'none',
  };
}

function nameOf<T extends string>(
  table: Readonly<Record<T, number>>,
  number: number,
): T | undefined {
  return (Object.keys(table) as T[]).find((name) => table[name] === number);
}

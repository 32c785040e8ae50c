import { compareAddresses, IpAddress, toAddress } from './address.js';
import type { Family } from '../../common/ip-family.js';
import type { AddressInput } from './address.js';
import { checkNumber, checkObject, numberOf } from './checks.js';
import { ADDRESS_BYTES, FORWARDING_MASK } from '../wire/constants.js';
import type { DestinationAttributes } from '../wire/schema.js';
import { familyNumber, formatEndpoint, toFamily } from './service.js';
import { parseDestinationId } from './selectors.js';
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

/** A {@link DestinationId} as callers may write it: its text as {@link parseDestinationId} reads it, or an object. */
export type DestinationIdInput = string | { readonly address: AddressInput; readonly port: number };

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
        /** `unknown`, which reading may give, is a RangeError: it cannot be written. */
        readonly type: Tunnel['type'];
        readonly port?: number | undefined;
        readonly checksum?: TunnelChecksum | undefined;
      }
    | undefined;
};

/** Settings sent to the kernel for anything the caller omits: the defaults of ipvsadm. */
export const defaultDestinationSettings: DestinationSettings = {
  forwardingMethod: 'dr',
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  tunnel: undefined,
};

/** A real server of a virtual service, as the kernel has it, without its counters. */
export interface DestinationState {
  readonly id: DestinationId;
  readonly settings: DestinationSettings;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
}

/** A real server of a virtual service, as the kernel has it. */
export interface Destination extends DestinationState {
  readonly statistics: Statistics;
}

/** @throws RangeError when the address is no address. */
export function toDestinationId(input: DestinationIdInput): DestinationId {
  if (typeof input === 'string') return parseDestinationId(input);
  checkObject(input, 'destination');
  const address = toAddress(input.address);
  checkNumber(input.port, 'port');
  return { address, port: input.port };
}

/** The text of a real server, equal for equal ones of a service: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function formatDestinationId({ address, port }: DestinationId): string {
  return formatEndpoint(address, port);
}

/** The order of listings: by address, then port. */
export function compareDestinations(a: DestinationId, b: DestinationId): number {
  return compareAddresses(a.address, b.address) || a.port - b.port;
}

/** The attributes that say which real server. */
export function encodeDestinationId(input: DestinationIdInput): DestinationAttributes {
  const id = typeof input === 'string' ? parseDestinationId(input) : input;
  checkObject(id, 'destination');
  const { family, bytes } = toAddress(id.address);
  checkNumber(id.port, 'port');
  return { ADDR_FAMILY: familyNumber[family], ADDR: bytes, PORT: id.port };
}

/** The attributes of a real server that is added or set: the kernel wants all of them. */
export function encodeDestination(
  id: DestinationIdInput,
  input: DestinationSettingsInput,
): DestinationAttributes {
  checkObject(input, 'settings');
  const { ADDR_FAMILY, ADDR, PORT } = encodeDestinationId(id);
  const defaults = defaultDestinationSettings;
  const { forwardingMethod = defaults.forwardingMethod, weight = defaults.weight } = input;
  const { upperThreshold = 0, lowerThreshold = 0 } = input;
  checkNumber(weight, 'weight');
  checkNumber(upperThreshold, 'upperThreshold');
  checkNumber(lowerThreshold, 'lowerThreshold');
  const { TUN_TYPE, TUN_PORT, TUN_FLAGS } = encodeTunnel(input.tunnel);
  return {
    ADDR_FAMILY,
    ADDR,
    PORT,
    FWD_METHOD: numberOf(forwardingMethods, forwardingMethod, 'forwardingMethod'),
    WEIGHT: weight,
    U_THRESH: upperThreshold,
    L_THRESH: lowerThreshold,
    TUN_TYPE,
    TUN_PORT,
    TUN_FLAGS,
  };
}

const NO_TUNNEL: DestinationAttributes = {};

/** Kernels before 5.2 know no tunnel types: ipip, their only one, is not named to them. */
function encodeTunnel(tunnel: DestinationSettingsInput['tunnel']): DestinationAttributes {
  if (tunnel === undefined) return NO_TUNNEL;
  checkObject(tunnel, 'tunnel');
  const { type, port = 0, checksum = 'none' } = tunnel;
  if (type === 'unknown') {
    throw new RangeError('tunnel.type: a tunnel of an unknown type can be read but not written');
  }
  checkNumber(port, 'tunnel.port');
  return {
    TUN_TYPE: numberOf(tunnelTypes, type, 'tunnel.type'),
    TUN_PORT: port,
    TUN_FLAGS: numberOf(tunnelChecksums, checksum, 'tunnel.checksum'),
  };
}

export function decodeDestination(
  attributes: DestinationAttributes,
  serviceFamily: Family,
): Destination {
  const { id, settings, activeConnections, inactiveConnections, persistentConnections } =
    decodeDestinationState(attributes, serviceFamily);
  const statistics = toStatistics(attributes.STATS64 ?? attributes.STATS ?? {});
  // Written out: in Node 20, an object made with a spread and a further key gets a hidden class of its own.
  return {
    id,
    settings,
    activeConnections,
    inactiveConnections,
    persistentConnections,
    statistics,
  };
}

/** Decodes a real server but skips its counters, which are most of an entry. */
export function decodeDestinationState(
  attributes: DestinationAttributes,
  serviceFamily: Family,
): DestinationState {
  const { FWD_METHOD = 0 } = attributes;
  const forwardingMethod = methodNames[FWD_METHOD & FORWARDING_MASK] ?? 'bypass';
  return {
    id: decodeDestinationId(attributes, serviceFamily),
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
  };
}

export function decodeDestinationId(
  { ADDR_FAMILY, ADDR, PORT }: DestinationAttributes,
  serviceFamily: Family,
): DestinationId {
  // Before 3.18 real servers had the family of their service, unsaid.
  const family = ADDR_FAMILY === undefined ? serviceFamily : toFamily(ADDR_FAMILY);
  return {
    address: IpAddress.fromBytes(family, ADDR ?? new Uint8Array(ADDRESS_BYTES)),
    port: PORT ?? 0,
  };
}

function decodeTunnel({ TUN_TYPE, TUN_PORT, TUN_FLAGS }: DestinationAttributes): Tunnel {
  return {
    type: typeNames[TUN_TYPE ?? 0] ?? 'unknown',
    port: TUN_PORT ?? 0,
    checksum: checksumNames[TUN_FLAGS ?? 0] ?? 'none',
  };
}

const methodNames = namesOf(forwardingMethods);
const typeNames = namesOf(tunnelTypes);
const checksumNames = namesOf(tunnelChecksums);

/** A table from names to small numbers, the other way round. */
function namesOf<T extends string>(table: Readonly<Record<T, number>>): readonly (T | undefined)[] {
  const names: T[] = [];
  for (const name of Object.keys(table) as T[]) names[table[name]] = name;
  return names;
}

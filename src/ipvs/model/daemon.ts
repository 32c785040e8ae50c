import { toAddress, IpAddress } from './address.js';
import type { AddressInput } from './address.js';
import { checkObject, checkText, numberOf, shown } from './checks.js';
import type { DaemonAttributes } from '../wire/schema.js';

/** Numbers: IP_VS_STATE_*. */
export const daemonStates = { master: 1, backup: 2 } as const;
/** A master sends its connections to the group; a backup receives them. */
export type SyncDaemonState = keyof typeof daemonStates;

/** A running daemon of connection synchronisation. */
export interface SyncDaemon {
  readonly state: SyncDaemonState;
  /** The interface it uses. */
  readonly interface: string;
  /** 0 to 255; a backup takes messages of its own id alone, with 0 of any. */
  readonly syncId: number;
  /** Longest message, in bytes of UDP payload. Undefined before Linux 4.3, as all below. */
  readonly maximumLength: number | undefined;
  readonly group: IpAddress | undefined;
  readonly port: number | undefined;
  readonly ttl: number | undefined;
}

/** How a daemon is to run; the kernel fills in what is left out. */
export interface SyncDaemonInput {
  readonly state: SyncDaemonState;
  /** At most 15 bytes. The interface needs an address of the group's family. */
  readonly interface: string;
  /** 0 to 255. Default 0. */
  readonly syncId?: number | undefined;
  /** 1 to 65507. Default: what fits the interface's MTU, at most 1472. */
  readonly maximumLength?: number | undefined;
  /** A multicast address. Default 224.0.0.81. */
  readonly group?: AddressInput | undefined;
  /** 1 to 65535. Default 8848. */
  readonly port?: number | undefined;
  /** 1 to 255. Default 1. */
  readonly ttl?: number | undefined;
}

export function encodeDaemon(input: SyncDaemonInput): DaemonAttributes {
  checkObject(input, 'daemon');
  checkText(input.interface, 'interface');
  const group = input.group === undefined ? undefined : toAddress(input.group, 'group');
  const { syncId = 0 } = input;
  // The kernel takes more, and sends the low 8 bits: another id than the one that was meant.
  if (!Number.isInteger(syncId) || syncId < 0 || syncId > 255) {
    throw new RangeError(`syncId: ${shown(syncId)} is not a whole number from 0 to 255`);
  }
  return {
    STATE: daemonState(input.state),
    MCAST_IFN: input.interface,
    SYNC_ID: syncId,
    SYNC_MAXLEN: input.maximumLength,
    MCAST_GROUP: group?.family === 'ipv4' ? group.bytes : undefined,
    MCAST_GROUP6: group?.family === 'ipv6' ? group.bytes : undefined,
    MCAST_PORT: input.port,
    MCAST_TTL: input.ttl,
  };
}

/** @throws RangeError when there is no such state. */
export function daemonState(state: SyncDaemonState): number {
  return numberOf(daemonStates, state, 'state');
}

export function decodeDaemon(attributes: DaemonAttributes): SyncDaemon {
  const { MCAST_GROUP, MCAST_GROUP6 } = attributes;
  return {
    state: attributes.STATE === daemonStates.backup ? 'backup' : 'master',
    interface: attributes.MCAST_IFN ?? '',
    syncId: attributes.SYNC_ID ?? 0,
    maximumLength: attributes.SYNC_MAXLEN,
    group: decodeGroup(MCAST_GROUP, MCAST_GROUP6),
    port: attributes.MCAST_PORT,
    ttl: attributes.MCAST_TTL,
  };
}

function decodeGroup(
  group: Uint8Array | undefined,
  group6: Uint8Array | undefined,
): IpAddress | undefined {
  if (group6 !== undefined) return IpAddress.fromBytes('ipv6', group6);
  return group === undefined ? undefined : IpAddress.fromBytes('ipv4', group);
}

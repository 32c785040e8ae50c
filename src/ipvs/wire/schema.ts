import { attributeTable } from '../../netlink/attributes.js';
import type { Attribute, Infer } from '../../netlink/attributes.js';
import {
  be16,
  bytes,
  counter32,
  nest,
  paddedBytes,
  s32,
  text,
  u16,
  u32,
  u64,
  u8,
} from '../../netlink/attribute-types.js';
import { ADDRESS_BYTES, NAME_BYTES } from './constants.js';

/**
 * Every attribute of IPVS, as a line each: its name and number in the kernel's header, and its type. What is encoded,
 * what is decoded and the TypeScript types all come from here.
 * Source: include/uapi/linux/ip_vs.h; types from net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_*_policy and ip_vs_genl_fill_*.
 */

const name = text(NAME_BYTES);
/** IPv4 stands in the first four bytes. */
const address = paddedBytes(ADDRESS_BYTES);

/** A release of Linux. */
export type Release = `${number}.${number}`;

/** An attribute with the first kernel that knows it: those before pass over it in silence, and never send it. */
function since<T>(release: Release, attribute: Attribute<T>) {
  return { ...attribute, since: release };
}

/** `struct ip_vs_flags`: flags, and which of them are meant. */
export interface FlagSet {
  readonly flags: number;
  readonly mask: number;
}

function flagSet(number: number): Attribute<FlagSet> {
  return {
    number,
    minimum: 8,
    read: (view, start) => ({
      flags: view.getUint32(start, true),
      mask: view.getUint32(start + 4, true),
    }),
    write: (writer, { flags, mask }) => {
      writer.u32(flags);
      writer.u32(mask);
    },
  };
}

/** Counters and rates in 32 bits, but for the bytes: all that kernels before 4.1 send. */
const stats = attributeTable('IPVS_STATS_ATTR_', {
  CONNS: counter32(1),
  INPKTS: counter32(2),
  OUTPKTS: counter32(3),
  INBYTES: u64(4),
  OUTBYTES: u64(5),
  CPS: counter32(6),
  INPPS: counter32(7),
  OUTPPS: counter32(8),
  INBPS: counter32(9),
  OUTBPS: counter32(10),
});

/** The counters as 64-bit values (IPVS_SVC_ATTR_STATS64, IPVS_DEST_ATTR_STATS64). */
const stats64 = attributeTable('IPVS_STATS_ATTR_', {
  CONNS: u64(1),
  INPKTS: u64(2),
  OUTPKTS: u64(3),
  INBYTES: u64(4),
  OUTBYTES: u64(5),
  CPS: u64(6),
  INPPS: u64(7),
  OUTPPS: u64(8),
  INBPS: u64(9),
  OUTBPS: u64(10),
});

export const service = attributeTable('IPVS_SVC_ATTR_', {
  AF: u16(1),
  PROTOCOL: u16(2),
  ADDR: address(3),
  PORT: be16(4),
  FWMARK: u32(5),
  SCHED_NAME: name(6),
  FLAGS: flagSet(7),
  TIMEOUT: u32(8),
  // An IPv4 mask as it stands in a packet, for IPv6 a prefix length in the host's byte order.
  NETMASK: bytes(4)(9),
  STATS: nest(stats)(10),
  PE_NAME: name(11),
  STATS64: since('4.1', nest(stats64)(12)),
});

export const destination = attributeTable('IPVS_DEST_ATTR_', {
  ADDR: address(1),
  PORT: be16(2),
  FWD_METHOD: u32(3),
  WEIGHT: s32(4),
  U_THRESH: u32(5),
  L_THRESH: u32(6),
  ACTIVE_CONNS: u32(7),
  INACT_CONNS: u32(8),
  PERSIST_CONNS: u32(9),
  STATS: nest(stats)(10),
  ADDR_FAMILY: since('3.18', u16(11)),
  STATS64: since('4.1', nest(stats64)(12)),
  TUN_TYPE: since('5.2', u8(13)),
  TUN_PORT: since('5.2', be16(14)),
  TUN_FLAGS: since('5.3', u16(15)),
});

export const daemon = attributeTable('IPVS_DAEMON_ATTR_', {
  STATE: u32(1),
  MCAST_IFN: name(2),
  SYNC_ID: u32(3),
  SYNC_MAXLEN: since('4.3', u16(4)),
  MCAST_GROUP: since('4.3', bytes(4)(5)),
  MCAST_GROUP6: since('4.3', address(6)),
  MCAST_PORT: since('4.3', u16(7)), // in the host's byte order, unlike the other ports
  MCAST_TTL: since('4.3', u8(8)),
});

/** The first level of every command but the reply to GET_INFO. */
export const command = attributeTable('IPVS_CMD_ATTR_', {
  SERVICE: nest(service)(1),
  DEST: nest(destination)(2),
  DAEMON: nest(daemon)(3),
  TIMEOUT_TCP: u32(4),
  TIMEOUT_TCP_FIN: u32(5),
  TIMEOUT_UDP: u32(6),
});

/** The first level of the reply to GET_INFO: its numbers mean other things than those of {@link command}. */
export const info = attributeTable('IPVS_INFO_ATTR_', {
  VERSION: u32(1),
  CONN_TAB_SIZE: u32(2),
});

export type StatsAttributes = Infer<typeof stats64>;
export type ServiceAttributes = Infer<typeof service>;
export type DestinationAttributes = Infer<typeof destination>;
export type DaemonAttributes = Infer<typeof daemon>;
export type CommandAttributes = Infer<typeof command>;

/**
 * Numbers of IPVS, under the names of the kernel's header. Source: include/uapi/linux/ip_vs.h.
 */

export const IPVS_GENL_NAME = 'IPVS';
export const IPVS_GENL_VERSION = 1;

export const AF_INET = 2;
export const AF_INET6 = 10;

/** Commands of the generic netlink family, without their prefix `IPVS_CMD_`. */
export const commands = {
  NEW_SERVICE: 1,
  SET_SERVICE: 2,
  DEL_SERVICE: 3,
  GET_SERVICE: 4,
  NEW_DEST: 5,
  SET_DEST: 6,
  DEL_DEST: 7,
  GET_DEST: 8,
  NEW_DAEMON: 9,
  DEL_DAEMON: 10,
  GET_DAEMON: 11,
  SET_CONFIG: 12,
  GET_CONFIG: 13,
  SET_INFO: 14,
  GET_INFO: 15,
  ZERO: 16,
  FLUSH: 17,
} as const;

/** A command's name in the kernel's header without its prefix `IPVS_CMD_`. */
export type CommandName = keyof typeof commands;

/** Virtual service flags: IP_VS_SVC_F_*. HASHED is the kernel's own. */
export const serviceFlags = {
  PERSISTENT: 0x01,
  HASHED: 0x02,
  ONEPACKET: 0x04,
  SCHED1: 0x08,
  SCHED2: 0x10,
  SCHED3: 0x20,
} as const;

/** The low bits of IPVS_DEST_ATTR_FWD_METHOD say how packets are forwarded: IP_VS_CONN_F_FWD_MASK. */
export const FORWARDING_MASK = 0x7;

/** Longest name of a scheduler, a persistence engine or an interface, in bytes without the NUL. */
export const NAME_BYTES = 15;

/** Bytes of an address on the wire, of either family: IPv4 uses the first four. */
export const ADDRESS_BYTES = 16;

/** The connections of the network namespace of the process that reads it. */
export const CONNECTION_FILE = '/proc/net/ip_vs_conn';

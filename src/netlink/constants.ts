/**
 * Numbers of the netlink protocol, under the names of the kernel's headers.
 * Source: include/uapi/linux/netlink.h, include/uapi/linux/genetlink.h.
 */

export const NETLINK_GENERIC = 16;

/** Bytes of `struct nlmsghdr`: length u32, type u16, flags u16, sequence number u32, port u32. */
export const NLMSG_HDRLEN = 16;
/** Bytes of `struct nlattr`: length u16, type u16. */
export const NLA_HDRLEN = 4;
/** Bytes of `struct genlmsghdr`: command u8, version u8, reserved u16. */
export const GENL_HDRLEN = 4;

export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** NLM_F_ROOT | NLM_F_MATCH: every entry, not one. */
export const NLM_F_DUMP = 0x300;

/** The two high bits of an attribute's type are flags: NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;

/** Id of the family that knows all others, `nlctrl`. */
export const GENL_ID_CTRL = 0x10;
export const CTRL_CMD_GETFAMILY = 3;

/** Messages and attributes begin on a boundary of four bytes (NLMSG_ALIGN, NLA_ALIGN). */
export const align4 = (length: number): number => (length + 3) & ~3;

/**
 * What a reader offers. The kernel fills up to 32 KiB, its own overhead included, so a datagram never takes all of it
 * (net/netlink/af_netlink.c, netlink_recvmsg and netlink_dump).
 */
export const RECEIVE_BYTES = 32 * 1024;
/** Room for the errors of a batch that is refused as a whole; the kernel cuts it to net.core.rmem_max. */
export const RECEIVE_QUEUE_BYTES = 1024 * 1024;
export const SEND_QUEUE_BYTES = 256 * 1024;

import type { Connection } from '../proc/read-connections.js';
import { formatEndpoint, formatServiceId } from './service.js';
import type { MarkService } from './service.js';

/** The states of a template, of which older kernels know NONE alone. Source: include/net/ip_vs.h, IP_VS_CTPL_S_*. */
const TEMPLATE_STATES = new Set(['NONE', 'ASSURED']);

/**
 * All states of connections and templates, by the names that the kernel has for them.
 * Source: net/netfilter/ipvs/ip_vs_proto_tcp.c, ip_vs_proto_udp.c, ip_vs_proto_sctp.c, ip_vs_proto.c.
 */
export const connectionStates: readonly string[] = [
  ...['NONE', 'ASSURED', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT', 'TIME_WAIT'],
  ...['CLOSE', 'CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'SYNACK', 'UDP'],
  ...['INIT1', 'INIT', 'COOKIE_SENT', 'COOKIE_REPLIED', 'COOKIE_WAIT', 'COOKIE', 'COOKIE_ECHOED'],
  ...['SHUTDOWN_SENT', 'SHUTDOWN_RECEIVED', 'SHUTDOWN_ACK_SENT', 'REJECTED', 'CLOSED', 'ERR!'],
];

/**
 * Whether an entry is the template of a persistent client, which sends its connections to one real server. It has no port
 * of the client. The data connection that a file transfer announces has none either until it comes, but it is in LISTEN.
 * Source: net/netfilter/ipvs/ip_vs_core.c, ip_vs_sched_persist; ip_vs_ftp.c.
 */
export function isTemplate({ source, state }: Connection): boolean {
  return source.port === 0 && TEMPLATE_STATES.has(state);
}

/** The service of a template by mark, whose address holds the mark; undefined for all other entries. */
export function markOf({ protocol, virtual }: VirtualEnd): MarkService | undefined {
  if (protocol !== 'ip' || virtual.port !== 0) return undefined;
  const { bytes, family } = virtual.address;
  const firewallMark = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return firewallMark === 0 ? undefined : { firewallMark, family };
}

/** What a client asked for. */
type VirtualEnd = Pick<Connection, 'protocol' | 'virtual'>;

/** What a client asked for, as text: `192.0.2.1:80`, or `mark:7` for a template by mark. */
export function formatVirtual(end: VirtualEnd): string {
  const mark = markOf(end);
  if (mark !== undefined) return formatServiceId(mark);
  const { address, port } = end.virtual;
  return formatEndpoint(address, port);
}

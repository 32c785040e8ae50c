import type { Sysctl } from './sysctl.js';

/** Whether persistent clients leave a real server of weight 0. Documentation/networking/ipvs-sysctl.rst. */
export const EXPIRE_QUIESCENT_TEMPLATE: Sysctl = 'net/ipv4/vs/expire_quiescent_template';
/** Whether connections to a real server that was removed end with their next packet, instead of hanging. */
export const EXPIRE_NODEST_CONN: Sysctl = 'net/ipv4/vs/expire_nodest_conn';

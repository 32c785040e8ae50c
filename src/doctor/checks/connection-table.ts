import type { Check } from '../check.js';
import { counted } from '../../common/plural.js';
import type { CheckContext } from '../check-context.js';

/** What every kernel accepts; newer ones accept more. */
const MOST_BITS = 20;
const FEWEST_BITS = 8;
/** A kernel with this sysctl resizes its table by itself. */
const GROWS = 'net/ipv4/vs/conn_lfactor';
const FILE = '/etc/modprobe.d/ip_vs.conf';

export const connectionTableSmall: Check = {
  id: 'connection-table-small',
  severity: 'notice',
  title: 'There are more connections than the connection table has buckets',
  why:
    'All connections are served, but the more of them share a bucket, the longer it takes to find the connection of a ' +
    'packet.',
  role: 'director',
  run: async (context) => {
    const buckets = (await context.ipvs.info())?.connectionTableSize ?? Infinity;
    const connections = await connectionCount(context);
    if (connections <= buckets || buckets >= 2 ** MOST_BITS) return [];
    if ((await context.machine.sysctl(GROWS)) !== undefined) return [];
    const bits = Math.max(Math.ceil(Math.log2(2 * connections)), FEWEST_BITS);
    return [
      {
        evidence: `${counted(connections, 'connection')}, ${buckets.toLocaleString('en')} buckets (size=${buckets})`,
        fix: await fixOf(context, `conn_tab_bits=${Math.min(bits, MOST_BITS)}`),
      },
    ];
  },
};

/** With templates. The counters of real servers have it, so that the connection table need not be read. */
async function connectionCount(context: CheckContext): Promise<number> {
  let count = 0;
  for (const { destinations } of await context.ipvs.table()) {
    for (const one of destinations) {
      count += one.activeConnections + one.inactiveConnections + one.persistentConnections;
    }
  }
  return count;
}

/** The kernel reads it once, when IPVS is loaded. */
async function fixOf({ host }: CheckContext, option: string): Promise<readonly string[]> {
  const modules = (await host.read('/proc/modules')) ?? '';
  if (!/^ip_vs /m.test(modules)) {
    return [`Add ip_vs.${option} to the kernel command line, and reboot.`];
  }
  return [
    `echo 'options ip_vs ${option}' >>${FILE}`,
    '# then reboot: it takes effect when the module is next loaded',
  ];
}

import type { Check } from '../check.js';
import { counted } from '../count-words.js';
import type { Facts } from '../facts.js';

/** What every kernel takes; newer ones take more. */
const MOST_BITS = 20;
const FEWEST_BITS = 8;
/** A kernel with this setting makes its table larger by itself. */
const GROWS = 'net/ipv4/vs/conn_lfactor';
const FILE = '/etc/modprobe.d/ip_vs.conf';

export const connectionTableSmall: Check = {
  id: 'connection-table-small',
  severity: 'notice',
  title: 'There are more connections than the connection table has buckets',
  why: 'All are served, but to find the connection of a packet takes longer the more there are in each bucket.',
  role: 'director',
  look: async (facts) => {
    const buckets = (await facts.info())?.connectionTableSize ?? Infinity;
    const connections = await connectionCount(facts);
    if (connections <= buckets || buckets >= 2 ** MOST_BITS) return [];
    if ((await facts.setting(GROWS)) !== undefined) return [];
    const bits = Math.max(Math.ceil(Math.log2(2 * connections)), FEWEST_BITS);
    return [
      {
        evidence: `${counted(connections, 'connection')}, ${buckets.toLocaleString('en')} buckets (size=${buckets})`,
        mend: await mendOf(facts, `conn_tab_bits=${Math.min(bits, MOST_BITS)}`),
      },
    ];
  },
};

/** With templates. The table of services tells it without a look at each entry. */
async function connectionCount(facts: Facts): Promise<number> {
  let count = 0;
  for (const { destinations } of await facts.table()) {
    for (const one of destinations) {
      count += one.activeConnections + one.inactiveConnections + one.persistentConnections;
    }
  }
  return count;
}

/** The kernel reads it once, when IPVS begins. */
async function mendOf({ machine }: Facts, option: string): Promise<readonly string[]> {
  const modules = (await machine.read('/proc/modules')) ?? '';
  if (!/^ip_vs /m.test(modules)) {
    return [`Add ip_vs.${option} to the command line of the kernel, and reboot.`];
  }
  return [
    `echo 'options ip_vs ${option}' >>${FILE}`,
    '# then reboot: it holds from when the module is loaded anew',
  ];
}

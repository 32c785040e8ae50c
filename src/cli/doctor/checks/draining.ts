import type { TableEntry } from '../../../ipvs/client.js';
import { formatDestinationId } from '../../../ipvs/destination.js';
import type { Destination } from '../../../ipvs/destination.js';
import { formatServiceId } from '../../../ipvs/service.js';
import { settingCommand, settingText } from '../../../machine/settings.js';
import type { Check, Sighting } from '../check.js';
import { counted } from '../count-words.js';
import type { Facts } from '../facts.js';

/** Real servers of weight 0, which are to get no more clients. */

const TEMPLATES = 'net/ipv4/vs/expire_quiescent_template';
const REUSE = 'net/ipv4/vs/conn_reuse_mode';

function drained(table: readonly TableEntry[], { has, setting }: Wanted): readonly Sighting[] {
  return table.flatMap((entry) =>
    entry.destinations
      .filter(({ settings }) => settings.weight === 0)
      .flatMap((destination) => {
        const what = has(entry, destination);
        if (what === undefined) return [];
        const where = `${formatServiceId(entry.service.id)}: ${formatDestinationId(destination.id)}`;
        return [
          {
            evidence: `${where} has weight 0 and ${what}, ${settingText(setting, 0)}`,
            mend: [settingCommand(setting, 1)],
          },
        ];
      }),
  );
}

interface Wanted {
  /** What a real server still has. */
  readonly has: (entry: TableEntry, destination: Destination) => string | undefined;
  /** Which is 0, and should be 1. */
  readonly setting: string;
}

export const quiescentPersistence: Check = {
  id: 'quiescent-persistence',
  severity: 'warning',
  title: 'A real server of weight 0 keeps getting its persistent clients',
  why:
    'New connections of a client that has been there go there again, and prolong its stay each time: it may never be ' +
    'without clients. With the setting they are given to another real server.',
  role: 'director',
  look: async (facts) => {
    if ((await facts.number(TEMPLATES)) !== 0) return [];
    return drained(await facts.table(), {
      has: ({ service }, { persistentConnections: count }) =>
        service.settings.persistence === undefined || count === 0
          ? undefined
          : counted(count, 'persistent client'),
      setting: TEMPLATES,
    });
  },
};

export const connectionReuse: Check = {
  id: 'connection-reuse',
  severity: 'warning',
  title: 'A real server of weight 0 gets new connections from ports that were used before',
  why:
    'A client, or a router that hides many, that takes a port again while the entry of its last connection is there goes ' +
    'to the same real server, and prolongs the entry: it may never be without clients.',
  role: 'director',
  look: async (facts) => {
    if ((await facts.number(REUSE)) !== 0 || (await waitsWithout(facts))) return [];
    // Newer kernels look at the weight by themselves then.
    if ((await facts.number('net/ipv4/vs/expire_nodest_conn')) === 1) return [];
    return drained(await facts.table(), {
      has: (_, { activeConnections, inactiveConnections }) => {
        const count = activeConnections + inactiveConnections;
        return count === 0 ? undefined : counted(count, 'connection');
      },
      setting: REUSE,
    });
  },
};

/**
 * Before Linux 5.9 a client whose port is used again loses a packet, and so a second, when connections are tracked: there 0 is
 * what one wants. Source: "ipvs: allow connection reuse for unconfirmed conntrack", Linux 5.9.
 */
async function waitsWithout(facts: Facts): Promise<boolean> {
  const [major = 0, minor = 0] = ((await facts.setting('kernel/osrelease')) ?? '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const old = major < 5 || (major === 5 && minor < 9);
  return old && (await facts.number('net/ipv4/vs/conntrack')) === 1;
}

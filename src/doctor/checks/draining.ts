import type { ServiceEntry } from '../../ipvs/client/client.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { Destination } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { EXPIRE_NODEST_CONN, EXPIRE_QUIESCENT_TEMPLATE } from '../../host/ipvs-sysctls.js';
import { sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check, Occurrence } from '../check.js';
import { counted } from '../../common/plural.js';
import type { CheckContext } from '../check-context.js';

/** Real servers of weight 0, which should get no more clients. */

const REUSE = 'net/ipv4/vs/conn_reuse_mode';

function drained(table: readonly ServiceEntry[], { has, setting }: Wanted): readonly Occurrence[] {
  return table.flatMap((entry) =>
    entry.destinations
      .filter(({ settings }) => settings.weight === 0)
      .flatMap((destination) => {
        const what = has(entry, destination);
        if (what === undefined) return [];
        const where = `${formatServiceId(entry.service.id)}: ${formatDestinationId(destination.id)}`;
        return [
          {
            evidence: `${where} has weight 0 and ${what}, ${formatSysctl(setting, 0)}`,
            fix: [sysctlCommand(setting, 1)],
          },
        ];
      }),
  );
}

interface Wanted {
  /** What a real server still has; undefined if nothing. */
  readonly has: (entry: ServiceEntry, destination: Destination) => string | undefined;
  /** The sysctl, which is 0 and should be 1. */
  readonly setting: string;
}

export const quiescentPersistence: Check = {
  id: 'quiescent-persistence',
  severity: 'warning',
  title: 'A real server of weight 0 keeps getting its persistent clients',
  why:
    'New connections of a persistent client still go there, and extend its persistence each time, so the real server ' +
    'may never drain. With expire_quiescent_template they go to another real server.',
  role: 'director',
  run: async (context) => {
    if ((await context.machine.sysctlNumber(EXPIRE_QUIESCENT_TEMPLATE)) !== 0) return [];
    return drained(await context.ipvs.table(), {
      has: ({ service }, { persistentConnections: count }) =>
        service.settings.persistence === undefined || count === 0
          ? undefined
          : counted(count, 'persistent client'),
      setting: EXPIRE_QUIESCENT_TEMPLATE,
    });
  },
};

export const connectionReuse: Check = {
  id: 'connection-reuse',
  severity: 'warning',
  title: 'A real server of weight 0 gets new connections from reused client ports',
  why:
    'When a client, or a NAT router in front of many, reuses a source port before the entry of its last connection ' +
    'has expired, the new connection goes to the same real server and renews the entry, so the real server may never ' +
    'drain.',
  role: 'director',
  run: async (context) => {
    if ((await context.machine.sysctlNumber(REUSE)) !== 0 || (await waitsWithout(context)))
      return [];
    // Newer kernels take the weight into account then.
    if ((await context.machine.sysctlNumber(EXPIRE_NODEST_CONN)) === 1) return [];
    return drained(await context.ipvs.table(), {
      has: (_, { activeConnections, inactiveConnections }) => {
        const count = activeConnections + inactiveConnections;
        return count === 0 ? undefined : counted(count, 'connection');
      },
      setting: REUSE,
    });
  },
};

/**
 * Before Linux 5.9, with connection tracking, the first packet from a reused port is dropped, which costs the client a second:
 * there, 0 is the better value. Source: "ipvs: allow connection reuse for unconfirmed conntrack", Linux 5.9.
 */
async function waitsWithout(context: CheckContext): Promise<boolean> {
  const [major = 0, minor = 0] = ((await context.machine.sysctl('kernel/osrelease')) ?? '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const old = major < 5 || (major === 5 && minor < 9);
  return old && (await context.machine.sysctlNumber('net/ipv4/vs/conntrack')) === 1;
}

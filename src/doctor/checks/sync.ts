import type { SyncDaemon } from '../../ipvs/model/daemon.js';
import { familyNames } from '../../common/ip-family.js';
import { shellQuoted } from '../../common/shell-quoted.js';
import type { Link } from '../../host/network.js';
import type { Check, Occurrence } from '../check.js';

/** The daemons that synchronise connections with another director. */

export const syncInterfaceDown: Check = {
  id: 'sync-interface-down',
  severity: 'warning',
  title: 'The interface of a sync daemon is missing, down, or has no address',
  why: 'Connections are not synchronised with the other director: when it takes over, clients lose them.',
  role: 'director',
  run: async (context) => {
    const daemons = await context.ipvs.syncDaemons();
    if (daemons.length === 0) return [];
    const links = new Map((await context.machine.links()).map((link) => [link.name, link]));
    return daemons.flatMap((daemon) => interfaceFault(daemon, links.get(daemon.interface)));
  },
};

function interfaceFault(daemon: SyncDaemon, link: Link | undefined): readonly Occurrence[] {
  const { state, interface: name, group } = daemon;
  const who = `${state} daemon on ${name}`;
  if (link === undefined) {
    // It stays bound to the old interface, and does not notice a new one with the same name.
    const again = [`ipvsadm --stop-daemon ${state}`, startLine(daemon)];
    const fix = ['# bring it back, then restart the daemon', ...again];
    return [{ evidence: `${who}: there is no ${name}`, fix }];
  }
  if (!link.up) {
    return [{ evidence: `${who}: ${name} is down`, fix: [`ip link set dev ${wordOf(name)} up`] }];
  }
  const family = group?.family ?? 'ipv4';
  if (link.addresses.some((address) => address.family === family)) return [];
  return [
    {
      evidence: `${who}: ${name} has no ${familyNames[family]} address`,
      fix: [`Give it one: ip address add ADDRESS/LENGTH dev ${wordOf(name)}`],
    },
  ];
}

/** Names of interfaces may have characters that are special to a shell. */
function wordOf(name: string): string {
  return /^[\w.@:-]+$/.test(name) ? name : shellQuoted(name);
}

/** The command that starts a daemon with its current settings. */
function startLine({ state, interface: name, syncId, ...rest }: SyncDaemon): string {
  const words = ['ipvsadm --start-daemon', state, '--mcast-interface', wordOf(name)];
  words.push('--syncid', String(syncId));
  const { maximumLength, group, port, ttl } = rest;
  if (maximumLength !== undefined) words.push('--sync-maxlen', String(maximumLength));
  if (group !== undefined) words.push('--mcast-group', group.toString());
  if (port !== undefined) words.push('--mcast-port', String(port));
  if (ttl !== undefined) words.push('--mcast-ttl', String(ttl));
  return words.join(' ');
}

export const syncDaemonsDiffer: Check = {
  id: 'sync-daemons-differ',
  severity: 'notice',
  title:
    "The backup sync daemon does not accept messages from a master that is configured like this machine's",
  why:
    "Two directors that are both configured like this one do not receive each other's connections, which are lost " +
    'when one takes over. Messages longer than the backup accepts are lost too. Ignore this if the other director is ' +
    'configured the other way round.',
  role: 'director',
  run: async (context) => {
    const daemons = await context.ipvs.syncDaemons();
    const master = daemons.find(({ state }) => state === 'master');
    const backup = daemons.find(({ state }) => state === 'backup');
    if (master === undefined || backup === undefined) return [];
    const differences = differencesOf(master, backup);
    if (differences.length === 0) return [];
    const like: SyncDaemon = { ...master, state: 'backup', interface: backup.interface };
    const fix = ['ipvsadm --stop-daemon backup', startLine(like)];
    return [{ evidence: differences.join(', '), fix }];
  },
};

/** A backup with sync id 0 accepts messages with any id. */
function differencesOf(master: SyncDaemon, backup: SyncDaemon): readonly string[] {
  const differences: string[] = [];
  const differ = (what: string, ...values: readonly (string | number | undefined)[]): void => {
    differences.push(`${what}: master ${values[0]}, backup ${values[1]}`);
  };
  if (backup.syncId !== 0 && backup.syncId !== master.syncId) {
    differ('syncid', master.syncId, backup.syncId);
  }
  const groups = [master, backup].map(({ group }) => group?.toString());
  if (groups[0] !== groups[1]) differ('group', ...groups);
  if (master.port !== backup.port) differ('port', master.port, backup.port);
  const lengths = [master, backup].map(({ maximumLength }) => maximumLength);
  const [sent = 0, taken = sent] = lengths;
  if (sent > taken) differ('maxlen', ...lengths);
  return differences;
}

export const syncBackupWithoutRules: Check = {
  id: 'sync-backup-without-rules',
  severity: 'warning',
  title: 'A backup sync daemon is running, and the table is empty',
  why:
    'The daemon receives connections, not services: when this director takes over, it resets the connections and ' +
    'refuses new clients until the rules are loaded.',
  role: 'director',
  run: async (context) => {
    const backup = (await context.ipvs.syncDaemons()).find(({ state }) => state === 'backup');
    if (backup === undefined || (await context.ipvs.table()).length > 0) return [];
    return [
      {
        evidence: `backup daemon on ${backup.interface}, no services`,
        fix: ['On the other director: ipvsadm-save -n >RULES. Here: ipvsadm-restore <RULES'],
      },
    ];
  },
};

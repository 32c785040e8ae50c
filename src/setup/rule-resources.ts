import type { Kind } from './resources.js';
import type { Command, State } from './step.js';

/** Steps that are rules of IPVS. Their states are lines that ipvsadm reads. */

const ipvsadm = (rule: string): Command => ({ program: 'ipvsadm', words: rule.split(' ') });

/** A real server by its address and port; the service itself by the empty text. */
const serverIn = (rule: string): string => / -r (\S+)/.exec(rule)?.[1] ?? '';

/** The words of a rule that say what it is about, with another command. */
const about = (command: string, rule: string): string =>
  rule.replace(/^-\w/, command).replace(/ (?:-s|-[gim]) .*$/, '');

export const service: Kind = {
  describe: ({ name, wanted }) => `service ${name}, ${servers(wanted.length - 1)}`,
  read: async ({ name }, snapshot) => (await snapshot.table()).get(name) ?? [],
  wanted: ({ wanted }, now, recorded) => {
    const known = new Set(wanted.map(serverIn));
    const added = new Set(recorded?.set.map(serverIn));
    for (const rule of recorded?.found ?? []) added.delete(serverIn(rule));
    // Real servers that others have added stay.
    const others = now.filter((rule) => !known.has(serverIn(rule)) && !added.has(serverIn(rule)));
    return [...wanted.slice(0, 1), ...[...wanted.slice(1), ...others].sort()];
  },
  change: (_, from, to) => {
    const [old] = from;
    const [own] = to;
    // Without the service itself its real servers are nothing.
    if (own?.startsWith('-A') !== true) return old === undefined ? [] : [ipvsadm(about('-D', old))];
    const before = new Map(from.map((rule) => [serverIn(rule), rule]));
    const after = new Set(to.map(serverIn));
    // New before old: at every moment there is somebody to answer.
    return [
      ...to.flatMap((rule) => {
        const was = before.get(serverIn(rule));
        if (was === rule) return [];
        return [ipvsadm(was === undefined ? rule : edited(rule))];
      }),
      ...from
        .filter((rule) => !after.has(serverIn(rule)))
        .map((rule) => ipvsadm(about('-d', rule))),
    ];
  },
  keyOf: serverIn,
  status: ({ wanted }, now) => {
    const present = new Set(now.map(serverIn));
    const own = wanted.slice(1).map(serverIn);
    const there = own.filter((server) => present.has(server)).length;
    return {
      well: now.length > 0 && (there > 0 || own.length === 0),
      note: now.length === 0 ? 'not there' : `${there} of ${servers(own.length)}`,
    };
  },
};

const edited = (rule: string): string =>
  rule.startsWith('-A') ? rule.replace('-A', '-E') : rule.replace('-a', '-e');

const servers = (count: number): string => `${count} real server${count === 1 ? '' : 's'}`;

export const timeouts: Kind = {
  describe: ({ wanted }) => `timeouts ${wanted.join('')}`,
  read: async (_, { session }) => {
    const { tcpSeconds, tcpFinSeconds, udpSeconds } = await (await session.client()).timeouts();
    return [`${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}`];
  },
  // 0 leaves one as it is.
  wanted: ({ wanted }, now) => [withZeros(wanted, now)],
  isRight: ({ wanted }, now) => withZeros(wanted, now) === now[0],
  change: (_, [from], [to]) => (to === undefined || from === to ? [] : [ipvsadm(`--set ${to}`)]),
};

function withZeros([wanted = '']: State, [now = '']: State): string {
  const current = now.split(' ');
  const each = wanted.split(' ').map((value, index) => (value === '0' ? current[index] : value));
  return each.join(' ');
}

/** One that runs is what its rule wants. */
export const daemon: Kind = {
  describe: ({ name }) => `synchronisation daemon ${name}`,
  read: async ({ name, wanted }, { session }) => {
    const daemons = await (await session.client()).syncDaemons();
    return daemons.some(({ state }) => state === name) ? wanted : [];
  },
  change: ({ name }, from, to) => {
    if (from.length === to.length) return [];
    return to.length === 0 ? [ipvsadm(`--stop-daemon ${name}`)] : to.map(ipvsadm);
  },
};

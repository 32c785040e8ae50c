import type { LineKind } from './resources.js';
import type { Command } from './command.js';
import type { State } from './step.js';

/** Steps that are about IPVS and not about its table. Their states are lines that ipvsadm reads. */

const ipvsadm = (rule: string): Command => ({ program: 'ipvsadm', words: rule.split(' ') });

export const timeouts: LineKind = {
  describe: ({ wanted }) => `timeouts ${wanted.join('')}`,
  read: async (_, { ipvs }) => {
    const current = await ipvs.timeouts();
    if (current === undefined) return [];
    const { tcpSeconds, tcpFinSeconds, udpSeconds } = current;
    return [`${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}`];
  },
  // 0 leaves one as it is.
  wanted: ({ wanted }, current) => [withZeros(wanted, current)],
  isRight: ({ wanted }, current) => withZeros(wanted, current) === current[0],
  change: (_, [from], [to]) => (to === undefined || from === to ? [] : [ipvsadm(`--set ${to}`)]),
};

function withZeros([wanted = '']: State, [current = '']: State): string {
  const values = current.split(' ');
  const each = wanted
    .split(' ')
    .map((value, index) => (value === '0' ? (values[index] ?? value) : value));
  return each.join(' ');
}

/** One that runs is what its rule wants. */
export const daemon: LineKind = {
  describe: ({ name }) => `synchronisation daemon ${name}`,
  read: async ({ name, wanted }, { ipvs }) => {
    const daemons = await ipvs.syncDaemons();
    return daemons.some(({ state }) => state === name) ? wanted : [];
  },
  change: ({ name }, from, to) => {
    if (from.length === to.length) return [];
    return to.length === 0 ? [ipvsadm(`--stop-daemon ${name}`)] : to.map(ipvsadm);
  },
};

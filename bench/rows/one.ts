import { genuine, ours } from '../programs.js';
import { wallTimes } from '../measured.js';
import { HUGE, serviceOf, sizeOf } from '../rules.js';
import { inTurn, type Row } from '../row.js';
import { withTable } from '../table.js';

export const one: Row = {
  name: 'one',
  about: '-Ln of one service among 5,000, beside the genuine program',
  run(bench) {
    return withTable(bench, HUGE, async (guest, namespace) => {
      const words = ['-Ln', '-t', serviceOf(HUGE.services / 2)];
      const list = (program: readonly string[], keep: string) =>
        guest.measure(namespace, [...program, ...words], { keep });
      const all = await inTurn(bench, bench.runs(11), {
        ours: () => list(ours(), 'ours'),
        genuine: () => list(genuine, 'genuine'),
        node: () => guest.measure(namespace, [process.execPath, '-e', '0']),
      });
      await guest.same(guest.path('ours'), guest.path('genuine'), words.join(' '));
      const what = `ipvsadm ${words.join(' ')}, one service of ${sizeOf(HUGE)}`;
      return [
        {
          what,
          unit: 'ms',
          ours: wallTimes(all.ours),
          other: { name: 'genuine', values: wallTimes(all.genuine) },
        },
        {
          what,
          unit: 'ms',
          ours: wallTimes(all.ours),
          other: { name: 'node -e 0', values: wallTimes(all.node) },
        },
      ];
    });
  },
};

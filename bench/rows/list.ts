import { eachForm, formNames, genuine, type Form } from '../programs.js';
import { wallTimes, type Measured } from '../measured.js';
import type { Result } from '../result.js';
import { HUGE, LARGE, sizeOf, type Shape } from '../rules.js';
import { inTurn, type Bench, type Row } from '../row.js';
import { withTable } from '../table.js';

const VIEWS = [['-S', '-n'], ['-Ln']] as const;
/** How the line of a virtual service begins. */
const SERVICE_LINE = { '-S': '-A ', '-Ln': 'TCP ' };

/** Lists the table with both programs, which must agree to the byte. */
async function listings(
  bench: Bench,
  shape: Shape,
  atLeast: Readonly<Record<Form, number>>,
  tell: (view: string, lists: readonly Measured[]) => Result[],
): Promise<Result[]> {
  return withTable(bench, shape, async (guest, namespace) => {
    const results: Result[] = [];
    for (const view of VIEWS) {
      const list = async (program: readonly string[], keep: string) =>
        guest.measure(namespace, [...program, ...view], {
          keep,
          firstLine: SERVICE_LINE[view[0]],
        });
      const all = await inTurn(bench, bench.runs(shape === HUGE ? 3 : 5), {
        ...eachForm((program, form) => () => list(program, form)),
        genuine: () => list(genuine, 'genuine'),
      });
      const words = view.join(' ');
      for (const form of formNames) {
        await guest.same(guest.path(form), guest.path('genuine'), words);
        results.push({
          what: `ipvsadm ${words}, ${sizeOf(shape)}, ${form}`,
          unit: 'ms',
          ours: wallTimes(all[form]),
          other: { name: 'genuine', values: wallTimes(all.genuine) },
          target: { kind: 'faster', atLeast: atLeast[form] },
        });
      }
      results.push(...tell(words, all.Node));
    }
    return results;
  });
}

/** A program that reads everything before it prints would come near the whole time. */
function firstService(words: string, lists: readonly Measured[]): Result[] {
  return [
    {
      what: `first service of ${words}, ${sizeOf(HUGE)}`,
      unit: 'ms',
      ours: lists.map(({ firstMs }) => firstMs ?? NaN),
      other: { name: 'whole list', values: wallTimes(lists) },
      // It comes while the rest is read: a list that is read to its end before would come near 1.
      target: { kind: 'slower', atMost: 0.75 },
    },
  ];
}

export const list: Row = {
  name: 'list',
  about: '-S -n and -Ln of 21,000 and of 105,000 rules, beside the genuine program',
  async run(bench) {
    return [
      ...(await listings(bench, LARGE, { Node: 0.8, executable: 0.5 }, () => [])),
      ...(await listings(bench, HUGE, { Node: 1.5, executable: 1.2 }, firstService)),
    ];
  },
};

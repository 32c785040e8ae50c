import type { Namespace } from '../../test/lab/lab.js';
import type { Guest } from '../guest.js';
import { memories, wallTimes, type Measured } from '../measured.js';
import { ipvs, ours } from '../programs.js';
import type { Result } from '../result.js';
import { inTurn, type Bench, type Row } from '../row.js';
import { HUGE, LARGE, rulesOf, sizeOf, withOtherWeights } from '../rules.js';
import { withTable } from '../table.js';

const MOST_MB = 150;
/** One server in a hundred. */
const EVERY = 100;
/** What writes the table as a state file, by the format. YAML takes as long as the package that reads it. */
const WRITERS = {
  rules: [...ours(), '-S', '-n'],
  JSON: [...ipvs(), 'list', '--json'],
  YAML: [...ipvs(), 'export'],
} as const;
type Format = keyof typeof WRITERS;

const applying = (file: string) => [...ipvs(), 'apply', '--quiet', '-f', file];

/** The table as a file in each format: with any of them there is nothing to change. */
async function filesOf(guest: Guest, namespace: Namespace): Promise<Record<Format, string>> {
  const write = async (format: Format) => {
    const keep = `state.${format}`;
    await guest.measure(namespace, WRITERS[format], { keep });
    return guest.path(keep);
  };
  return { rules: await write('rules'), JSON: await write('JSON'), YAML: await write('YAML') };
}

function resultsOf(
  what: string,
  all: readonly Measured[],
  listings: readonly Measured[],
  atMost: number | undefined,
): Result[] {
  return [
    {
      what,
      unit: 'ms',
      ours: wallTimes(all),
      other: { name: 'our ipvsadm -Ln', values: wallTimes(listings) },
      target: atMost === undefined ? undefined : { kind: 'slower', atMost },
    },
    {
      what: `memory of ${what}`,
      unit: 'MB',
      ours: memories(all),
      target: atMost === undefined ? undefined : { kind: 'below', atMost: MOST_MB },
    },
  ];
}

/** What it takes to find that nothing is to be changed, and to change a hundredth. */
async function large(bench: Bench): Promise<Result[]> {
  return withTable(bench, LARGE, async (guest, namespace) => {
    const files = await filesOf(guest, namespace);
    const changed = await guest.put('changed', withOtherWeights(rulesOf(LARGE), EVERY));
    const run = (words: readonly string[]) => () => guest.measure(namespace, words);
    const all = await inTurn(bench, bench.runs(5), {
      list: run([...ours(), '-Ln']),
      rules: run(applying(files.rules)),
      JSON: run(applying(files.JSON)),
      YAML: run(applying(files.YAML)),
      changed: run(applying(changed)),
      // As many changes, back to what was.
      back: run(applying(files.rules)),
    });
    const size = sizeOf(LARGE);
    const without = (format: Format, atMost?: number) =>
      resultsOf(`ipvs apply, ${size} as ${format}, no change`, all[format], all.list, atMost);
    return [
      ...without('rules', 1.5),
      ...without('JSON', 1.5),
      ...without('YAML'),
      ...resultsOf(`ipvs apply, ${size}, 1 % changed`, all.changed, all.list, 1.7),
    ];
  });
}

/** Five times as much takes about five times as long. */
async function growing(bench: Bench): Promise<Result[]> {
  return withTable(bench, LARGE, (guest, small) =>
    withTable(bench, HUGE, async (_, huge) => {
      const [few, many] = [
        await guest.put('few', rulesOf(LARGE)),
        await guest.put('many', rulesOf(HUGE)),
      ];
      const all = await inTurn(bench, bench.runs(3), {
        few: () => guest.measure(small, applying(few)),
        many: () => guest.measure(huge, applying(many)),
      });
      return [
        {
          what: `ipvs apply, ${sizeOf(HUGE)}, no change`,
          unit: 'ms',
          ours: wallTimes(all.many),
          other: { name: sizeOf(LARGE), values: wallTimes(all.few) },
          target: { kind: 'slower', atMost: 5.5 },
        },
      ];
    }),
  );
}

/** What changing costs. */
export const change: Row = {
  name: 'change',
  about: 'ipvs apply of 21,000 rules without and with changes, beside ipvsadm -Ln; of 105,000',
  run: async (bench) => [...(await large(bench)), ...(await growing(bench))],
};

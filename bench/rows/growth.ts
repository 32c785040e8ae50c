import type { Guest } from '../guest.js';
import { ours } from '../programs.js';
import { memories, wallTimes, type Measured } from '../measured.js';
import type { Result } from '../result.js';
import { HUGE, LARGE, ruleCount, rulesOf, SMALL, sizeOf, type Shape } from '../rules.js';
import { inTurn, type Row } from '../row.js';

const COMMANDS = ['-R', '-S -n', '-Ln'] as const;
type Command = (typeof COMMANDS)[number];
type Round = Readonly<Record<Command, Measured>>;

const HEADING_LINES = 3;
/** Per tenfold, beyond what tenfold is: a little for caches, nothing for squares. */
const TENFOLD = 11;
const MEMORY_MB = 120;

/** A table that is restored, saved and listed. */
async function round(guest: Guest, shape: Shape, rules: string): Promise<Round> {
  return guest.within(async (namespace) => {
    const run = (words: string, input?: string) =>
      guest.measure(namespace, [...ours(), ...words.split(' ')], {
        keep: 'ours',
        ...(input === undefined ? {} : { input }),
      });
    const restored = await run('-R', rules);
    const saved = await run('-S -n');
    await guest.same(guest.path('ours'), rules, 'ipvsadm -S -n');
    const listed = await run('-Ln');
    const lines = Number(await guest.shell(`wc -l <${guest.path('ours')}`));
    if (lines !== HEADING_LINES + ruleCount(shape)) throw new Error(`-Ln has ${lines} lines`);
    return { '-R': restored, '-S -n': saved, '-Ln': listed };
  });
}

function growthOf(command: Command, from: Table, to: Table): Result {
  const times = ruleCount(to.shape) / ruleCount(from.shape);
  return {
    what: `ipvsadm ${command}, ${sizeOf(to.shape)}`,
    unit: 'ms',
    ours: wallTimes(to.rounds.map((one) => one[command])),
    other: {
      name: sizeOf(from.shape),
      values: wallTimes(from.rounds.map((one) => one[command])),
    },
    target: { kind: 'slower', atMost: (times * TENFOLD) / 10 },
  };
}

interface Table {
  readonly shape: Shape;
  readonly rounds: readonly Round[];
}

export const growth: Row = {
  name: 'growth',
  about: '-R, -S -n and -Ln of 2,100, 21,000 and 105,000 rules, and their memory',
  async run(bench) {
    const guest = await bench.guest();
    const shapes = { small: SMALL, large: LARGE, huge: HUGE };
    const prepared = async (name: keyof typeof shapes) => ({
      shape: shapes[name],
      rules: await guest.put(`rules-${name}`, rulesOf(shapes[name])),
    });
    const [small, large, huge] = [
      await prepared('small'),
      await prepared('large'),
      await prepared('huge'),
    ];
    const all = await inTurn(bench, bench.runs(3), {
      [sizeOf(SMALL)]: () => round(guest, SMALL, small.rules),
      [sizeOf(LARGE)]: () => round(guest, LARGE, large.rules),
      [sizeOf(HUGE)]: () => round(guest, HUGE, huge.rules),
    });
    const table = (shape: Shape): Table => ({ shape, rounds: all[sizeOf(shape)] ?? [] });
    return COMMANDS.flatMap((command) => [
      growthOf(command, table(SMALL), table(LARGE)),
      growthOf(command, table(LARGE), table(HUGE)),
      {
        what: `memory of ipvsadm ${command}, ${sizeOf(HUGE)}`,
        unit: 'MB',
        ours: memories(table(HUGE).rounds.map((one) => one[command])),
        target: { kind: 'below', atMost: MEMORY_MB },
      },
    ]);
  },
};

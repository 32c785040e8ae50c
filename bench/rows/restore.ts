import type { Guest } from '../guest.js';
import { eachForm, formNames, genuine, type Form } from '../programs.js';
import { wallTimes, type Measured } from '../measured.js';
import type { Result } from '../result.js';
import { LARGE, rulesOf, sizeOf } from '../rules.js';
import { inTurn, type Bench, type Row } from '../row.js';
import { checkTable, withEmptyTable, type History } from '../table.js';

/** Restores a file into an empty table, and makes sure that it is there. */
export function restoreOnce(
  guest: Guest,
  history: History,
  program: readonly string[],
  rules: string,
): Promise<Measured> {
  return withEmptyTable(guest, history, rules, async (namespace) => {
    const measured = await guest.measure(namespace, [...program, '-R'], { input: rules });
    await checkTable(guest, namespace, rules, `${program.join(' ')} -R`);
    return measured;
  });
}

const AT_LEAST: Readonly<Record<Form, number>> = { Node: 3, executable: 3.5 };

async function pairs(bench: Bench, history: History): Promise<Result[]> {
  const guest = await bench.guest();
  const rules = await guest.put('rules', rulesOf(LARGE));
  // Its files are read once before.
  await guest.shell(
    Object.values(eachForm((program) => `${program.join(' ')} -h >/dev/null`)).join('\n'),
  );
  const all = await inTurn(bench, bench.runs(5), {
    ...eachForm((program) => () => restoreOnce(guest, history, program, rules)),
    genuine: () => restoreOnce(guest, history, genuine, rules),
  });
  return formNames.map((form) => ({
    what: `ipvsadm -R, ${sizeOf(LARGE)}, kernel ${history}, ${form}`,
    unit: 'ms',
    ours: wallTimes(all[form]),
    other: { name: 'genuine', values: wallTimes(all.genuine) },
    target: { kind: 'faster', atLeast: AT_LEAST[form] },
  }));
}

export const restore: Row = {
  name: 'restore',
  about: '-R of 21,000 rules, beside the genuine program',
  async run(bench) {
    return [
      ...(await pairs(bench, 'had them just before')),
      ...(await pairs(bench, 'never had them')),
    ];
  },
};

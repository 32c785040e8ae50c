import { IpvsClient } from '../../src/ipvs/client/client.js';
import type { Guest } from '../guest.js';
import { genuine } from '../programs.js';
import { operationsOf } from '../operations.js';
import type { Result } from '../result.js';
import { LARGE, rulesOf, sizeOf } from '../rules.js';
import { inTurn, type Bench, type Row } from '../row.js';
import { checkTable, withEmptyTable, type History } from '../table.js';
import { takingSocket } from '../taking-socket.js';
import { restoreOnce } from './restore.js';

/** The messages that our client sends for rules, one behind the other. */
async function messagesOf(rules: string): Promise<Uint8Array> {
  const sent: Uint8Array[] = [];
  const socket = takingSocket((datagram) => sent.push(datagram.slice()));
  await using client = await IpvsClient.open({ socket });
  await client.batch(await operationsOf(new Blob([rules]).stream()));
  return Buffer.concat(sent);
}

/** Runs a program that fills an empty table and prints how long that took; makes sure that the table is right. */
function fillOnce(
  guest: Guest,
  history: History,
  command: readonly string[],
  rules: string,
): Promise<number> {
  return withEmptyTable(guest, history, rules, async (namespace) => {
    const printed = Number(await guest.run(namespace, command));
    await checkTable(guest, namespace, rules, command.join(' '));
    return printed;
  });
}

async function pairs(bench: Bench, history: History): Promise<Result[]> {
  const guest = await bench.guest();
  const text = rulesOf(LARGE);
  const rules = await guest.put('rules', text);
  const messages = await guest.put('messages', await messagesOf(text));
  const program = await guest.bundle('bench/inside/batch.ts');
  const floor = await guest.compile('floor');
  const all = await inTurn(bench, bench.runs(5), {
    ours: () => fillOnce(guest, history, [process.execPath, program, rules], rules),
    genuine: async () => (await restoreOnce(guest, history, genuine, rules)).wallMs,
    floor: async () => (await fillOnce(guest, history, [floor, messages], rules)) / 1000,
  });
  const ours = {
    what: `open() and batch(), ${sizeOf(LARGE)}, kernel ${history}`,
    unit: 'ms',
    ours: all.ours,
  } as const;
  return [
    {
      ...ours,
      other: { name: 'genuine -R', values: all.genuine },
      target: { kind: 'faster', atLeast: 4 },
    },
    {
      ...ours,
      other: { name: 'program in C', values: all.floor },
      target: { kind: 'slower', atMost: 1.5 },
    },
  ];
}

export const batch: Row = {
  name: 'batch',
  about: 'the same in a program, with client.batch(), also beside a minimal program in C',
  async run(bench) {
    return [
      ...(await pairs(bench, 'had them just before')),
      ...(await pairs(bench, 'never had them')),
    ];
  },
};

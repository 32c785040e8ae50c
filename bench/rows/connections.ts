import type { Namespace } from '../../test/lab/lab.js';
import type { Guest } from '../guest.js';
import { genuine, ours } from '../programs.js';
import { memories, wallTimes } from '../measured.js';
import { inTurn, type Bench, type Row } from '../row.js';

const COUNT = 100_000;
const HEADING_LINES = 2;
const ADDRESS = '10.9.0.1';
/** Datagrams may be lost: what has not arrived is sent again. */
const ATTEMPTS = 4;
/** Takes away the one column that changes while one looks: when an entry expires. */
const WITHOUT_EXPIRY = String.raw`s/^\(TCP *\)[0-9]*:[0-9]*/\1/`;

/** Fills the connection table of a namespace, through the backup daemon. */
async function fill({ step }: Bench, guest: Guest, namespace: Namespace): Promise<void> {
  const program = await guest.bundle('bench/inside/synchronise.ts');
  const script = `ip link add sync type dummy
    ip addr add ${ADDRESS}/24 dev sync
    ip link set sync up
    /sbin/ipvsadm --start-daemon backup --mcast-interface sync`;
  await guest.run(namespace, ['sh', '-ec', script]);
  const expected = COUNT + 1;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    step('telling the kernel of the connections');
    await guest.run(namespace, [process.execPath, program, ADDRESS, String(COUNT)]);
    const lines = await guest.run(namespace, ['sh', '-c', 'wc -l </proc/net/ip_vs_conn']);
    if (Number(lines) === expected) return;
  }
  throw new Error(`the kernel has not taken ${COUNT} connections`);
}

export const connections: Row = {
  name: 'connections',
  about: '-Lnc of 100,000 connections, beside the genuine program, and its memory',
  async run(bench) {
    const guest = await bench.guest();
    return guest.within(async (namespace) => {
      await fill(bench, guest, namespace);
      const list = (program: readonly string[], keep: string) =>
        guest.measure(namespace, [...program, '-Lnc'], { keep });
      const all = await inTurn(bench, bench.runs(3), {
        ours: () => list(ours(), 'ours'),
        genuine: () => list(genuine, 'genuine'),
      });
      const files = [guest.path('ours'), guest.path('genuine')] as const;
      await guest.shell(`sed -i '${WITHOUT_EXPIRY}' ${files.join(' ')}`);
      await guest.same(...files, '-Lnc');
      const lines = Number(await guest.shell(`wc -l <${files[0]}`));
      if (lines !== HEADING_LINES + COUNT) throw new Error(`-Lnc has ${lines} lines`);
      const what = `ipvsadm -Lnc, ${COUNT.toLocaleString('en')} connections`;
      return [
        {
          what,
          unit: 'ms',
          ours: wallTimes(all.ours),
          other: { name: 'genuine', values: wallTimes(all.genuine) },
          target: { kind: 'faster', atLeast: 0.85 },
        },
        {
          what: `memory of ${what}`,
          unit: 'MB',
          ours: memories(all.ours),
          target: { kind: 'below', atMost: 90 },
        },
      ];
    });
  },
};

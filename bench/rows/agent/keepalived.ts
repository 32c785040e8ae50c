/** The agent beside Debian's keepalived, on a real kernel: the same servers, the same rhythm, one after the other. */
import { agentFile, keepalivedFile, USUAL, type Farm } from '../../agent-files.js';
import type { Guest } from '../../guest.js';
import type { Found, Scene } from '../../inside/take-out.js';
import { ipvs } from '../../programs.js';
import { inTurn, type Row } from '../../row.js';
import { serviceOf } from '../../rules.js';

const SERVERS = 1000;
const VICTIMS = 5;
const SERVICE_SIZE = 100;
const FIRST_PORT = 19_001;
const WARM_MS = 10_000;
const CPU_MS = 20_000;

/** First those that die, in services and with ports of their own. */
const FARMS: readonly Farm[] = [
  ...Array.from({ length: VICTIMS }, (_, index) => ({
    ...{ port: FIRST_PORT + 1 + index, servers: 1, each: 1 },
  })),
  { port: FIRST_PORT, servers: SERVERS - VICTIMS, each: SERVICE_SIZE },
];
const VICTIM_PLACES = Array.from({ length: VICTIMS }, (_, index) => ({
  service: `tcp:${serviceOf(index)}`,
  port: FIRST_PORT + 1 + index,
}));

export const besideKeepalived: Row = {
  name: 'agent',
  about: 'CPU, and the time to take out a server, beside keepalived with the same 1,000 servers',
  async run(bench) {
    const guest = await bench.guest();
    const servers = await guest.compile('servers');
    const script = await guest.bundle('bench/inside/take-out.ts');
    const files = {
      agent: await guest.put('agent.yaml', agentFile(FARMS, USUAL)),
      keepalived: await guest.put('keepalived.conf', keepalivedFile(FARMS, USUAL)),
    };
    const run = (command: Scene['command']) => () => measured(guest, script, servers, command);
    const [program = '', ...words] = ipvs();
    const socket = guest.path('agent.sock');
    const pids = ['-p', guest.path('main.pid'), '-c', guest.path('checkers.pid')];
    const all = await inTurn(bench, bench.runs(2), {
      agent: run([program, ...words, 'agent', '-f', files.agent, '--socket', socket]),
      keepalived: run(['/usr/sbin/keepalived', '-n', '-l', '-C', '-f', files.keepalived, ...pids]),
    });
    const of = (pick: (found: Found) => readonly number[]) => ({
      ours: all.agent.flatMap(pick),
      other: { name: 'keepalived', values: all.keepalived.flatMap(pick) },
    });
    const each = `${SERVERS.toLocaleString('en')} servers, tcp, every ${USUAL.intervalMs / 1000} s`;
    return [
      {
        ...{ what: `CPU of the agent in the lab, ${each}`, unit: 'cores' },
        ...of(({ cores }) => [cores]),
        target: { kind: 'slower', atMost: 4 },
      },
      {
        ...{ what: 'until a server is out that died right after a check', unit: 'ms' },
        ...of(({ takeOutMs }) => takeOutMs),
        target: { kind: 'slower', atMost: 1 },
      },
    ];
  },
};

function measured(
  guest: Guest,
  script: string,
  servers: string,
  command: Scene['command'],
): Promise<Found> {
  const scene: Scene = {
    ...{ servers, command, victims: VICTIM_PLACES, warmMs: WARM_MS, cpuMs: CPU_MS },
    ports: FARMS.map(({ port }) => port),
  };
  return guest.within(async (namespace) => {
    const said = await guest.run(namespace, [process.execPath, script, JSON.stringify(scene)]);
    return JSON.parse(said) as Found;
  });
}

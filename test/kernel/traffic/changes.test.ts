import { beforeEach, describe, expect, test } from 'vitest';
import type { Started } from '../../lab/cluster.js';
import { ask, hold, release, say, tally } from '../../lab/peers.js';
import { useCluster } from '../../support/cluster.js';
import { useLab } from '../../support/director.js';
import { SOON } from '../../support/forwarding.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Services and real servers that come, change and go while clients are there. */

const VIP = '192.168.1.200';
const R1 = '192.168.1.191';
const R2 = '192.168.1.192';
const REFUSED = 'failed: ECONNREFUSED';
const SILENT = 'failed: timeout';
const RESET = 'failed: ECONNRESET';
const HEADING = `Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

const lab = useLab();
const cluster = useCluster(lab, 2);

beforeEach(async () => {
  await adm('-C');
});

function adm(line: string): Promise<string> {
  return cluster().ipvsadm(line);
}

function start(options: string, servers = ['', '']): Promise<Started> {
  return cluster().start(options, servers);
}

/** A connection of each real server that stays open. */
async function holdEach(port: number): Promise<{ r1: number; r2: number }> {
  const made = await hold(cluster().client, { host: VIP, port, times: 2 });
  const idOf = (name: string): number => made.find(({ answer }) => answer === name)?.id ?? -1;
  return { r1: idOf('r1'), r2: idOf('r2') };
}

async function answers(port: number, times: number): Promise<Record<string, number>> {
  return tally(await ask(cluster().client, { host: VIP, port, times }));
}

describe('services', () => {
  test('S2: are added, edited, deleted and cleared; an edit replaces all settings and keeps the real servers', async () => {
    const service = `-t ${VIP}:80`;
    await adm(`-A ${service} -s rr`);
    expect(await cluster().rows(service)).toEqual([`TCP ${VIP}:80 rr`]);
    await adm(`-a ${service} -r ${R1} -w 3`);
    const server = `${R1}:80 Route 3 0 0`;
    await adm(`-E ${service} -p 30`);
    expect(await cluster().rows(service)).toEqual([`TCP ${VIP}:80 wlc persistent 30`, server]);
    await adm(`-E ${service} -s wrr -p 600 -M 255.255.255.0`);
    expect(await cluster().rows(service)).toEqual([
      `TCP ${VIP}:80 wrr persistent 600 mask 255.255.255.0`,
      server,
    ]);
    await adm(`-E ${service}`);
    expect(await cluster().rows(service)).toEqual([`TCP ${VIP}:80 wlc`, server]);
    await adm('-A -f 8 -s rr');
    await adm(`-D ${service}`);
    const size = 'IP Virtual Server version 1.2.1 (size=4096)\n';
    expect(await adm('-Ln')).toBe(`${size}${HEADING}FWM  8 rr\n`);
    await adm('-C');
    expect(await adm('-Ln')).toBe(`${size}${HEADING}`);
  });

  test('S2: an edit of the scheduler leaves open connections alone', async () => {
    const { port, service } = await start('-s rr');
    const held = await holdEach(port);
    await adm(`-E ${service} -s fo`);
    expect(await say(cluster().client, held.r1, 'still')).toBe('r1 still');
    expect(await say(cluster().client, held.r2, 'here')).toBe('r2 here');
    expect(Object.values(await answers(port, 4))).toEqual([4]);
  });

  test('S2: open connections of a deleted service go silent; those of the last one are reset, as no packet is looked at', async () => {
    const { port, service } = await start('-s rr');
    const held = await holdEach(port);
    await adm('-A -f 8');
    await adm(`-D ${service}`);
    expect(await say(cluster().client, held.r1, 'lost', 1000)).toBe(SILENT);
    await adm('-C');
    expect(await say(cluster().client, held.r2, 'lost')).toBe(RESET);
    expect(await adm('-Lnc')).toMatch(
      new RegExp(`^TCP 1[45]:\\d\\d  ESTABLISHED .*${VIP}:${port} ${R2}:${port}$`, 'm'),
    );
  });
});

describe('real servers', () => {
  const words = { '-g': 'Route', '-i': 'Tunnel', '-m': 'Masq' };

  test('S3: have the method, the port and the weight of the command, or those of the service and 1', async () => {
    const service = `-t ${VIP}:80`;
    await adm(`-A ${service}`);
    for (const method of ['-g', '-i', '-m'] as const) {
      for (const port of ['', ':8080']) {
        for (const weight of ['', ' -w 7']) {
          await adm(`-a ${service} -r ${R1}${port} ${method}${weight}`);
          const shown = `${R1}${method === '-m' && port !== '' ? port : ':80'} ${words[method]}`;
          const [, row] = await cluster().rows(service);
          expect(row).toBe(`${shown} ${weight === '' ? 1 : 7} 0 0`);
          await adm(`-d ${service} -r ${R1}${method === '-m' ? port : ''}`);
        }
      }
    }
    await adm(`-a ${service} -r ${R1}`);
    expect(await cluster().rows(service)).toEqual([`TCP ${VIP}:80 wlc`, `${R1}:80 Route 1 0 0`]);
  });

  test('S3: with direct routing another port is not heeded; an edit without words sets weight 1 and direct routing', async () => {
    const { port, service } = await start('-s rr', []);
    await adm(`-a ${service} -r ${R1}:80 -w 5`);
    await adm(`-a ${service} -r ${R2} -w 5 -m`);
    await adm(`-e ${service} -r ${R2}`);
    expect(await cluster().rows(service)).toEqual([
      `TCP ${VIP}:${port} rr`,
      `${R1}:${port} Route 5 0 0`,
      `${R2}:${port} Route 1 0 0`,
    ]);
    expect(await answers(port, 4)).toEqual({ r1: 2, r2: 2 });
  });
});

describe('a real server with an open connection', () => {
  test('S4: goes on with it at weight 0, and gets no other; with all at 0, clients are refused', async () => {
    const { port, service } = await start('-s rr');
    const held = await holdEach(port);
    await adm(`-e ${service} -r ${R1} -w 0`);
    expect(await say(cluster().client, held.r1, 'still')).toBe('r1 still');
    expect(await answers(port, 4)).toEqual({ r2: 4 });
    expect(await cluster().rows(service)).toEqual([
      `TCP ${VIP}:${port} rr`,
      `${R1}:${port} Route 0 1 0`,
      `${R2}:${port} Route 1 1 4`,
    ]);
    await adm(`-e ${service} -r ${R2} -w 0`);
    // The kernel is sparing with its words: it may have to be asked again.
    await expect
      .poll(
        async () => {
          expect(await answers(port, 1)).toEqual({ [REFUSED]: 1 });
          return (await lab().run(['dmesg'])).stdout;
        },
        { timeout: PATIENCE_MS },
      )
      .toContain(`IPVS: rr: TCP ${VIP}:${port} - no destination available`);
    expect(await say(cluster().client, held.r2, 'still')).toBe('r2 still');
  });

  test('S4: is silent when it is deleted, and goes on when it is added again', async () => {
    const { port, service } = await start('-s rr');
    const held = await holdEach(port);
    await adm(`-d ${service} -r ${R1}`);
    expect(await say(cluster().client, held.r1, 'lost', 1000)).toBe(SILENT);
    expect(await answers(port, 4)).toEqual({ r2: 4 });
    expect(await adm('-Lnc')).toMatch(
      new RegExp(`^TCP 1[45]:\\d\\d  ESTABLISHED .*${VIP}:${port} ${R1}:${port}$`, 'm'),
    );
    await adm(`-a ${service} -r ${R1}`);
    // TCP sends again what was lost.
    await expect
      .poll(() => say(cluster().client, held.r1, 'back'), { timeout: PATIENCE_MS })
      .toMatch(/^r1 (lost|back)$/);
    expect((await cluster().rows(service))[1]).toBe(`${R1}:${port} Route 1 1 0`);
  });

  test('S4: that is deleted while expire_nodest_conn is 1 has it reset', async () => {
    const { port, service } = await start('-s rr');
    const held = await holdEach(port);
    await cluster().set('expire_nodest_conn', 1);
    await adm(`-d ${service} -r ${R1}`);
    expect(await say(cluster().client, held.r1, 'lost')).toBe(RESET);
    expect(await say(cluster().client, held.r2, 'still')).toBe('r2 still');
    await cluster().set('expire_nodest_conn', 0);
  });
});

test('S4, S55: a persistent client stays with a real server of weight 0, unless expire_quiescent_template is 1', async () => {
  const { port, service } = await start('-s rr -p 600');
  const [before = ''] = Object.keys(await answers(port, 1));
  await adm(`-e ${service} -r ${before === 'r1' ? R1 : R2} -w 0`);
  expect(await answers(port, 4)).toEqual({ [before]: 4 });
  await cluster().set('expire_quiescent_template', 1);
  expect(await answers(port, 4)).toEqual({ [before === 'r1' ? 'r2' : 'r1']: 4 });
  await cluster().set('expire_quiescent_template', 0);
});

/** One round of swaps by hand, after which both real servers are there as before. Shows the table after each. */
async function swap(service: string): Promise<string[][]> {
  const shown: string[][] = [];
  const steps = [
    [`-d ${service} -r ${R2}`],
    [`-a ${service} -r ${R2} -w 10`, `-d ${service} -r ${R1}`],
    [`-a ${service} -r ${R1}`, `-d ${service} -r ${R2}`],
    [`-a ${service} -r ${R2}`],
  ];
  for (const lines of steps) {
    for (const line of lines) await adm(line);
    const table = await cluster().rows(service);
    shown.push(table.map((row) => row.replace(/(?<= Route \d+) \d+ \d+$/, '')));
  }
  return shown;
}

test('S5: real servers are swapped by hand, the new one first, and no request of a client fails', async () => {
  const { port, service } = await start('-s rr -p 5');
  const client = { loops: true, answers: [] as string[] };
  const loop = (async () => {
    while (client.loops) {
      client.answers.push(...(await ask(cluster().client, { host: VIP, port, times: 10 })));
    }
  })();
  const head = `TCP ${VIP}:${port} rr persistent 5`;
  for (let round = 0; round < 4; round += 1) {
    expect(await swap(service)).toEqual([
      [head, `${R1}:${port} Route 1`],
      [head, `${R2}:${port} Route 10`],
      [head, `${R1}:${port} Route 1`],
      [head, `${R1}:${port} Route 1`, `${R2}:${port} Route 1`],
    ]);
  }
  client.loops = false;
  await loop;
  const { r1: first = 0, r2: second = 0, ...failed } = tally(client.answers);
  expect(failed).toEqual({});
  expect(Math.min(first, second)).toBeGreaterThan(0);
});

test('S6: rows count connections that are open and that are ending; they go by address, and by name without -n', async () => {
  const [port, size] = [8900, 'IP Virtual Server version 1.2.1 (size=4096)\n'];
  await adm(`-A -u ${VIP}:${port}`);
  await adm(`-A -f 8 -s rr`);
  await adm(`-A -t ${VIP}:80`);
  await adm(`-a -t ${VIP}:80 -r ${R2} -w 3`);
  await adm(`-a -t ${VIP}:80 -r ${R1}`);
  const made = await hold(cluster().client, { host: VIP, port: 80, times: 8 });
  const one = made.find(({ answer }) => answer === 'r2');
  await release(cluster().client, [one?.id ?? -1]);
  const service = `TCP  192.168.1.200:80 wlc
  -> 192.168.1.191:80             Route   1      2          0         
  -> 192.168.1.192:80             Route   3      5          1         
`;
  await expect.poll(() => adm(`-Ln -t ${VIP}:80`), SOON).toBe(HEADING + service);
  expect(await adm('-Ln')).toBe(`${size}${HEADING}${service}UDP  ${VIP}:${port} wlc\nFWM  8 rr\n`);
  expect(await adm('-L')).toContain('TCP  192.168.1.200:http wlc\n');
  for (const flavour of ['', '-Ln', '-L', '-ln', '-Ln --thresholds', '-Ln --persistent-conn']) {
    const argv = flavour.split(' ').filter((word) => word !== '');
    expect(await cluster().director.ipvsadm(argv)).toEqual(await cluster().director.genuine(argv));
  }
  await release(
    cluster().client,
    made.map(({ id }) => id),
  );
});

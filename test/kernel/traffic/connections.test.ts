import { expect, test } from 'vitest';
import { apply, ipvsadm, type Started } from '../../lab/cluster.js';
import type { Namespace } from '../../lab/lab.js';
import { buildNatNetwork, perform, serveName } from '../../lab/network.js';
import { ask, askByDatagram, hold, release, say, tally, visits } from '../../lab/peers.js';
import { useCluster } from '../../support/cluster.js';
import { useLab } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** What the director knows of each connection: its ends, its state, how long it may be quiet; and how many there may be. */

const CLIENT = '192.168.1.101';
const VIP = '192.168.1.200';
const R1 = '192.168.1.191';
const R2 = '192.168.1.192';
const DEFAULTS = '--set 900 120 300';

const lab = useLab();
const cluster = useCluster(lab, 2);

function adm(line: string): Promise<string> {
  return cluster().ipvsadm(line);
}

function start(options: string, servers = ['', ''], protocol = '-t'): Promise<Started> {
  return cluster().start(options, servers, protocol);
}

function firstServer(): Namespace {
  const [first] = cluster().realServers;
  if (first === undefined) throw new Error('no real server');
  return first;
}

/** The connections of a service. */
async function entries(port: number): Promise<string[]> {
  const all = await adm('-Lnc');
  return all.split('\n').filter((line) => line.includes(`${VIP}:${port} `));
}

/** What the column of time may show when these minutes have begun to run out. */
function upTo(minutes: number): string {
  const [most, less] = [minutes, minutes - 1].map((number) => String(number).padStart(2, '0'));
  return `(?:${most}:00|${less}:\\d\\d)`;
}

/** For what the kernel does in its own time. */
const patience = { timeout: PATIENCE_MS };

test('S8: an open connection is a row of three ends, quiet for at most 15 minutes; once closed, for 2 in FIN_WAIT', async () => {
  const { port } = await start('-s rr', ['']);
  await visits(firstServer());
  const [held] = await hold(cluster().client, { host: VIP, port });
  const [visit = ''] = await visits(firstServer());
  const client = visit.replace(' ', ':');
  expect(held?.answer).toBe('r1');
  const ends = `${client} ${VIP}:${port} ${R1}:${port}`;
  const [heading, columns] = (await adm('-Lnc')).split('\n');
  expect(heading).toBe('IPVS connection entries');
  expect(columns).toBe('pro expire state       source             virtual            destination');
  expect(await entries(port)).toEqual([
    expect.stringMatching(`^TCP ${upTo(15)}  ESTABLISHED ${ends}$`),
  ]);
  const proc = (await cluster().director.run(['cat', '/proc/net/ip_vs_conn'])).stdout;
  const inHex = [client, `${VIP}:${port}`, `${R1}:${port}`].map(hex).join(' ');
  expect(proc).toMatch(new RegExp(`^TCP ${inHex} ESTABLISHED +(8\\d\\d|900)`, 'm'));
  await release(cluster().client, [held?.id ?? -1]);
  await expect
    .poll(() => entries(port), patience)
    .toEqual([expect.stringMatching(`^TCP ${upTo(2)}  FIN_WAIT    ${ends}$`)]);
});

/** An end of a connection as the kernel's file has it: address and port in hexadecimal. */
function hex(end: string): string {
  const [address = '', port] = end.split(':');
  const digits = (number: string | undefined, width: number): string =>
    Number(number).toString(16).toUpperCase().padStart(width, '0');
  const bytes = address.split('.').map((byte) => digits(byte, 2));
  return `${bytes.join('')} ${digits(port, 4)}`;
}

test('S8: a connection that the real server has not taken up yet is a SYN_RECV of one minute at most', async () => {
  const { port, service } = await start('-s rr', []);
  await adm(`-a ${service} -r 192.168.1.199`);
  // It would know after 3 s that nobody has the address, and tell the client.
  const neighbour =
    'ip neigh replace 192.168.1.199 lladdr 02:00:00:00:00:01 dev eth0 nud permanent';
  await perform(cluster().director, neighbour);
  const answers = await ask(cluster().client, { host: VIP, port, deadlineMs: 300 });
  expect(answers).toEqual(['failed: timeout']);
  const row = `^TCP ${upTo(1)}  SYN_RECV    ${CLIENT}:\\d+ ${VIP}:${port} 192.168.1.199:${port}$`;
  expect(await entries(port)).toEqual([expect.stringMatching(row)]);
});

test('S8: by masquerading, where the director sees both ways, a closed connection is a TIME_WAIT', async () => {
  await using network = await buildNatNetwork(lab(), { realServers: 1 });
  for (const { namespace } of network.realServers) await serveName(namespace, { name: 'r1' });
  await apply(
    network.director,
    '-A -t 172.16.100.1:80 -s rr',
    '-a -t 172.16.100.1:80 -r 192.168.10.11:80 -m',
  );
  const { stdout } = await network.client.run(['curl', '-s', 'http://172.16.100.1/']);
  expect(stdout).toBe('r1\n');
  await expect
    .poll(() => ipvsadm(network.director, '-Lnc'), patience)
    .toMatch(
      new RegExp(
        `^TCP ${upTo(2)}  TIME_WAIT   172.16.100.10:\\d+ 172.16.100.1:80    192.168.10.11:80$`,
        'm',
      ),
    );
});

test('S9: three timeouts are set, 0 keeps what there is, and connections take them at their next packet', async () => {
  expect(await adm('-L --timeout')).toBe('Timeout (tcp tcpfin udp): 900 120 300\n');
  await adm('--set 28800 30 600');
  expect(await adm('-L --timeout')).toBe('Timeout (tcp tcpfin udp): 28800 30 600\n');
  await adm('--set 0 60 0');
  expect(await adm('-L --timeout')).toBe('Timeout (tcp tcpfin udp): 28800 60 600\n');

  const { port } = await start('-s rr');
  const [held] = await hold(cluster().client, { host: VIP, port });
  expect(await entries(port)).toEqual([expect.stringMatching(`^TCP ${upTo(480)} ESTABLISHED `)]);
  await adm('--set 100 0 0');
  expect(await entries(port)).toEqual([expect.stringMatching(`^TCP ${upTo(480)} ESTABLISHED `)]);
  expect(await say(cluster().client, held?.id ?? -1, 'more')).toBe(`${held?.answer} more`);
  expect(await entries(port)).toEqual([
    expect.stringMatching(/^TCP 01:([0-3]\d|40) {2}ESTABLISHED /),
  ]);

  const { port: udp } = await start('-s rr', ['', ''], '-u');
  await askByDatagram(cluster().client, { host: VIP, port: udp });
  expect(await entries(udp)).toEqual([expect.stringMatching(`^UDP ${upTo(10)}  UDP `)]);
  await adm(DEFAULTS);
});

test('S9: after --set 0 1 0 a connection that is closed is soon gone', async () => {
  await adm('--set 0 1 0');
  const { port, service } = await start('-s rr');
  expect(await ask(cluster().client, { host: VIP, port })).toHaveLength(1);
  await expect.poll(() => entries(port), { timeout: PATIENCE_MS }).toEqual([]);
  expect(await cluster().rows(service)).toEqual([
    `TCP ${VIP}:${port} rr`,
    `${R1}:${port} Route 1 0 0`,
    `${R2}:${port} Route 1 0 0`,
  ]);
  await adm(DEFAULTS);
});

test('S12: a real server at its upper threshold gets no more until it is under the lower one, or without one under three quarters', async () => {
  await adm('--set 0 1 0');
  const lower = await startLimited('-x 2 -y 1', 8);
  const none = await startLimited('-x 4', 12);
  expect(await adm(`-Ln ${lower.service} --thresholds`)).toBe(
    `Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn 
  -> RemoteAddress:Port
TCP  ${VIP}:${lower.port} rr
  -> ${R1}:${lower.port}           2          1          2          0         
  -> ${R2}:${lower.port}           0          0          6          0         
`,
  );
  const limited = [lower, none];
  expect(limited.map(({ held }) => held.length)).toEqual([2, 4]);
  for (const { held } of limited) await release(cluster().client, held.slice(0, 1));
  for (const { port, service, held } of limited) {
    await leftWith(held.length - 1, { port, service });
    expect(tally(await ask(cluster().client, { host: VIP, port, times: 4 }))).toEqual({ r2: 4 });
  }
  for (const { held } of limited) await release(cluster().client, held.slice(1, 2));
  for (const { port, service, held } of limited) {
    await leftWith(held.length - 2, { port, service });
    expect(await ask(cluster().client, { host: VIP, port, times: 2 })).toContain('r1');
  }
  await release(cluster().client);
  await adm(DEFAULTS);
});

interface Limited extends Started {
  /** The connections of the first real server, which has the limit. */
  readonly held: readonly number[];
}

async function startLimited(limit: string, times: number): Promise<Limited> {
  const { port, service } = await start('-s rr', [limit, '']);
  const made = await hold(cluster().client, { host: VIP, port, times });
  expect(made.filter(({ answer }) => answer.startsWith('failed'))).toEqual([]);
  return { port, service, held: idsOf(made, 'r1') };
}

function idsOf(held: readonly { id: number; answer: string }[], name: string): number[] {
  return held.filter(({ answer }) => answer === name).map(({ id }) => id);
}

/** Waits until the director has forgotten what the client closed. */
async function leftWith(active: number, { port, service }: Started): Promise<void> {
  const row = `${R1}:${port} Route 1 ${active} 0`;
  await expect.poll(() => cluster().rows(service), patience).toContain(row);
}

test('S12: datagrams of one flow go to one real server; with -o each is on its own, and no row is kept', async () => {
  const flow = { host: VIP, fromPort: 5555, times: 6 };
  const { port } = await start('-s rr', ['', ''], '-u');
  const kept = await askByDatagram(cluster().client, { ...flow, port });
  expect(Object.values(tally(kept))).toEqual([6]);
  const server = kept[0] === 'r1' ? R1 : R2;
  const ends = `${CLIENT}:5555 ${VIP}:${port} ${server}:${port}`;
  expect(await entries(port)).toEqual([
    expect.stringMatching(`^UDP ${upTo(5)}  UDP         ${ends}$`),
  ]);
  const others = await askByDatagram(cluster().client, { host: VIP, port, times: 6 });
  expect(tally(others)).toEqual({ r1: 3, r2: 3 });

  const { port: single, service } = await start('-s rr -o', ['', ''], '-u');
  const spread = await askByDatagram(cluster().client, { ...flow, port: single });
  expect(tally(spread)).toEqual({ r1: 3, r2: 3 });
  expect(await entries(single)).toEqual([]);
  expect((await cluster().rows(service))[0]).toBe(`UDP ${VIP}:${single} rr ops`);
});

/** SCTP, which Node does not speak: real servers that say their names, and wait. */
async function serveSctp(port: number): Promise<void> {
  for (const [index, server] of cluster().realServers.entries()) {
    const script = `socat SCTP4-LISTEN:${port},fork,reuseaddr SYSTEM:'echo r${index + 1}; cat' >/dev/null 2>&1 &`;
    expect((await server.run(['sh', '-c', script])).code).toBe(0);
    await expect
      .poll(async () => (await server.run(['cat', '/proc/net/sctp/eps'])).stdout, patience)
      .toMatch(new RegExp(` ${port} `));
  }
}

interface SctpClient {
  readonly answer: string;
  readonly end: () => Promise<void>;
}

/** Asks by SCTP and stays. */
async function holdSctp(port: number): Promise<SctpClient> {
  const { client } = cluster();
  const script = `file=$(mktemp -p /run); socat -u SCTP4:${VIP}:${port} - >"$file" 2>&1 & echo $! "$file"`;
  const { stdout } = await client.run(['sh', '-c', script]);
  const [process = '', file = ''] = stdout.trim().split(' ');
  const said = async (): Promise<string> => (await client.run(['cat', file])).stdout;
  await expect.poll(said, patience).toContain('\n');
  return {
    answer: (await said()).trim(),
    end: async () => {
      await client.run(['kill', process]);
    },
  };
}

test('S12: SCTP is balanced too', async () => {
  expect((await lab().run(['/run/modprobe', 'sctp'])).code).toBe(0);
  const { port, service } = await start('-s rr', ['', ''], '--sctp-service');
  await serveSctp(port);
  const clients = [
    await holdSctp(port),
    await holdSctp(port),
    await holdSctp(port),
    await holdSctp(port),
  ];
  expect(tally(clients.map(({ answer }) => answer))).toEqual({ r1: 2, r2: 2 });
  expect(await cluster().rows(service)).toEqual([
    `SCTP ${VIP}:${port} rr`,
    `${R1}:${port} Route 1 2 0`,
    `${R2}:${port} Route 1 2 0`,
  ]);
  const row = (state: string): unknown =>
    expect.stringMatching(
      `^SCTP \\d\\d:\\d\\d  ${state} +${CLIENT}:\\d+ ${VIP}:${port} 192.168.1.19[12]:${port}$`,
    );
  expect(await entries(port)).toEqual(clients.map(() => row('ESTABLISHED')));
  for (const { end } of clients) await end();
  await expect
    .poll(() => cluster().rows(service), patience)
    .toEqual([`SCTP ${VIP}:${port} rr`, `${R1}:${port} Route 1 0 2`, `${R2}:${port} Route 1 0 2`]);
});

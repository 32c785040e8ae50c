import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { acceptVirtualAddress, countAnswers } from '../../lab/network.js';
import { buildFlatPair, ownersOf, type Pair } from '../../lab/pair.js';
import { beginTransfer, openWebServer, shutWebServer } from '../../lab/transfers.js';
import { useLab } from '../../support/director.js';
import {
  configure,
  startKeepalived,
  virtualServer,
  vrrpInstance,
} from '../../support/keepalived.js';
import { read, start } from '../../support/programs.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Two directors with Debian's keepalived: it moves addresses and fills the tables; ours shows and edits them. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
const [FIRST, SECOND] = ['172.168.2.20', '172.168.2.21'];

/** The last parts of addresses that the client has beside its own. */
const CLIENTS = Array.from({ length: 40 }, (_, index) => 150 + index);

const lab = useLab();
let pair: Pair;
let d1: Namespace;
let d2: Namespace;
let rs1: Namespace;
let rs2: Namespace;
const keepalived: number[] = [];

type Role = 'MASTER' | 'BACKUP';

function configuration(router: string, role: Role): string {
  return [
    `global_defs {\n    router_id ${router}\n    lvs_sync_daemon eth0 LVS_HA id 5\n}`,
    vrrpInstance({ name: 'LVS_HA', id: 100, role, addresses: [FIRST] }),
    virtualServer(FIRST),
  ].join('\n');
}

/** Each director is the first for one address. Names of instances are its own. */
function withTwoAddresses(router: string, name: string, [first, second]: [Role, Role]): string {
  return [
    `global_defs {\n    router_id ${router}\n    lvs_sync_daemon eth0 ${name} id 5\n}`,
    vrrpInstance({ name, id: 100, role: first, addresses: [FIRST] }),
    vrrpInstance({ name: 'LVS_HA2', id: 101, role: second, addresses: [SECOND] }),
    virtualServer(FIRST),
    virtualServer(SECOND),
  ].join('\n');
}

beforeAll(async () => {
  pair = await buildFlatPair(lab());
  const more = CLIENTS.map((host) => `addr add 172.168.2.${host}/24 dev eth0\n`).join('');
  await pair.client.run(['ip', '-batch', '-'], { stdin: more });
  [d1, d2] = pair.directors;
  [rs1, rs2] = pair.realServers;
  for (const [index, realServer] of pair.realServers.entries()) {
    for (const last of [20, 21]) {
      const virtual = { ipv4: `172.168.2.${last}`, ipv6: `2001:db8:2::${last}` };
      await acceptVirtualAddress(realServer, virtual);
    }
    await openWebServer(realServer, `rs${index + 1}`);
  }
  keepalived.push(
    await startKeepalived(d1, configuration('LVS01', 'MASTER')),
    await startKeepalived(d2, configuration('LVS02', 'BACKUP')),
  );
  for (const director of pair.directors) await openWebServer(director, 'sorry');
});

afterAll(async () => {
  await pair.close();
});

/** Waits until one director has the address, and it alone. */
async function owned(address: string, director: string): Promise<void> {
  await expect.poll(() => ownersOf(pair, address), PATIENCE).toEqual([director]);
}

async function shown(director: Namespace, view: string): Promise<string> {
  return (await director.ipvsadm(view.split(' '))).stdout;
}

/** The listing of services of port 80 that have these real servers, without connections. */
function table(addresses: readonly string[], ...realServers: readonly string[]): string {
  const rows = realServers.map(
    (address) => `  -> ${`${address}:80`.padEnd(29)}Route   1      0          0         \n`,
  );
  const services = addresses.map(
    (address) => `TCP  ${address}:80 rr persistent 5\n${rows.join('')}`,
  );
  return `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
${services.join('')}`;
}

/** What a director lists, connections not counted. */
async function listing(director: Namespace): Promise<string> {
  return (await shown(director, '-Ln')).replaceAll(/\d+ +\d+ +$/gm, '0          0         ');
}

async function listed(expected: string): Promise<void> {
  for (const director of pair.directors) {
    await expect.poll(() => listing(director), PATIENCE).toBe(expected);
  }
}

let clients = 0;

/** Who answers as many clients that have never come before. */
async function newClients(count: number, address: string): Promise<string[]> {
  const requests = Array.from({ length: count }, () => {
    const own = `172.168.2.${CLIENTS[clients++]}`;
    return ['--next', '-s', '-m', '15', '--interface', own, `http://${address}/`];
  });
  const { stdout } = await pair.client.run(['curl', ...requests.flat().slice(1)]);
  return stdout.trim().split('\n').sort();
}

async function hardwareAddress(director: Namespace): Promise<string> {
  return (await director.run(['cat', '/sys/class/net/eth0/address'])).stdout.trim();
}

/** What the client has heard from its neighbours about the address. */
async function neighbour(address: string): Promise<string> {
  return (await pair.client.run(['ip', 'neigh', 'show', address])).stdout;
}

async function answered(address: string, by: RegExp): Promise<void> {
  await expect
    .poll(async () => {
      const answers = await countAnswers(pair.client, `http://${address}/`, 4, 2000);
      return [...answers.keys()].every((name) => by.test(name));
    }, PATIENCE)
    .toBe(true);
}

test('S49: both directors list the same table, whoever has the address, and one sends the other its connections', async () => {
  await owned(FIRST, 'd1');
  const both = table([FIRST], '172.168.2.15', '172.168.2.17');
  for (const director of pair.directors) {
    await expect.poll(() => shown(director, '-Ln'), PATIENCE).toBe(both);
  }
  const facts = '(mcast=eth0, syncid=5, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)';
  const daemon = (director: Namespace) => () => shown(director, '-l --daemon');
  await expect.poll(daemon(d1), PATIENCE).toBe(`master sync daemon ${facts}\n`);
  await expect.poll(daemon(d2), PATIENCE).toBe(`backup sync daemon ${facts}\n`);
  expect(await newClients(4, FIRST)).toEqual(['rs1', 'rs1', 'rs2', 'rs2']);
  expect(await read(d1, 'log')).toContain('Truncating auth_pass to 8 characters');
});

/** What the client hears on its wire: advertisements, and questions who has an address. */
async function listen(): Promise<() => Promise<string>> {
  await start(
    pair.client,
    'exec tcpdump --immediate-mode -i eth0 -e -n -t -l "arp or proto 112"',
    'wire',
  );
  const heard = (): Promise<string> => read(pair.client, 'wire');
  await expect.poll(heard, PATIENCE).toContain('172.168.2.18 > 224.0.0.18: VRRPv2');
  return heard;
}

/** How often a director has said by gratuitous ARP that it has the address. */
async function announcements(wire: string, director: Namespace): Promise<number> {
  const from = `${await hardwareAddress(director)} > ff:ff:ff:ff:ff:ff`;
  const question = `who-has ${FIRST} (ff:ff:ff:ff:ff:ff) tell ${FIRST},`;
  const lines = wire.split('\n');
  return lines.filter((line) => line.startsWith(from) && line.includes(question)).length;
}

test(
  'S49, S53: a transfer survives that the address moves to the other director, and back',
  { tags: 'long' },
  async () => {
    const wire = await listen();
    const transfer = await beginTransfer(pair.client, `http://${FIRST}/`);
    const { port, server } = await transfer.state();
    const row = `172.168.2.101:${port} 172.168.2.20:80    172.168.2.${server === 'rs1' ? 15 : 17}:80`;
    await expect.poll(() => shown(d2, '-Lnc'), PATIENCE).toContain(` ESTABLISHED ${row}\n`);
    expect(await neighbour(FIRST)).toContain(await hardwareAddress(d1));
    expect(await announcements(await wire(), d2)).toBe(0);

    await pair.cut(d1);
    await owned(FIRST, 'd2');
    await transfer.progress(100);
    await answered(FIRST, /^rs[12]$/);
    expect(await neighbour(FIRST)).toContain(await hardwareAddress(d2));
    await expect
      .poll(async () => announcements(await wire(), d2), PATIENCE)
      .toBeGreaterThanOrEqual(5);
    expect(await shown(d1, '-l --daemon')).toMatch(/^backup .*\n$/);
    expect(await shown(d2, '-l --daemon')).toMatch(/^master .*\n$/);
    expect(await listing(d2)).toBe(table([FIRST], '172.168.2.15', '172.168.2.17'));

    await pair.mend(d1);
    await owned(FIRST, 'd1');
    await transfer.progress(100);
    // It may have taken real servers out that it did not reach.
    await listed(table([FIRST], '172.168.2.15', '172.168.2.17'));
    await answered(FIRST, /^rs[12]$/);
    expect(await neighbour(FIRST)).toContain(await hardwareAddress(d1));
    expectOneMasterAtATime(await wire());
    expect(await transfer.finish()).toBe('complete');
  },
);

/** The first director, then the second, then the first: the second falls silent at its first word. */
function expectOneMasterAtATime(wire: string): void {
  const adverts = Array.from(wire.matchAll(/(\S+) > 224\.0\.0\.18: .* vrid 100/gm), ([, by]) => by);
  const second = adverts.indexOf('172.168.2.19');
  const again = adverts.indexOf('172.168.2.18', second);
  expect(second).toBeGreaterThan(0);
  expect(again).toBeGreaterThan(second);
  expect(adverts.slice(0, second)).not.toContain('172.168.2.19');
  // One may have been on its way.
  expect(adverts.slice(again + 2)).not.toContain('172.168.2.19');
}

test('S49: a weight edited with ours is what new clients see', async () => {
  const edit = async (words: string): Promise<void> => {
    expect(await d1.ipvsadm(words.split(' '))).toEqual({ code: 0, stdout: '', stderr: '' });
  };
  await edit(`-e -t ${FIRST}:80 -r 172.168.2.15 -g -w 0`);
  expect(await shown(d1, '-Ln')).toMatch(/^ {2}-> 172\.168\.2\.15:80 +Route {3}0 /m);
  expect(await newClients(4, FIRST)).toEqual(['rs2', 'rs2', 'rs2', 'rs2']);
  await edit(`-e -t ${FIRST}:80 -r 172.168.2.15 -g -w 3`);
  await edit(`-E -t ${FIRST}:80 -s wrr -p 5`);
  expect(await newClients(8, FIRST)).toEqual([...Array<string>(6).fill('rs1'), 'rs2', 'rs2']);
  await edit(`-E -t ${FIRST}:80 -s rr -p 5`);
  // What its file says comes back with the server, not before.
  expect(await shown(d1, '-Ln')).toMatch(/^ {2}-> 172\.168\.2\.15:80 +Route {3}3 /m);
  // For the next test: a keepalived that finds nothing changed leaves the weight alone when it reads its file again.
  await edit(`-e -t ${FIRST}:80 -r 172.168.2.15 -g -w 1`);
});

test(
  'S49: dead real servers leave the table, without any the director answers itself',
  { tags: 'long' },
  async () => {
    await shutWebServer(rs1);
    await listed(table([FIRST], '172.168.2.17'));
    expect(await newClients(2, FIRST)).toEqual(['rs2', 'rs2']);
    await shutWebServer(rs2);
    await listed(table([FIRST], '127.0.0.1'));
    expect(await newClients(2, FIRST)).toEqual(['sorry', 'sorry']);
    const log = await read(d1, 'log');
    expect(log).toContain('TCP_CHECK on service [172.168.2.15]:tcp:80 failed after 3 retries.');
    expect(log).toContain('Adding sorry server [127.0.0.1]:tcp:80 to VS [172.168.2.20]:tcp:80');

    await openWebServer(rs1, 'rs1');
    await listed(table([FIRST], '172.168.2.15'));
    expect(await newClients(2, FIRST)).toEqual(['rs1', 'rs1']);
    await openWebServer(rs2, 'rs2');
    await listed(table([FIRST], '172.168.2.15', '172.168.2.17'));
    expect(await newClients(2, FIRST)).toEqual(['rs1', 'rs2']);
  },
);

test('S51: each director has an address, the one that is left has both, and they split again', async () => {
  await configure(d1, withTwoAddresses('LVS01', 'LVS_HA1', ['MASTER', 'BACKUP']));
  await configure(d2, withTwoAddresses('LVS02', 'LVS_HA', ['BACKUP', 'MASTER']));
  for (const [index, director] of pair.directors.entries()) {
    await director.run(['kill', '-HUP', String(keepalived[index])]);
  }
  await owned(FIRST, 'd1');
  await owned(SECOND, 'd2');
  await listed(table([FIRST, SECOND], '172.168.2.15', '172.168.2.17'));
  for (const address of [FIRST, SECOND]) {
    expect(await newClients(2, address)).toEqual(['rs1', 'rs2']);
  }

  await pair.cut(d2);
  await owned(SECOND, 'd1');
  await owned(FIRST, 'd1');
  for (const address of [FIRST, SECOND]) {
    await answered(address, /^rs[12]$/);
    expect(await neighbour(address)).toContain(await hardwareAddress(d1));
  }

  await pair.mend(d2);
  await owned(SECOND, 'd2');
  await owned(FIRST, 'd1');
  await answered(SECOND, /^rs[12]$/);
  expect(await neighbour(SECOND)).toContain(await hardwareAddress(d2));
});

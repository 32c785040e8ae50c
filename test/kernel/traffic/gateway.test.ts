import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { countAnswers } from '../../lab/network.js';
import { buildNatPair, giveUpAddress, ownersOf, takeAddress, type Pair } from '../../lab/pair.js';
import { beginTransfer, openWebServer } from '../../lab/transfers.js';
import { useLab } from '../../support/director.js';
import { startKeepalived, vrrpInstance } from '../../support/keepalived.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Two directors that masquerade: with the virtual address goes the gateway of the real servers. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
const VIRTUAL = { ipv4: '172.168.2.20', ipv6: '2001:db8:2::20' };
const GATEWAY = { ipv4: '192.168.10.1', ipv6: '2001:db8:10::1' };
const URL4 = `http://${VIRTUAL.ipv4}/`;
const URL6 = `http://[${VIRTUAL.ipv6}]/`;

const RULES = `
-A -t 172.168.2.20:80 -s rr
-a -t 172.168.2.20:80 -r 192.168.10.11:80 -m
-a -t 172.168.2.20:80 -r 192.168.10.12:80 -m
-A -t [2001:db8:2::20]:80 -s rr
-a -t [2001:db8:2::20]:80 -r [2001:db8:10::11]:80 -m
-a -t [2001:db8:2::20]:80 -r [2001:db8:10::12]:80 -m
`;

const lab = useLab();
let pair: Pair;
let d1: Namespace;
let d2: Namespace;

beforeAll(async () => {
  pair = await buildNatPair(lab(), GATEWAY);
  [d1, d2] = pair.directors;
  for (const [index, realServer] of pair.realServers.entries()) {
    await openWebServer(realServer, `rs${index + 1}`);
  }
  for (const director of pair.directors) {
    const options = { program: 'ipvsadm-restore', stdin: RULES } as const;
    expect((await director.ipvsadm([], options)).code).toBe(0);
  }
});

afterAll(async () => {
  await pair.close();
});

async function answers(
  url: string,
  requests = 2,
  deadlineMs?: number,
): Promise<Record<string, number>> {
  return Object.fromEntries(await countAnswers(pair.client, url, requests, deadlineMs));
}

const SHARED = { rs1: 1, rs2: 1 };

test('S52: when only the virtual address moves, replies are lost; when the gateway has moved too, they flow', async () => {
  await takeAddress(d1, 'eth0', VIRTUAL);
  await takeAddress(d1, 'eth1', GATEWAY);
  for (const url of [URL4, URL6]) expect(await answers(url)).toEqual(SHARED);

  await pair.cut(d1);
  await takeAddress(d2, 'eth0', VIRTUAL);
  const lost = { 'failed: timeout': 1 };
  expect(await Promise.all([answers(URL4, 1, 2000), answers(URL6, 1, 2000)])).toEqual([lost, lost]);

  await giveUpAddress(d1, 'eth1', GATEWAY);
  await takeAddress(d2, 'eth1', GATEWAY);
  for (const url of [URL4, URL6]) expect(await answers(url)).toEqual(SHARED);

  await giveUpAddress(d1, 'eth0', VIRTUAL);
  await giveUpAddress(d2, 'eth0', VIRTUAL);
  await giveUpAddress(d2, 'eth1', GATEWAY);
  await pair.mend(d1);
});

function configuration(role: 'MASTER' | 'BACKUP'): string {
  const addresses = [`${VIRTUAL.ipv4}/32 dev eth0`, `${GATEWAY.ipv4}/32 dev eth1`];
  return vrrpInstance({
    name: 'ROUTER',
    id: 52,
    role,
    addresses,
    adverts: 'version 3\n    advert_int 1',
  });
}

async function owned(director: string): Promise<void> {
  const owners = (): Promise<string[][]> =>
    Promise.all([ownersOf(pair, VIRTUAL.ipv4), ownersOf(pair, GATEWAY.ipv4)]);
  await expect.poll(owners, PATIENCE).toEqual([[director], [director]]);
}

test(
  'S52, S53: keepalived moves both addresses, there and back, and a masqueraded transfer goes on',
  { tags: 'long' },
  async () => {
    // Each tells the other its connections, by the wire that stays.
    for (const [index, director] of pair.directors.entries()) {
      for (const state of ['master', 'backup']) {
        const words = `--start-daemon ${state} --mcast-interface eth1 --syncid 7`.split(' ');
        expect((await director.ipvsadm(words)).code).toBe(0);
      }
      await startKeepalived(director, configuration(index === 0 ? 'MASTER' : 'BACKUP'));
    }
    const facts = '(mcast=eth1, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)';
    expect((await d2.ipvsadm(['-l', '--daemon'])).stdout).toBe(
      `master sync daemon ${facts}\nbackup sync daemon ${facts}\n`,
    );
    await owned('d1');
    const transfer = await beginTransfer(pair.client, URL4);
    const { port, server } = await transfer.state();
    const realServer = `192.168.10.${server === 'rs1' ? 11 : 12}:80`;
    const row = ` ESTABLISHED 172.168.2.101:${port} 172.168.2.20:80    ${realServer}\n`;
    await expect.poll(async () => (await d2.ipvsadm(['-Lnc'])).stdout, PATIENCE).toContain(row);

    await pair.cut(d1);
    await owned('d2');
    await transfer.progress(100);
    expect(await answers(URL4)).toEqual(SHARED);

    await pair.mend(d1);
    await owned('d1');
    await transfer.progress(100);
    expect(await answers(URL4)).toEqual(SHARED);
    expect(await transfer.finish()).toBe('complete');
  },
);

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { acceptVirtualAddress } from '../../lab/network.js';
import { buildFlatPair, giveUpAddress, takeAddress, type Pair } from '../../lab/pair.js';
import { beginTransfer, openWebServer, type Transfer } from '../../lab/transfers.js';
import { useLab } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Two directors whose connection tables are kept alike by the kernel's sync daemons, started by ours. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
const VIRTUAL = { ipv4: '172.168.2.20', ipv6: '2001:db8:2::20' };
const URLS = [`http://${VIRTUAL.ipv4}/`, `http://[${VIRTUAL.ipv6}]/`];

const RULES = `
-A -t 172.168.2.20:80 -s rr
-a -t 172.168.2.20:80 -r 172.168.2.15:80 -g
-a -t 172.168.2.20:80 -r 172.168.2.17:80 -g
-A -t [2001:db8:2::20]:80 -s rr
-a -t [2001:db8:2::20]:80 -r [2001:db8:2::15]:80 -g
-a -t [2001:db8:2::20]:80 -r [2001:db8:2::17]:80 -g
`;

const NO_CONNECTIONS =
  'IPVS connection entries\n' +
  'pro expire state       source             virtual            destination\n';

const lab = useLab();
let pair: Pair;
let d1: Namespace;
let d2: Namespace;

beforeAll(async () => {
  pair = await buildFlatPair(lab());
  [d1, d2] = pair.directors;
  for (const [index, realServer] of pair.realServers.entries()) {
    await acceptVirtualAddress(realServer, VIRTUAL);
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

async function shown(director: Namespace, view: string): Promise<string> {
  return (await director.ipvsadm(view.split(' '))).stdout;
}

/** A transfer by IPv4 and one by IPv6, each of which has brought its first 50 KB. */
async function beginTransfers(): Promise<Transfer[]> {
  const transfers = await Promise.all(URLS.map((url) => beginTransfer(pair.client, url)));
  await progress(transfers, 50);
  return transfers;
}

async function progress(transfers: readonly Transfer[], lines: number): Promise<void> {
  await Promise.all(transfers.map((transfer) => transfer.progress(lines)));
}

/** The first director falls off the net, and the second takes its addresses. */
async function failOver(): Promise<void> {
  await pair.cut(d1);
  await takeAddress(d2, 'eth0', VIRTUAL);
}

async function failBack(): Promise<void> {
  await giveUpAddress(d2, 'eth0', VIRTUAL);
  await giveUpAddress(d1, 'eth0', VIRTUAL);
  await pair.mend(d1);
  await takeAddress(d1, 'eth0', VIRTUAL);
}

async function daemons(director: Namespace, command: string): Promise<void> {
  expect(await director.ipvsadm(command.split(' '))).toEqual({ code: 0, stdout: '', stderr: '' });
}

test('S53: without sync daemons, transfers are reset when the address moves to the other director', async () => {
  await takeAddress(d1, 'eth0', VIRTUAL);
  expect(await shown(d1, '-l --daemon')).toBe('');
  const transfers = await beginTransfers();
  expect(await shown(d2, '-Lnc')).toBe(NO_CONNECTIONS);
  await failOver();
  for (const transfer of transfers) expect(await transfer.end()).toBe('failed: ECONNRESET');
  expect(await shown(d2, '-Lnc')).toBe(NO_CONNECTIONS);
  await failBack();
});

test('S53: with them, the other director knows the connections, and transfers go on to their end', async () => {
  await daemons(d1, '--start-daemon master --mcast-interface eth0 --syncid 5');
  await daemons(d2, '--start-daemon backup --mcast-interface eth0 --syncid 5');
  const facts = '(mcast=eth0, syncid=5, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)';
  expect(await shown(d1, '-l --daemon')).toBe(`master sync daemon ${facts}\n`);
  expect(await shown(d2, '-l --daemon')).toBe(`backup sync daemon ${facts}\n`);

  const transfers = await beginTransfers();
  const [four, six] = await Promise.all(transfers.map((transfer) => transfer.state()));
  const hosts: Record<string, number> = { rs1: 15, rs2: 17 };
  const rows = [
    `172.168.2.101:${four?.port} 172.168.2.20:80    172.168.2.${hosts[four?.server ?? '']}:80`,
    `[2001:db8:2::101]:${six?.port} [2001:db8:2::20]:80 [2001:db8:2::${hosts[six?.server ?? '']}]:80`,
  ];
  // Nobody has sent the second director a packet of them: what it knows came by synchronisation.
  for (const row of rows) {
    await expect.poll(() => shown(d2, '-Lnc'), PATIENCE).toContain(` ESTABLISHED ${row}\n`);
  }
  await failOver();
  // So much that it cannot have been on its way when the link was cut.
  await progress(transfers, 100);
  for (const row of rows) expect(await shown(d2, '-Lnc')).toContain(` ESTABLISHED ${row}\n`);
  for (const service of ['172.168.2.20:80', '[2001:db8:2::20]:80']) {
    // It has passed packets on, of no connection that it has made itself.
    const forwarded = new RegExp(`^TCP  ${service.replaceAll(/[[\].]/g, '\\$&')} +0 +[1-9]`, 'm');
    await expect.poll(() => shown(d2, '-Ln --stats'), PATIENCE).toMatch(forwarded);
  }
  for (const transfer of transfers) expect(await transfer.finish()).toBe('complete');

  await daemons(d1, '--stop-daemon master');
  await daemons(d2, '--stop-daemon backup');
  expect([await shown(d1, '-l --daemon'), await shown(d2, '-l --daemon')]).toEqual(['', '']);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { buildNatNetwork } from '../../lab/network.js';
import type { Network } from '../../lab/network.js';
import { ask, askByDatagram, serve } from '../../lab/peers.js';
import { finding, findingsOf, expectFixed } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';
import { startKeepalived } from '../../support/keepalived.js';
import { stop } from '../../support/programs.js';
import { shown } from '../../support/shown.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** A director between two nets: real servers behind NAT, and the firewall that is often on such a machine. */

/** For another program to start, and to do its work. */
const LATER = { timeout: PATIENCE_MS };
const lab = useLab();
const VIP = '172.16.100.1';
const VIP6 = '2001:db8:100::1';
const RS = '192.168.10.11';
let network: Network;
let client: Namespace;
let director: Namespace;

beforeAll(async () => {
  network = await buildNatNetwork(lab(), { realServers: 1 });
  ({ client, director } = network);
  const [realServer] = network.realServers;
  if (realServer === undefined) throw new Error('a real server');
  await serve(realServer.namespace, { name: 'rs1', tcp: [80], udp: [53] });
});
afterAll(() => network.close());

const visit = (port: number, host = VIP) => ask(client, { host, port });
const query = (port: number) => askByDatagram(client, { host: VIP, port });
/** Where no answer is waited for for long. */
const visitInVain = (port: number, host = VIP) => ask(client, { host, port, deadlineMs: 400 });
const queryInVain = (port: number) => askByDatagram(client, { host: VIP, port, deadlineMs: 400 });

/** What is found without a packet sent, which takes no second. */
const quietly = (id: string) => finding(director, id, '--passive');

test('no-rules: the doctor finds a director whose rules were not loaded, and its fix loads them', async () => {
  expect(await visit(80)).toEqual(['failed: ECONNREFUSED']);
  // It may as well be a real server of NAT.
  expect(await findingsOf(director)).toEqual([]);
  expect(await findingsOf(director, '--role', 'director')).toMatchObject([
    {
      id: 'no-rules',
      severity: 'error',
      occurrences: [
        { evidence: 'the table is empty: ipvsadm -Ln', fix: ['ipvs director up FILE'] },
      ],
    },
  ]);
  expect(await findingsOf(director, '--role', 'director', '--ignore', 'no-rules')).toEqual([]);
  for (const option of ['-t', '-u']) {
    const port = option === '-t' ? 80 : 53;
    await type(director, `-A ${option} ${VIP}:${port} -s rr`);
    await type(director, `-a ${option} ${VIP}:${port} -r ${RS}:${port} -m`);
  }
  expect(await findingsOf(director, '--role', 'director')).toEqual([]);
  expect([await visit(80), await query(53)]).toEqual([['rs1'], ['rs1']]);
});

describe('S57: the firewall of the director', () => {
  test('firewall-drops: the doctor finds that the firewall lets nothing in to a service, and its fix lets clients in', async () => {
    await shell(
      director,
      `iptables-legacy -P INPUT DROP
      iptables-legacy -A INPUT -i lo -j ACCEPT
      iptables-legacy -A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
      iptables-legacy -A INPUT -p tcp -m multiport --dports 22,443 -j ACCEPT
      iptables-legacy -A INPUT -d ${VIP} -p udp --dport 53 -j ACCEPT`,
    );
    expect([await visitInVain(80), await query(53)]).toEqual([['failed: timeout'], ['rs1']]);
    const found = await quietly('firewall-drops');
    expect(found).toMatchObject({
      severity: 'error',
      occurrences: [
        {
          evidence: `tcp:${VIP}:80 is dropped by: iptables-legacy -P INPUT DROP`,
          fix: [`iptables-legacy -I INPUT -d ${VIP} -p tcp -m tcp --dport 80 -j ACCEPT`],
        },
      ],
    });
    await expectFixed(director, found, '--passive');
    expect(await visit(80)).toEqual(['rs1']);
    await shell(director, 'iptables-legacy -F; iptables-legacy -P INPUT ACCEPT');
  });

  test('firewall-drops: a rule that rejects, in a chain of its own, for IPv6', async () => {
    await type(director, `-A -t [${VIP6}]:80 -s rr`);
    await type(director, `-a -t [${VIP6}]:80 -r [2001:db8:10::11]:80 -m`);
    expect(await visit(80, VIP6)).toEqual(['rs1']);
    await shell(
      director,
      `ip6tables-legacy -N web
      ip6tables-legacy -A web -p tcp --dport 80 -m comment --comment "no web" -j REJECT --reject-with tcp-reset
      ip6tables-legacy -A INPUT ! -i lo -j web`,
    );
    expect(await visit(80, VIP6)).toEqual(['failed: ECONNREFUSED']);
    const found = await quietly('firewall-drops');
    expect(found?.occurrences).toEqual([
      {
        evidence:
          `tcp:[${VIP6}]:80 is dropped by: ip6tables-legacy -A web -p tcp -m tcp --dport 80 ` +
          '-m comment --comment "no web" -j REJECT --reject-with tcp-reset',
        fix: [`ip6tables-legacy -I INPUT -d ${VIP6} -p tcp -m tcp --dport 80 -j ACCEPT`],
      },
    ]);
    await expectFixed(director, found, '--passive');
    expect(await visit(80, VIP6)).toEqual(['rs1']);
    await shell(director, 'ip6tables-legacy -F');
    await type(director, `-D -t [${VIP6}]:80`);
  });

  test('conntrack-off: the doctor finds that a stateful firewall drops replies, and its fix lets them through', async () => {
    await shell(
      director,
      `iptables-legacy -P FORWARD DROP
      iptables-legacy -A FORWARD -m state --state RELATED,ESTABLISHED -j ACCEPT`,
    );
    const timeouts = [['failed: timeout'], ['failed: timeout']];
    expect([await visitInVain(80), await queryInVain(53)]).toEqual(timeouts);
    const found = await quietly('conntrack-off');
    expect(found).toMatchObject({
      severity: 'error',
      occurrences: [{ fix: ['sysctl -w net.ipv4.vs.conntrack=1'] }],
    });
    // One of them is named.
    expect(found?.occurrences[0]?.evidence).toMatch(
      /^net\.ipv4\.vs\.conntrack = 0; replies of 192\.168\.10\.11:(?:53|80) are dropped by: iptables-legacy -P FORWARD DROP$/,
    );
    await expectFixed(director, found, '--passive');
    expect([await visit(80), await query(53)]).toEqual([['rs1'], ['rs1']]);
    // A rule that drops what belongs to no connection does it to TCP alone.
    await shell(
      director,
      `echo 0 >/proc/sys/net/ipv4/vs/conntrack
      iptables-legacy -F; iptables-legacy -P FORWARD ACCEPT
      iptables-legacy -A FORWARD -m conntrack --ctstate INVALID -j DROP`,
    );
    expect([await visitInVain(80), await query(53)]).toEqual([['failed: timeout'], ['rs1']]);
    const invalid = await quietly('conntrack-off');
    expect(invalid?.occurrences[0]?.evidence).toBe(
      `net.ipv4.vs.conntrack = 0; replies of ${RS}:80 are dropped by: ` +
        'iptables-legacy -A FORWARD -m conntrack --ctstate INVALID -j DROP',
    );
    await expectFixed(director, invalid, '--passive');
    expect([await visit(80), await query(53)]).toEqual([['rs1'], ['rs1']]);
    await shell(director, 'iptables-legacy -F; echo 0 >/proc/sys/net/ipv4/vs/conntrack');
  });
});

test('real-server-port-closed: the doctor finds a real server on which nothing listens, and its fix keeps clients away', async () => {
  await type(director, `-a -t ${VIP}:80 -r ${RS}:81 -m -w 3`);
  expect([await visit(80), await visit(80)].sort()).toEqual([['failed: ECONNREFUSED'], ['rs1']]);
  const found = await finding(director, 'real-server-port-closed');
  expect(found).toMatchObject({
    severity: 'warning',
    occurrences: [
      {
        evidence: `${RS}:81 refuses connections, a real server of tcp:${VIP}:80`,
        fix: [`ipvsadm -e -t ${VIP}:80 -r ${RS}:81 -m -w 0`],
      },
    ],
  });
  expect(await finding(director, 'real-server-port-closed', '--passive')).toBeUndefined();
  await expectFixed(director, found);
  expect([await visit(80), await visit(80)]).toEqual([['rs1'], ['rs1']]);
  await type(director, `-d -t ${VIP}:80 -r ${RS}:81`);
  await type(director, `-a -t ${VIP}:80 -r 192.168.10.99:80 -m`);
  expect((await finding(director, 'real-server-port-closed'))?.occurrences[0]?.evidence).toBe(
    `192.168.10.99:80 does not answer within a second, a real server of tcp:${VIP}:80`,
  );
  await type(director, `-d -t ${VIP}:80 -r 192.168.10.99:80`);
});

test('no-route: the doctor finds a real server without a route, and its fix adds one', async () => {
  await type(director, `-A -t ${VIP}:82 -s rr`);
  await type(director, `-a -t ${VIP}:82 -r 10.9.9.9:80 -m`);
  expect(await visit(82)).toEqual(['failed: EHOSTUNREACH']);
  const found = await quietly('no-route');
  expect(found).toMatchObject({
    severity: 'error',
    occurrences: [
      {
        evidence: `ip route get 10.9.9.9: unreachable, a real server of tcp:${VIP}:82`,
        fix: ['ip route add 10.9.9.9 via GATEWAY'],
      },
    ],
  });
  const [realServer] = network.realServers;
  await realServer?.namespace.run(['ip', 'addr', 'add', '10.9.9.9/32', 'dev', 'lo']);
  await shell(director, `ip route add 10.9.9.9 via ${RS}`);
  expect(await quietly('no-route')).toBeUndefined();
  expect(await visit(82)).toEqual(['rs1']);
  await type(director, `-D -t ${VIP}:82`);
});

test('nat-to-loopback: the doctor finds a director that is its own real server by NAT, and its fix serves clients', async () => {
  await serve(director, { name: 'sorry', tcp: [83, 8080] });
  for (const [service, server] of [
    [`${VIP}:83`, '127.0.0.1:83'],
    [`${VIP}:84`, '127.0.0.1:8080'],
    [`[${VIP6}]:83`, '[::1]:83'],
  ] as const) {
    await type(director, `-A -t ${service} -s rr`);
    await type(director, `-a -t ${service} -r ${server} -m`);
  }
  const all = async (by: typeof visit) => [await by(83), await by(84), await by(83, VIP6)];
  expect(new Set((await all(visitInVain)).flat())).toEqual(new Set(['failed: timeout']));
  const found = await quietly('nat-to-loopback');
  expect(found?.severity).toBe('error');
  expect(found?.occurrences).toHaveLength(3);
  expect(found?.occurrences).toEqual(
    expect.arrayContaining([
      {
        evidence: `tcp:${VIP}:83: real server 127.0.0.1:83 by NAT`,
        fix: [`ipvsadm -e -t ${VIP}:83 -r 127.0.0.1:83 -g -w 1`],
      },
      {
        evidence: `tcp:${VIP}:84: real server 127.0.0.1:8080 by NAT`,
        fix: [
          `ipvsadm -a -t ${VIP}:84 -r ${VIP}:8080 -m -w 1`,
          `ipvsadm -d -t ${VIP}:84 -r 127.0.0.1:8080`,
        ],
      },
      {
        evidence: `tcp:[${VIP6}]:83: real server [::1]:83 by NAT`,
        fix: [`ipvsadm -e -t [${VIP6}]:83 -r [::1]:83 -g -w 1`],
      },
    ]),
  );
  await expectFixed(director, found, '--passive');
  expect(new Set((await all(visit)).flat())).toEqual(new Set(['sorry']));
  expect(await findingsOf(director)).toEqual([]);
});

test('other-controller: the doctor finds keepalived, which manages the table', async () => {
  const pid = await startKeepalived(
    director,
    `virtual_server ${VIP} 90 {
       lvs_sched rr
       lvs_method NAT
       protocol TCP
       real_server ${RS} 80 {
         weight 1
       }
     }
`,
  );
  await expect.poll(() => visit(90), LATER).toEqual(['rs1']);
  const found = await quietly('other-controller');
  expect(found).toMatchObject({
    severity: 'notice',
    occurrences: [
      { evidence: expect.stringMatching(/^keepalived is running \(PID \d+\)$/) as string },
    ],
  });
  // The file as it was named, in the folder where it was started.
  expect(found?.occurrences[0]?.fix).toEqual([
    expect.stringMatching(/^Edit \/run\/\S+\/conf\.$/) as string,
  ]);
  expect(await findingsOf(director, '--ignore', 'other-controller')).toEqual([]);
  // What is set by hand lasts until it has a reason to write.
  await type(director, `-a -t ${VIP}:90 -r 192.168.10.12:80 -m -w 0`);
  await stop(director, pid);
  await expect.poll(() => quietly('other-controller'), LATER).toBeUndefined();
  await expect.poll(() => shown(director, '-Sn'), LATER).not.toContain(`${VIP}:90`);
});

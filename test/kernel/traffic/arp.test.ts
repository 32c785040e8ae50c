import { afterAll, beforeAll, expect, test } from 'vitest';
import { capture } from '../../lab/capture.js';
import type { Namespace } from '../../lab/lab.js';
import {
  acceptVirtualAddress,
  buildFlatNetwork,
  countAnswers,
  perform,
  serveName,
  settingLines,
  type Network,
} from '../../lab/network.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, type } from '../../support/forwarding.js';

/** What the settings of a real server do: all have the virtual address, the director alone may say so. */

const lab = useLab();
let network: Network;
let rs1: Namespace;
let rs2: Namespace;
/** The hardware addresses. */
let ofDirector: string;
let ofServers: string[];

const SERVICE = '192.168.1.200:80';
const URL = `http://${SERVICE}/`;
/** Of two requests. */
const EACH = new Map([
  ['rs1', 1],
  ['rs2', 1],
]);

beforeAll(async () => {
  network = await buildFlatNetwork(lab());
  const [one, two] = network.realServers;
  if (one === undefined || two === undefined) throw new Error('two real servers were asked for');
  [rs1, rs2] = [one.namespace, two.namespace];
  const hardware = async (machine: Namespace): Promise<string> =>
    (await perform(machine, 'cat /sys/class/net/eth0/address')).trim();
  [ofDirector = '', ...ofServers] = await Promise.all([network.director, rs1, rs2].map(hardware));
  for (const [machine, name] of [
    [rs1, 'rs1'],
    [rs2, 'rs2'],
  ] as const) {
    await serveName(machine, { name });
    await acceptVirtualAddress(machine, network.virtual);
  }
  await type(
    network.director,
    `-A -t ${SERVICE} -s rr
    -a -t ${SERVICE} -r 192.168.1.191 -g
    -a -t ${SERVICE} -r 192.168.1.192 -g`,
  );
});

afterAll(async () => {
  await network.close();
});

type Scope = 'all' | 'eth0' | 'lo';

/** Settings of the real servers: those that are not named are 0. */
async function set(
  machines: readonly Namespace[],
  {
    ignore = {},
    announce = {},
  }: Partial<Record<'ignore' | 'announce', Partial<Record<Scope, number>>>>,
): Promise<void> {
  const lines = (['all', 'eth0', 'lo'] as const).map((scope) =>
    settingLines({
      [`ipv4/conf/${scope}/arp_ignore`]: ignore[scope] ?? 0,
      [`ipv4/conf/${scope}/arp_announce`]: announce[scope] ?? 0,
    }),
  );
  for (const machine of machines) await perform(machine, lines.join('\n'));
}

const right = { ignore: { all: 1 }, announce: { all: 2 } };

/** The hardware addresses that answer the client's question who has the virtual address. */
async function owners(): Promise<string[]> {
  const end = await capture(network.client, { filter: 'arp[6:2] = 2', flags: ['-e'] });
  // What a machine says of the virtual address, it has said before it answers for its own.
  const asked = ['192.168.1.200', '192.168.1.190', '192.168.1.191', '192.168.1.192'];
  const lines = asked.map((address) => `arping -q -I eth0 -c 1 -w 5 ${address}`);
  await perform(network.client, lines.join('\n'));
  const replies = (await end('Reply 192.168.1.192 ')).filter((reply) =>
    reply.includes('Reply 192.168.1.200 '),
  );
  return [...new Set(replies.map((reply) => reply.replace(/ .*/s, '')))].sort();
}

test('S18: without settings every machine answers for the virtual address, with them only the director', async () => {
  await set([rs1, rs2], {});
  expect(await owners()).toEqual([ofDirector, ...ofServers].sort());
  await set([rs1, rs2], { ignore: { lo: 1 }, announce: { lo: 2 } });
  expect(await owners()).toEqual([ofDirector, ...ofServers].sort());
  await set([rs1, rs2], right);
  expect(await owners()).toEqual([ofDirector]);
});

test('S18: a client that has taken a real server for the service stays with it until it forgets', async () => {
  await set([rs1, rs2], right);
  const { client, director } = network;
  await perform(
    client,
    `ip neigh replace 192.168.1.200 lladdr ${ofServers[1]} dev eth0 nud reachable`,
  );
  expect(await countAnswers(client, URL, 3)).toEqual(new Map([['rs2', 3]]));
  expect(await connections(director, SERVICE)).toEqual([]);
  await perform(client, 'ip neigh flush dev eth0');
  expect(await countAnswers(client, URL, 2)).toEqual(EACH);
  await expect
    .poll(() => connections(director, SERVICE), SOON)
    .toEqual([
      'FIN_WAIT 192.168.1.101 -> 192.168.1.191:80',
      'FIN_WAIT 192.168.1.101 -> 192.168.1.192:80',
    ]);
});

test('S19: the greater of the values of all devices and of the device that receives counts', async () => {
  await set([rs2], right);
  const cases = [
    [{ all: 0, eth0: 1 }, false],
    [{ all: 1, eth0: 0 }, false],
    [{ all: 2 }, false],
    [{ all: 3 }, true],
    [{ lo: 8 }, true],
  ] as const;
  for (const [ignore, answers] of cases) {
    await set([rs1], { ignore });
    expect([ignore, (await owners()).includes(ofServers[0] ?? '')]).toEqual([ignore, answers]);
  }
});

test('S19, S24: a real server that asks for the client in the name of the service takes the client over', async () => {
  const { client } = network;
  // What it hears it believes at once.
  await perform(client, settingLines({ 'ipv4/neigh/eth0/locktime': 0 }));
  /** In whose name the real servers ask for the client, and who then answers it. */
  const reported = async (announce: number): Promise<[string[], Map<string, number>]> => {
    await set([rs1, rs2], { ignore: { all: 1 }, announce: { all: announce } });
    for (const machine of [client, rs1, rs2]) await perform(machine, 'ip neigh flush dev eth0');
    const end = await capture(client, { filter: 'arp[6:2] = 1 and dst host 192.168.1.101' });
    const answers = await countAnswers(client, URL, 2);
    // Comes after all that they have asked.
    const fence = '192.168.1.180';
    await perform(
      network.director,
      `ip addr replace ${fence}/24 dev eth0
      arping -q -I eth0 -c 1 -w 5 -s ${fence} 192.168.1.101`,
    );
    const lines = await end(`tell ${fence}`);
    const names = lines
      .map((line) => line.replace(/.* tell (\S+),.*/s, '$1'))
      .filter((name) => name !== fence && name !== '192.168.1.190');
    return [[...new Set(names)].sort(), answers];
  };
  const [names, answers] = await reported(0);
  expect(names).toContain('192.168.1.200');
  expect([...answers.values()]).toEqual([2]);
  expect(await reported(2)).toEqual([['192.168.1.191', '192.168.1.192'], EACH]);
});

test('S19: a real server has the settings that were asked for, and a director the defaults of IPVS', async () => {
  await set([rs1], right);
  const keys = ['all', 'default', 'eth0', 'lo'].flatMap((scope) =>
    ['announce', 'ignore'].map((name) => `net.ipv4.conf.${scope}.arp_${name}`),
  );
  expect(await perform(rs1, `sysctl ${keys.join(' ')}`)).toBe(`net.ipv4.conf.all.arp_announce = 2
net.ipv4.conf.all.arp_ignore = 1
net.ipv4.conf.default.arp_announce = 0
net.ipv4.conf.default.arp_ignore = 0
net.ipv4.conf.eth0.arp_announce = 0
net.ipv4.conf.eth0.arp_ignore = 0
net.ipv4.conf.lo.arp_announce = 0
net.ipv4.conf.lo.arp_ignore = 0
`);
  // It brings a setting of its own.
  await perform(lab(), '/run/modprobe ip_vs_lblc');
  const settings = await perform(network.director, 'cd /proc/sys/net/ipv4/vs && grep . *');
  const values = settings.split('\n').map((line) => line.replace('\t', ' ').split(':'));
  expect(Object.fromEntries(values) as unknown).toMatchObject({
    amemthresh: '1024',
    am_droprate: '10',
    cache_bypass: '0',
    conn_reuse_mode: '1',
    conntrack: '0',
    drop_entry: '0',
    drop_packet: '0',
    expire_nodest_conn: '0',
    expire_quiescent_template: '0',
    lblc_expiration: '86400',
    nat_icmp_send: '0',
    pmtu_disc: '1',
    run_estimation: '1',
    secure_tcp: '0',
    sloppy_tcp: '0',
    snat_reroute: '1',
    sync_threshold: '3 50',
  });
});

test('S24: a real server answers as long as it has the virtual address and the route to itself', async () => {
  await set([rs1, rs2], right);
  const { client, director } = network;
  await type(director, `-d -t ${SERVICE} -r 192.168.1.192`);
  const lo = 'ip addr add 192.168.1.222/32 dev lo';
  expect(await perform(rs1, `${lo}; ip route show table main | grep -c 192.168.1.200 || :`)).toBe(
    '0\n',
  );
  const cases = [
    ['ip addr del 192.168.1.200/32 dev lo', 'ip addr add 192.168.1.200/32 dev lo'],
    [
      'ip route del local 192.168.1.200 dev lo table local',
      'ip route add local 192.168.1.200 dev lo table local src 192.168.1.200',
    ],
  ] as const;
  for (const [spoil, mend] of cases) {
    expect(await countAnswers(client, URL, 1)).toEqual(new Map([['rs1', 1]]));
    await perform(rs1, spoil);
    // 28: no answer in time.
    const { code } = await client.run(['curl', '-s', '-m', '0.7', URL]);
    expect([spoil, code]).toEqual([spoil, 28]);
    await perform(rs1, mend);
  }
  expect(await countAnswers(client, URL, 1)).toEqual(new Map([['rs1', 1]]));
});

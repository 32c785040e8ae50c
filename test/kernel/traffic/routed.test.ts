import { afterAll, beforeAll, expect, test } from 'vitest';
import { capture } from '../../lab/capture.js';
import type { Namespace } from '../../lab/lab.js';
import { countAnswers, perform, serveName, type Network } from '../../lab/network.js';
import { buildRoutedNetwork } from '../../lab/routed-network.js';
import { loadTunnels, openTunnels } from '../../lab/tunnels.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, statistics, type } from '../../support/forwarding.js';
import { shown } from '../../support/shown.js';

/** Client, director and real servers each in a net of their own: what needs one wire, and what does not. */

const lab = useLab();
let network: Network;
let rs1: Namespace;

beforeAll(async () => {
  await loadTunnels(lab());
  network = await buildRoutedNetwork(lab());
  const { ipv4, ipv6 } = network.virtual;
  for (const [index, { namespace, addresses }] of network.realServers.entries()) {
    const summed = { ipv4: `10.1.${index + 3}.11`, ipv6: `2001:db8:1:${index + 3}::11` };
    await openTunnels(namespace, { addresses, summed });
    await perform(
      namespace,
      `ip addr add ${ipv4}/32 dev tunl0
      ip addr add ${ipv6}/128 dev ip6tnl0 preferred_lft 0`,
    );
    await serveName(namespace, { name: `rs${index + 1}` });
  }
  const [first] = network.realServers;
  if (first === undefined) throw new Error('two real servers were asked for');
  rs1 = first.namespace;
});

afterAll(async () => {
  await network.close();
});

const SITES = [
  { service: '10.1.2.200:80', servers: ['10.1.3.10:80', '10.1.4.10:80'] },
  {
    service: '[2001:db8:1:2::200]:80',
    servers: ['[2001:db8:1:3::10]:80', '[2001:db8:1:4::10]:80'],
  },
] as const;

test('S23: a tunnel leads to real servers in other nets, with the director not forwarding', async () => {
  const { client, director } = network;
  const settings = 'net.ipv4.ip_forward net.ipv6.conf.all.forwarding';
  expect(await perform(director, `sysctl -n ${settings}`)).toBe('0\n0\n');
  const end = await capture(rs1, { filter: 'proto 4 or ip6 proto 41', flags: ['-v'] });
  for (const { service, servers } of SITES) {
    await type(
      director,
      `-A -t ${service} -s rr
      -a -t ${service} -r ${servers[0]} -i
      -a -t ${service} -r ${servers[1]} -i`,
    );
    const answers = await countAnswers(client, `http://${service}/`, 4);
    expect({ service, ...Object.fromEntries(answers) }).toEqual({ service, rs1: 2, rs2: 2 });
  }
  const packets = await end('2001:db8:1:2::200.80: Flags .F');
  const outer = [
    / 10\.1\.2\.10 > 10\.1\.3\.10: IP \(.* 10\.1\.1\.10\.\d+ > 10\.1\.2\.200\.80: Flags/,
    / 2001:db8:1:2::10 > 2001:db8:1:3::10: IP6 \(.* 2001:db8:1:1::10\.\d+ > 2001:db8:1:2::200\.80: Flags/,
  ] as const;
  const wrapped = outer.map((pattern) => packets.filter((packet) => pattern.test(packet)));
  for (const some of wrapped) expect(some.length).toBeGreaterThanOrEqual(4);
  expect(wrapped.flat()).toHaveLength(packets.length);

  const counted = (): Promise<unknown> =>
    Promise.all(SITES.map(({ service }) => statistics(director, service)));
  const bypassed = { outPackets: 0, outBytes: 0 };
  await expect.poll(counted, SOON).toMatchObject(
    SITES.map(({ service, servers }) => ({
      [service]: { ...bypassed, conns: 4 },
      [servers[0]]: { ...bypassed, conns: 2 },
      [servers[1]]: { ...bypassed, conns: 2 },
    })),
  );
});

test('S23: a client learns how much goes into a tunnel, and sends no more at once', async () => {
  const { client } = network;
  // Else the director would get packets that are cut up only when they leave it.
  await perform(client, 'ip link set eth0 gso_max_segs 1');
  const sizes = { '10.1.2.200': 1500 - 20, '2001:db8:1:2::200': 1500 - 40 };
  for (const [address, size] of Object.entries(sizes)) {
    const host = address.includes(':') ? `[${address}]` : address;
    const long = ['-H', `Long: ${'x'.repeat(4000)}`];
    const { stdout } = await client.run(['curl', '-gs', '-m', '10', ...long, `http://${host}/`]);
    expect(stdout).toMatch(/^rs[12]$/m);
    expect(await perform(client, `ip route get ${address}`)).toContain(` mtu ${size} `);
  }
});

test('S14: direct routing does not leave the net: requests go round between director and router', async () => {
  const { client, director } = network;
  const end = await capture(director, { filter: 'tcp dst port 81', flags: ['-v'] });
  const arrived = await capture(rs1, { filter: 'tcp or ip6 proto 6 or udp' });
  for (const { service: tunnelled, servers } of SITES) {
    const service = tunnelled.replace(/80$/, '81');
    await type(director, `-A -t ${service} -s rr\n-a -t ${service} -r ${servers[0]} -g`);
    const answers = await countAnswers(client, `http://${service}/`, 1);
    expect([...answers.keys()]).toEqual(['failed: EHOSTUNREACH']);
    await expect
      .poll(() => connections(director, service), SOON)
      .toEqual([expect.stringMatching(/^SYN_RECV /) as string]);
  }
  const rounds = await end('2001:db8:1:2::200.81: Flags .S');
  const lives = rounds.flatMap((packet) => / ttl (\d+),/.exec(packet)?.slice(1).map(Number) ?? []);
  expect(lives.slice(0, 3)).toEqual([63, 62, 61]);
  await director.run(['bash', '-c', 'echo >/dev/udp/10.1.3.10/9']);
  expect(await arrived('10.1.3.10.9: UDP')).toHaveLength(1);
});

test('S27: there is no option for a full NAT', async () => {
  const { director } = network;
  const before = await shown(director, '-Sn');
  for (const option of ['--fullnat', '--full-nat', '-F']) {
    const words = ['-a', '-t', SITES[0].service, '-r', '10.1.3.11:80', option];
    const stderr = `${option}: unknown option\n`;
    expect(await director.ipvsadm(words)).toEqual({ code: 255, stdout: '', stderr });
  }
  expect(await shown(director, '-Sn')).toBe(before);
  expect((await director.ipvsadm(['-h'])).stdout).not.toMatch(/full.?nat/i);
});

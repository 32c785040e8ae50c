import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { useLab } from '../../support/director.js';
import { machineState, settled } from '../../support/machine-state.js';
import { ipvs, ipvsDone } from '../../support/setup-lab.js';
import { shell } from '../../support/shell.js';

/** A real server with a past: what is right is left alone, what was there comes back. */

const lab = useLab();
const PAST = `
ip link add eth0 type dummy && ip link add eth1 type dummy
ip link set eth0 arp on up && ip link set eth1 arp on up
ip address add 192.0.2.11/24 dev eth0 && ip address add 10.0.0.11/24 dev eth1
ip address add 2001:db8:2::11/64 dev eth0
ip address add 192.0.2.99/32 dev lo && ip route add 198.51.100.7 dev lo
ip route add default via 192.0.2.254 proto static
ip route append default via 10.0.0.254
ip route add default via 192.0.2.253 metric 100 proto dhcp
ip -6 route add default via 2001:db8:2::fe dev eth0
/run/modprobe -a ipip ip6_tunnel
for one in tunl0 ip6tnl0; do ip link set $one up; ip link set $one down; done
`;
const DR = ['--method', 'dr', '--vip', '192.0.2.80'];
const TUN = ['--method', 'tun', '--vip', '192.0.2.80', '--vip', '2001:db8:2::80'];
const NAT = ['--method', 'nat', '--gateway', '192.0.2.1', '--gateway', '2001:db8:2::1'];

let server: Namespace;
let before: Record<string, readonly string[]>;
beforeAll(async () => {
  server = await lab().namespace('rs');
  await shell(server, PAST);
  await settled(server);
  before = await machineState(server);
});
afterAll(() => server.close());

const up = (...words: string[]) => ipvsDone(server, 'realserver', 'up', ...words);
const set = (values: string) => shell(server, `cd /proc/sys/net/ipv4/conf\n${values}`);
async function expectDown(): Promise<void> {
  await ipvsDone(server, 'realserver', 'down');
  expect(await machineState(server)).toEqual(before);
}

test('S24: status says not running when the address, its route or a setting is off', async () => {
  await up(...DR);
  expect(await ipvsDone(server, 'realserver', 'status', ...DR)).toMatch(/\nrunning\n$/);
  for (const [fault, fix, complaint] of [
    [
      'ip route del 192.0.2.80 dev lo',
      'ip route add 192.0.2.80 dev lo',
      'not ok  route 192.0.2.80 dev lo scope link (not there)',
    ],
    [
      'ip address del 192.0.2.80/32 dev lo',
      'ip address add 192.0.2.80/32 dev lo',
      'not ok  192.0.2.80/32 dev lo (not there)',
    ],
    [
      'echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore',
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
      'not ok  net.ipv4.conf.all.arp_ignore = 1 (is 0)',
    ],
  ] as const) {
    await shell(server, fault);
    const { code, stdout } = await ipvs(server, 'realserver', 'status');
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(complaint) as string,
    });
    expect(stdout).toMatch(/\nnot running\n$/);
    await shell(server, fix);
  }
  expect(await ipvsDone(server, 'realserver', 'status')).toMatch(/\nrunning\n$/);
  await expectDown();
});

/** Modules of tunnels that others have loaded give every machine of this kernel further interfaces. */
const everyInterface = (value: number) =>
  `for one in $(ls | grep -vx -e all -e default -e lo); do echo ${value} >$one/arp_announce; done`;

test('S24: a stricter arp_ignore stays, also one of each interface', async () => {
  await set(`echo 2 >all/arp_ignore; ${everyInterface(2)}`);
  before = await machineState(server);
  const done = await up(...DR);
  expect(done.replaceAll(/^net\.ipv4\.conf\.(?!all|eth).*: unchanged\n/gm, '')).toBe(
    `net.ipv4.conf.all.arp_ignore = 1: unchanged
net.ipv4.conf.eth0.arp_announce = 2: unchanged
net.ipv4.conf.eth1.arp_announce = 2: unchanged
192.0.2.80/32 dev lo: done
route 192.0.2.80 dev lo scope link: done
`,
  );
  await expectDown();
  await set(`echo 0 >all/arp_ignore; ${everyInterface(0)}`);
  before = await machineState(server);
});

test('S18: an interface whose greater value answers all the same is set right, and gets it back', async () => {
  await set('echo 3 >eth1/arp_ignore');
  before = await machineState(server);
  expect(await up(...DR)).toContain(
    'net.ipv4.conf.all.arp_ignore = 1: done\nnet.ipv4.conf.eth1.arp_ignore = 1: done\n',
  );
  await expectDown();
  await set('echo 0 >eth1/arp_ignore');
  before = await machineState(server);
});

test.each([
  [0, 1, '0'],
  [1, 0, '2'],
  [2, 1, '1'],
])(
  'S25: the reverse path of a tunnel is not strict where all has %i and the tunnel %i',
  async (all, own, then) => {
    await set(`echo ${all} >all/rp_filter; echo ${own} >tunl0/rp_filter`);
    await up(...TUN);
    expect(await set('cat all/rp_filter tunl0/rp_filter')).toBe(`${all}\n${then}\n`);
    await ipvsDone(server, 'realserver', 'down');
    expect(await set('cat all/rp_filter tunl0/rp_filter')).toBe(`${all}\n${own}\n`);
    await set('echo 0 >all/rp_filter; echo 0 >tunl0/rp_filter');
  },
);

test('S21: the director becomes the gateway, and every default route from before comes back', async () => {
  const routes = () => shell(server, 'ip route show default; ip -6 route show default');
  const old = await routes();
  await up(...NAT);
  expect(await routes()).toBe(`default via 192.0.2.1 dev eth0 
default via 10.0.0.254 dev eth1 
default via 192.0.2.253 dev eth0 proto dhcp metric 100 
default via 2001:db8:2::1 dev eth0 metric 1 pref medium
default via 2001:db8:2::fe dev eth0 metric 1024 pref medium
`);
  expect(await up(...NAT)).toMatch(/^Nothing was changed\.$/m);
  expect(await ipvsDone(server, 'realserver', 'status')).toMatch(/\nrunning\n$/);
  await expectDown();
  expect(await routes()).toBe(old);
});

test('S24, S25: another method takes the place of the one before', async () => {
  await up(...NAT);
  await up(...TUN);
  expect(await shell(server, 'ip route show default')).toContain('via 192.0.2.254 dev eth0');
  await up(...DR);
  expect((await machineState(server))['links']?.join('')).not.toContain('2001:db8:2::80');
  await expectDown();
});

test('says what is wrong and what to do next, and changes nothing', async () => {
  for (const [words, code, text] of [
    [['--method', 'dr'], 2, 'With dr, name the virtual address: --vip ADDRESS'],
    [['--method', 'nat'], 2, 'With nat, name the director as --gateway ADDRESS'],
    [
      ['--method', 'nat', '--gateway', '203.0.113.1'],
      3,
      'The gateway 203.0.113.1 is in no net of this machine: name an address of the director that is.',
    ],
    [[...DR, '--interface', 'eth9'], 2, 'There is no interface "eth9". There are: '],
    [[...DR, '--interface', '../../x'], 2, 'There is no interface "../../x". There are: '],
    [
      ['--method', 'dr', '--vip', '192.0.2.11'],
      3,
      '192.0.2.11 is on eth0 of this machine already.',
    ],
    [['--method', 'dr', '--vip', '192.0.2.256'], 2, 'It is not an IPv4 or IPv6 address.'],
  ] as const) {
    const done = await ipvs(server, 'realserver', 'up', ...words);
    expect(done).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(text) as string,
    });
  }
  expect(await machineState(server)).toEqual(before);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { acceptVirtualAddress, buildFlatNetwork } from '../../lab/network.js';
import type { Network } from '../../lab/network.js';
import { ask, askByDatagram, hold, say, serve } from '../../lab/peers.js';
import { finding, findingsOf, expectFixed, findAndFix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** All machines on one wire: direct routing, tunnels, and who has the virtual address. */

const lab = useLab();
const VIP = '192.168.1.200';
/** Real servers, and the addresses that they have. */
const RS1 = '192.168.1.191';
const RS2 = '192.168.1.192';
/** Only what hangs comes near. */
const PATIENCE = { timeout: PATIENCE_MS };
let network: Network;
let client: Namespace;
let director: Namespace;
let rs1: Namespace;
let rs2: Namespace;

beforeAll(async () => {
  network = await buildFlatNetwork(lab());
  ({ client, director } = network);
  const [one, two] = network.realServers.map(({ namespace }) => namespace);
  if (one === undefined || two === undefined) throw new Error('two real servers');
  [rs1, rs2] = [one, two];
  for (const [index, server] of [rs1, rs2].entries()) {
    await acceptVirtualAddress(server, network.virtual);
    await serve(server, { name: `rs${index + 1}`, tcp: [80], udp: [53] });
  }
  await type(director, `-A -t ${VIP}:80 -s rr`);
  for (const server of [RS1, RS2]) await type(director, `-a -t ${VIP}:80 -r ${server}`);
  await type(director, '-A -t [2001:db8:1::200]:80 -s rr');
  await type(director, '-a -t [2001:db8:1::200]:80 -r [2001:db8:1::191]:80');
});
afterAll(() => network.close());

const visit = (times = 1, port = 80) =>
  ask(client, { host: VIP, port, times }).then((answers) => answers.sort());

/** Where no answer is waited for for long. */
const visitInVain = (port = 80) => ask(client, { host: VIP, port, deadlineMs: 400 });

/** The client forgets whom it has learnt to send to. */
const forget = () => shell(client, 'ip neigh flush all; ip route flush cache');

async function macOf(machine: Namespace): Promise<string> {
  return (await shell(machine, 'cat /sys/class/net/eth0/address')).trim();
}

/** Whom the client sends to for the virtual address. */
async function believed(): Promise<string | undefined> {
  return / lladdr (\S+)/.exec(await shell(client, `ip neigh show ${VIP}`))?.[1];
}

test('nothing is found on a director and on real servers of direct routing that are set up well', async () => {
  expect(await visit(2)).toEqual(['rs1', 'rs2']);
  expect(await findingsOf(director)).toEqual([]);
  expect(await findingsOf(rs1, '--vip', VIP, '--vip', '2001:db8:1::200')).toEqual([]);
});

test('virtual-address-missing: the doctor finds a director without the address, and its fix adds it', async () => {
  await shell(director, `ip addr del ${VIP}/32 dev eth0; ip addr del 2001:db8:1::200/128 dev eth0`);
  await forget();
  expect(await visitInVain()).toEqual(['failed: timeout']);
  const found = await finding(director, 'virtual-address-missing', '--passive');
  expect(found?.severity).toBe('error');
  expect(
    [...(found?.occurrences ?? [])].sort((a, b) => (a.evidence < b.evidence ? -1 : 1)),
  ).toEqual([
    {
      evidence: `${VIP} is not on this machine, and tcp:${VIP}:80 needs it`,
      fix: [`ip address add ${VIP}/32 dev eth0`],
    },
    {
      evidence: '2001:db8:1::200 is not on this machine, and tcp:[2001:db8:1::200]:80 needs it',
      fix: ['ip address add 2001:db8:1::200/128 dev eth0 preferred_lft 0 nodad'],
    },
  ]);
  // One that stands by has the rules, and takes the address when the other one fails.
  await type(director, '--start-daemon backup --mcast-interface eth0');
  expect(await finding(director, 'virtual-address-missing', '--passive')).toBeUndefined();
  await type(director, '--stop-daemon backup');
  await expectFixed(director, found, '--passive');
  // It asked who has the address for 3 s, and would give up on what it is to send now.
  await forget();
  expect(await visit(2)).toEqual(['rs1', 'rs2']);
});

test('virtual-address-missing: the doctor finds a real server that does not accept packets for the address, and its fix makes it accept them', async () => {
  await shell(rs1, `ip addr del ${VIP}/32 dev lo; echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore`);
  const expected = ['--passive', '--vip', VIP];
  // The other request is lost: 5 s are for an answer under load.
  const answers = await ask(client, { host: VIP, port: 80, times: 2, deadlineMs: 5000 });
  expect(answers).toContain('rs2');
  const { occurrences } = await findAndFix(rs1, 'virtual-address-missing', ...expected);
  expect(occurrences).toEqual([
    {
      evidence: `${VIP} is not on this machine, and --vip names it`,
      fix: ['sysctl -w net.ipv4.conf.all.arp_ignore=1', `ip address add ${VIP}/32 dev lo`],
    },
  ]);
  expect(await visit(2)).toEqual(['rs1', 'rs2']);
  // On an interface that is down the kernel takes packets for it all the same.
  await shell(rs1, `ip addr del ${VIP}/32 dev lo; ip link add dummy0 type dummy`);
  await shell(rs1, `ip addr add ${VIP}/32 dev dummy0`);
  await shell(rs1, 'ip link set dummy0 up; ip link set dummy0 down');
  expect(await finding(rs1, 'virtual-address-missing', ...expected)).toBeUndefined();
  expect(await visit(2)).toEqual(['rs1', 'rs2']);
  await shell(rs1, `ip link del dummy0; ip addr add ${VIP}/32 dev lo`);
});

describe('a real server that does not keep quiet about the address', () => {
  /** Who answers a client within a second that asks for the address. */
  const asked = async () =>
    (await shell(client, `arping -b -c 1 -w 1 -I eth0 ${VIP}`)).toLowerCase();

  test('arp-answers: the doctor finds a real server that answers ARP for the address, and its fix silences it', async () => {
    // Where many look first, and it does not count.
    await shell(rs1, 'cd /proc/sys/net/ipv4/conf; echo 0 >all/arp_ignore; echo 1 >lo/arp_ignore');
    const mac = await macOf(rs1);
    await expect.poll(asked, PATIENCE).toContain(mac);
    expect(await findAndFix(rs1, 'arp-answers', '--passive')).toEqual({
      severity: 'error',
      occurrences: [
        {
          evidence:
            'net.ipv4.conf.all.arp_ignore = 0, net.ipv4.conf.eth0.arp_ignore = 0; ' +
            `virtual addresses here: ${VIP} on lo`,
          fix: ['sysctl -w net.ipv4.conf.all.arp_ignore=1'],
        },
      ],
    });
    expect(await asked()).not.toContain(mac);
  });

  test('arp-answers: 3 keeps quiet about an address of scope host, and answers for one of scope global', async () => {
    const mac = await macOf(rs1);
    await shell(rs1, 'cd /proc/sys/net/ipv4/conf; echo 0 >lo/arp_ignore; echo 3 >eth0/arp_ignore');
    await expect.poll(asked, PATIENCE).toContain(mac);
    // The interface's own value is the greater one: that of all interfaces does not help.
    const { occurrences } = await findAndFix(rs1, 'arp-answers', '--passive');
    expect(occurrences[0]?.fix).toEqual(['sysctl -w net.ipv4.conf.eth0.arp_ignore=1']);
    expect(await asked()).not.toContain(mac);
    await shell(rs1, `ip addr del ${VIP}/32 dev lo; ip addr add ${VIP}/32 dev lo scope host`);
    await shell(rs1, 'echo 3 >/proc/sys/net/ipv4/conf/eth0/arp_ignore');
    expect(await asked()).not.toContain(mac);
    expect(await finding(rs1, 'arp-answers', '--passive')).toBeUndefined();
    await shell(rs1, `ip addr del ${VIP}/32 dev lo; ip addr add ${VIP}/32 dev lo`);
    await shell(rs1, 'echo 0 >/proc/sys/net/ipv4/conf/eth0/arp_ignore');
  });

  test('arp-answers: the address is an alias of the interface, or local by a route', async () => {
    const mac = await macOf(rs1);
    const named = ['--passive', '--vip', VIP];
    await shell(rs1, `ip addr del ${VIP}/32 dev lo; ip addr add ${VIP}/32 dev eth0`);
    await expect.poll(asked, PATIENCE).toContain(mac);
    expect((await findAndFix(rs1, 'arp-answers', ...named)).occurrences).toEqual([
      {
        evidence:
          'net.ipv4.conf.all.arp_ignore = 1, net.ipv4.conf.eth0.arp_ignore = 0; ' +
          `${VIP}/32 is an address of eth0 itself`,
        fix: [`ip address del ${VIP}/32 dev eth0`, `ip address add ${VIP}/32 dev lo`],
      },
    ]);
    expect(await asked()).not.toContain(mac);
    await shell(rs1, `ip addr del ${VIP}/32 dev lo; ip route add local ${VIP} dev lo`);
    await shell(rs1, 'echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore');
    await expect.poll(asked, PATIENCE).toContain(mac);
    expect((await findAndFix(rs1, 'arp-answers', ...named)).occurrences).toMatchObject([
      { fix: ['sysctl -w net.ipv4.conf.all.arp_ignore=1'] },
    ]);
    expect(await asked()).not.toContain(mac);
    await shell(rs1, `ip route del local ${VIP} dev lo; ip addr add ${VIP}/32 dev lo`);
  });

  test('virtual-address-prefix: a net on lo cuts the real server off, seen and fixed', async () => {
    const reach = () => shell(rs1, 'ip route get 192.168.1.190');
    await shell(rs1, `ip addr del ${VIP}/32 dev lo; ip addr add ${VIP}/24 dev lo`);
    expect(await reach()).toMatch(/^local /);
    for (const verb of ['up', 'status']) {
      const done = await rs1.ipvs(['realserver', verb, '--method', 'dr', '--vip', VIP]);
      expect(done.code).toBe(3);
      expect(done.stdout + done.stderr).toContain(`${VIP}/24 dev lo`);
    }
    const { severity, occurrences } = await findAndFix(
      rs1,
      'virtual-address-prefix',
      ...['--passive', '--vip', VIP],
    );
    expect(severity).toBe('error');
    expect(occurrences).toEqual([
      {
        evidence: `${VIP}/24 dev lo, which covers ${RS1}/24 dev eth0`,
        fix: [`ip address del ${VIP}/24 dev lo`, `ip address add ${VIP}/32 dev lo`],
      },
    ]);
    expect(await reach()).not.toMatch(/^local /);
    // The client may still have rs1's hardware address, from when rs1 answered for the virtual address.
    await forget();
    await expect.poll(async () => (await visit(2)).sort(), PATIENCE).toEqual(['rs1', 'rs2']);
  });

  test('arp-announces: the doctor finds a real server that gives the address in its own ARP requests, and its fix stops that', async () => {
    await forget();
    expect(await visit(2)).toEqual(['rs1', 'rs2']);
    expect(await believed()).toBe(await macOf(director));
    await shell(rs1, 'echo 0 >/proc/sys/net/ipv4/conf/all/arp_announce');
    // A client does not change its mind within a second.
    await expect
      .poll(async () => {
        await shell(rs1, 'ip neigh flush all');
        await visit(2);
        return believed();
      }, PATIENCE)
      .toBe(await macOf(rs1));
    expect(await visit(3)).toEqual(['rs1', 'rs1', 'rs1']);
    expect(await findAndFix(rs1, 'arp-announces', '--passive')).toEqual({
      severity: 'error',
      occurrences: [
        {
          evidence:
            'net.ipv4.conf.all.arp_announce = 0, net.ipv4.conf.eth0.arp_announce = 0; ' +
            `virtual addresses here: ${VIP} on lo`,
          fix: ['sysctl -w net.ipv4.conf.all.arp_announce=2'],
        },
      ],
    });
    await forget();
    expect(await visit(2)).toEqual(['rs1', 'rs2']);
  });

  test('arp-duplicate: the doctor on the director finds the machine that answers ARP too, and its fix silences it', async () => {
    await shell(rs2, 'echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore');
    const mac = await macOf(rs2);
    await shell(client, `ip neigh replace ${VIP} lladdr ${mac} dev eth0 nud stale`);
    expect(await visit(2)).toEqual(['rs2', 'rs2']);
    const found = await finding(director, 'arp-duplicate');
    expect(found).toMatchObject({
      severity: 'error',
      occurrences: [{ evidence: `${mac} (${RS2}) answers ARP for ${VIP} on eth0` }],
    });
    expect(found?.occurrences[0]?.fix).toEqual([
      `On ${RS2}, if it is meant to be a real server: sysctl -w net.ipv4.conf.all.arp_ignore=1`,
      `On ${RS2}, if it is not: ip address del ${VIP}/32 dev DEVICE`,
      `arping -U -c 3 -w 3 -I eth0 ${VIP}`,
    ]);
    expect(await finding(director, 'arp-duplicate', '--passive')).toBeUndefined();
    await shell(rs2, 'sysctl -w net.ipv4.conf.all.arp_ignore=1');
    await shell(director, `arping -U -c 3 -w 3 -I eth0 ${VIP}`);
    expect(await finding(director, 'arp-duplicate')).toBeUndefined();
    expect(await believed()).toBe(await macOf(director));
    expect(await visit(2)).toEqual(['rs1', 'rs2']);
  });
});

describe('tunnels', () => {
  beforeAll(async () => {
    await shell(rs1, 'ip link set tunl0 up; echo 0 >/proc/sys/net/ipv4/conf/tunl0/rp_filter');
    for (const service of [`-t ${VIP}:8080`, `-u ${VIP}:53`]) {
      await type(director, `-A ${service} -s rr`);
      await type(director, `-a ${service} -r ${RS1} -i`);
    }
    await serve(rs1, { name: 'rs1', tcp: [8080, 8081] });
  });

  test('reverse-path-filter: the doctor finds that packets out of the tunnel are dropped, and its fix lets them in', async () => {
    expect(await visit(1, 8080)).toEqual(['rs1']);
    expect(await findingsOf(rs1, '--vip', VIP)).toEqual([]);
    // The loose filter lets them pass only if the tunnel has an address.
    await shell(rs1, 'echo 2 >/proc/sys/net/ipv4/conf/tunl0/rp_filter');
    expect(await visitInVain(8080)).toEqual(['failed: timeout']);
    expect(await findAndFix(rs1, 'reverse-path-filter', '--passive')).toEqual({
      severity: 'error',
      occurrences: [
        {
          evidence: `net.ipv4.conf.tunl0.rp_filter = 2; packets for ${VIP} come out of tunl0, which has no address`,
          fix: [`ip address add ${VIP}/32 dev tunl0`],
        },
      ],
    });
    expect(await visit(1, 8080)).toEqual(['rs1']);
    // The greater one counts, of the setting for all and its own.
    await shell(rs1, 'cd /proc/sys/net/ipv4/conf; echo 1 >all/rp_filter; echo 0 >tunl0/rp_filter');
    expect(await visitInVain(8080)).toEqual(['failed: timeout']);
    const { occurrences } = await findAndFix(rs1, 'reverse-path-filter', '--passive');
    expect(occurrences).toEqual([
      {
        evidence: `net.ipv4.conf.all.rp_filter = 1; packets for ${VIP} come out of tunl0`,
        fix: ['sysctl -w net.ipv4.conf.tunl0.rp_filter=2'],
      },
    ]);
    expect(await visit(1, 8080)).toEqual(['rs1']);
    await shell(rs1, 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter');
  });

  test('tunnel-down: the address is there and its tunnel is down, seen and fixed', async () => {
    expect(await visit(1, 8080)).toEqual(['rs1']);
    await shell(rs1, 'ip link set tunl0 down');
    expect(await visitInVain(8080)).not.toEqual(['rs1']);
    expect(await findAndFix(rs1, 'tunnel-down', '--passive')).toEqual({
      severity: 'error',
      occurrences: [{ evidence: `tunl0 is down, and has ${VIP}`, fix: ['ip link set tunl0 up'] }],
    });
    expect(await visit(1, 8080)).toEqual(['rs1']);
  });

  test('direct-routing-off-link: the doctor finds a real server behind a router, and its fix reaches it by a tunnel', async () => {
    // The second real server is the router to an address of the first.
    await shell(rs1, 'ip addr add 10.9.9.1/32 dev lo');
    await shell(rs2, `ip addr del ${VIP}/32 dev lo; echo 1 >/proc/sys/net/ipv4/ip_forward`);
    await shell(rs2, `ip route add 10.9.9.1 via ${RS1}`);
    await shell(director, `ip route add 10.9.9.1 via ${RS2}`);
    await type(director, `-A -t ${VIP}:8081 -s rr`);
    await type(director, `-a -t ${VIP}:8081 -r 10.9.9.1 -g`);
    expect(await visitInVain(8081)).toEqual(['failed: timeout']);
    expect(await findAndFix(director, 'direct-routing-off-link', '--passive')).toEqual({
      severity: 'error',
      occurrences: [
        {
          evidence: `10.9.9.1 via ${RS2} dev eth0, a real server of tcp:${VIP}:8081`,
          fix: [`ipvsadm -e -t ${VIP}:8081 -r 10.9.9.1:8081 -i -w 1 --tun-type ipip`],
        },
      ],
    });
    expect(await visit(1, 8081)).toEqual(['rs1']);
    await shell(rs2, `echo 0 >/proc/sys/net/ipv4/ip_forward; ip addr add ${VIP}/32 dev lo`);
    await type(director, `-D -t ${VIP}:8081`);
  });

  test('tunnel-mtu: the doctor finds that full-size packets are fragmented, and lost where fragments are dropped, and its fix prevents that', async () => {
    // Full packets are sent one by one, as they are by network cards.
    await shell(client, 'ip link set eth0 gso_max_segs 1 gso_max_size 1500');
    await shell(rs1, 'iptables-legacy -t raw -A PREROUTING -f -j DROP');
    await shell(director, 'echo 0 >/proc/sys/net/ipv4/vs/pmtu_disc');
    await forget();
    const upload = async (deadlineMs?: number): Promise<string> => {
      const [held] = await hold(client, { host: VIP, port: 8080 });
      return say(client, held?.id ?? -1, 'x'.repeat(20_000), deadlineMs);
    };
    expect(await upload(2000)).toBe('failed: timeout');
    expect(await findAndFix(director, 'tunnel-mtu', '--passive')).toEqual({
      severity: 'notice',
      occurrences: [
        {
          evidence:
            'net.ipv4.vs.pmtu_disc = 0; 1500 bytes (mtu of eth0) plus a tunnel header of 20 exceed ' +
            `1500 (mtu of eth0), to ${RS1}`,
          fix: ['sysctl -w net.ipv4.vs.pmtu_disc=1'],
        },
      ],
    });
    expect(await upload()).toBe(`rs1 ${'x'.repeat(20_000)}`);
  });
});

test('redirects-sent: the doctor finds that a NAT real server gets redirects past the director, and its fix stops them', async () => {
  await shell(director, 'echo 1 >/proc/sys/net/ipv4/ip_forward');
  // Clients of the same net answer through the director only if a route says so.
  await shell(rs2, 'ip route add 192.168.1.101 via 192.168.1.190');
  await type(director, `-A -u ${VIP}:54 -s rr`);
  await type(director, `-a -u ${VIP}:54 -r ${RS2}:53 -m`);
  const where = { host: VIP, port: 54 };
  const query = () => askByDatagram(client, where);
  expect(await query()).toEqual(['rs2']);
  const queryInVain = () => askByDatagram(client, { ...where, deadlineMs: 500 });
  await expect.poll(queryInVain, PATIENCE).toEqual(['failed: timeout']);
  expect(await shell(rs2, 'ip route get 192.168.1.101')).toContain('redirected');
  expect(await findAndFix(director, 'redirects-sent', '--passive')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence:
          'net.ipv4.conf.all.send_redirects = 1, net.ipv4.conf.eth0.send_redirects = 1; ' +
          `clients and ${RS2} are both on eth0`,
        fix: [
          'sysctl -w net.ipv4.conf.all.send_redirects=0',
          'sysctl -w net.ipv4.conf.eth0.send_redirects=0',
        ],
      },
    ],
  });
  await shell(rs2, 'ip route flush cache');
  for (let times = 0; times < 4; times += 1) expect(await query()).toEqual(['rs2']);
});

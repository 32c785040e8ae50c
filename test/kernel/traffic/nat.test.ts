import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { buildNatNetwork, perform, type Network } from '../../lab/network.js';
import { ask, serve, tally, visits } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, statistics, type } from '../../support/forwarding.js';
import { shown } from '../../support/shown.js';

/** Masquerading (`-m`): requests and answers pass the director, which is the real servers' gateway. */

const HEADING = `Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

const lab = useLab();
let network: Network;
let rs1: Namespace;
let rs2: Namespace;

const CLIENT = '192.168.0.253';
const VIRTUAL = '192.168.0.220';

beforeAll(async () => {
  network = await buildNatNetwork(lab());
  const [one, two] = network.realServers;
  if (one === undefined || two === undefined) throw new Error('two real servers were asked for');
  [rs1, rs2] = [one.namespace, two.namespace];
  const { client, director } = network;
  await perform(
    lab(),
    `ip -n ${client.name} addr add ${CLIENT}/24 dev eth0
    ip -n ${director.name} addr add ${VIRTUAL}/24 dev eth0
    ip -n ${director.name} addr add 192.168.10.10/24 dev eth1
    ip -n ${rs1.name} addr add 192.168.10.2/24 dev eth0
    ip -n ${rs2.name} addr add 192.168.10.3/24 dev eth0
    for server in ${rs1.name} ${rs2.name}; do
      ip -n $server route replace default via 192.168.10.10
    done`,
  );
  await Promise.all([
    serve(rs1, { name: 'rs1', tcp: [80] }),
    serve(rs2, { name: 'rs2', tcp: [80] }),
    serve(rs1, { name: 'rs1 on 8080', tcp: [8080] }),
  ]);
});

afterAll(async () => {
  await network.close();
});

test('S22, S7: two real servers take turns, and the director counts requests and answers', async () => {
  const { client, director } = network;
  const service = `${VIRTUAL}:80`;
  await type(
    director,
    `-A -t ${service} -s rr
    -a -t ${service} -r 192.168.10.2 -m -w 1
    -a -t ${service} -r 192.168.10.3 -m -w 1`,
  );
  expect(await shown(director, `-Ln -t ${service}`)).toBe(`${HEADING}TCP  192.168.0.220:80 rr
  -> 192.168.10.2:80              Masq    1      0          0
  -> 192.168.10.3:80              Masq    1      0          0
`);
  const answers = await ask(client, { host: VIRTUAL, port: 80, times: 4 });
  expect(tally(answers)).toEqual({ rs1: 2, rs2: 2 });
  expect(answers[0]).not.toBe(answers[1]);
  // Only the destination is changed.
  const seen = [...(await visits(rs1)), ...(await visits(rs2))];
  expect(seen.map((visit) => visit.split(' ')[0])).toEqual(Array(4).fill(CLIENT));
  // The director sees both ends end.
  await expect
    .poll(() => connections(director, service), SOON)
    .toEqual([
      ...Array<string>(2).fill(`TIME_WAIT ${CLIENT} -> 192.168.10.2:80`),
      ...Array<string>(2).fill(`TIME_WAIT ${CLIENT} -> 192.168.10.3:80`),
    ]);
  await expect
    .poll(() => statistics(director, service), SOON)
    .toMatchObject({
      [service]: { conns: 4 },
      '192.168.10.2:80': { conns: 2 },
      '192.168.10.3:80': { conns: 2 },
    });
  for (const { outPackets, outBytes } of Object.values(await statistics(director, service)))
    expect(Math.min(outPackets, outBytes)).toBeGreaterThan(0);
  await type(director, `-Z -t ${service}`);
  const zero = { conns: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
  expect(await statistics(director, service)).toEqual({
    [service]: zero,
    '192.168.10.2:80': zero,
    '192.168.10.3:80': zero,
  });
});

test('S22, S14: a real server may listen on another port than the service', async () => {
  const { client, director } = network;
  const service = `${VIRTUAL}:81`;
  await type(
    director,
    `-A -t ${service} -s rr
    -a -t ${service} -r 192.168.10.2:8080 -m
    -a -t ${service} -r 192.168.10.3:80 -m`,
  );
  const answers = await ask(client, { host: VIRTUAL, port: 81, times: 4 });
  expect(tally(answers)).toEqual({ 'rs1 on 8080': 2, rs2: 2 });
  await expect.poll(() => shown(director, `-Ln -t ${service}`), SOON)
    .toBe(`${HEADING}TCP  192.168.0.220:81 rr
  -> 192.168.10.2:8080            Masq    1      0          2
  -> 192.168.10.3:80              Masq    1      0          2
`);
});

test('S22, S14: of IPv6, with another port too', async () => {
  const { client, director, virtual } = network;
  const service = `[${virtual.ipv6}]:80`;
  await type(
    director,
    `-A -t ${service} -s rr
    -a -t ${service} -r [2001:db8:10::11]:8080 -m
    -a -t ${service} -r [2001:db8:10::12]:80 -m`,
  );
  await Promise.all([visits(rs1), visits(rs2)]);
  const answers = await ask(client, { host: virtual.ipv6, port: 80, times: 4 });
  expect(tally(answers)).toEqual({ 'rs1 on 8080': 2, rs2: 2 });
  expect((await visits(rs2))[0]).toMatch(/^2001:db8:100::10 /);
  await expect.poll(() => shown(director, `-Ln -t ${service}`), SOON)
    .toBe(`${HEADING}TCP  [2001:db8:100::1]:80 rr
  -> [2001:db8:10::11]:8080       Masq    1      0          2
  -> [2001:db8:10::12]:80         Masq    1      0          2
`);
});

interface Fault {
  readonly host: () => string;
  readonly port: number;
  readonly real: string;
  /** For a shell in the director, or in the real server. */
  readonly where: () => Namespace;
  readonly spoil: string;
  readonly mend: string;
}

const ipv4 = { host: () => VIRTUAL, real: '192.168.10.2:80' };
const ipv6 = { host: () => network.virtual.ipv6, real: '[2001:db8:10::11]:80' };

const faults: Readonly<Record<string, Fault>> = {
  'the director does not forward': {
    ...ipv4,
    port: 91,
    where: () => network.director,
    spoil: 'echo 0 >/proc/sys/net/ipv4/ip_forward',
    mend: 'echo 1 >/proc/sys/net/ipv4/ip_forward',
  },
  'the director does not forward IPv6': {
    ...ipv6,
    port: 91,
    where: () => network.director,
    spoil: 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding',
    mend: 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
  },
  'the real server has no default route': {
    ...ipv4,
    port: 92,
    where: () => rs1,
    spoil: 'ip route del default',
    mend: 'ip route add default via 192.168.10.10',
  },
};

for (const [name, { host, port, real, where, spoil, mend }] of Object.entries(faults))
  test(`S22, S19: requests arrive and answers do not return, where ${name}`, async () => {
    const { client, director } = network;
    const address = host();
    const service = `${address.includes(':') ? `[${address}]` : address}:${port}`;
    await type(director, `-A -t ${service} -s rr\n-a -t ${service} -r ${real} -m`);
    const asked = { host: address, port, deadlineMs: 700 };
    await perform(where(), spoil);
    expect(await ask(client, asked)).toEqual(['failed: timeout']);
    const [entry, ...others] = await connections(director, service);
    expect(others).toEqual([]);
    expect(entry).toMatch(/^SYN_RECV /);
    await perform(where(), mend);
    expect(await ask(client, { host: address, port })).toEqual(['rs1']);
  });

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capture } from '../../lab/capture.js';
import type { Namespace } from '../../lab/lab.js';
import {
  acceptVirtualAddress,
  buildFlatNetwork,
  perform,
  type Network,
} from '../../lab/network.js';
import { ask, hold, release, serve, tally, visits } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, statistics, type } from '../../support/forwarding.js';
import { shown } from '../../support/shown.js';

/** Direct routing (`-g`): all machines on one wire, on which the director writes the real server's hardware address. */

const HEADING = `Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

const lab = useLab();
let network: Network;
let rs1: Namespace;
let rs2: Namespace;

beforeAll(async () => {
  network = await buildFlatNetwork(lab());
  const [one, two] = network.realServers;
  if (one === undefined || two === undefined) throw new Error('two real servers were asked for');
  [rs1, rs2] = [one.namespace, two.namespace];
  await Promise.all([
    serve(rs1, { name: 'rs1', tcp: [80, 81] }),
    serve(rs2, { name: 'rs2', tcp: [80, 81] }),
  ]);
  for (const realServer of [rs1, rs2]) await acceptVirtualAddress(realServer, network.virtual);
  // Direct routing needs no forwarding.
  expect(await perform(network.director, 'cat /proc/sys/net/ipv4/ip_forward')).toBe('0\n');
});

afterAll(async () => {
  await network.close();
});

interface Site {
  readonly mask: number;
  readonly client: string;
  readonly director: string;
  readonly virtual: string;
  /** The real servers' addresses. */
  readonly servers: readonly [string, string];
  readonly weights: readonly [number, number];
  readonly scheduler: string;
  /** Rows of the listing. */
  readonly listed: string;
  /** Who answers how many of 8 requests. */
  readonly answers: readonly [number, number];
}

/** Gives the machines the addresses of a site beside those they have. */
async function settle({ mask, client, director, virtual, servers }: Site): Promise<void> {
  await perform(
    lab(),
    `ip -n ${network.client.name} addr replace ${client}/${mask} dev eth0
    ip -n ${network.director.name} addr replace ${director}/${mask} dev eth0
    ip -n ${network.director.name} addr replace ${virtual}/32 dev eth0
    ip -n ${rs1.name} addr replace ${servers[0]}/${mask} dev eth0
    ip -n ${rs1.name} addr replace ${virtual}/32 dev lo
    ip -n ${rs2.name} addr replace ${servers[1]}/${mask} dev eth0
    ip -n ${rs2.name} addr replace ${virtual}/32 dev lo`,
  );
}

const sites: Readonly<Record<string, Site>> = {
  'S15: weights of 3 and 1 share 8 requests 6 to 2': {
    mask: 24,
    client: '192.168.1.101',
    director: '192.168.1.199',
    virtual: '192.168.1.200',
    servers: ['192.168.1.198', '192.168.1.197'],
    weights: [3, 1],
    scheduler: 'wlc',
    listed: `TCP  192.168.1.200:80 wlc
  -> 192.168.1.197:80             Route   1      0          0
  -> 192.168.1.198:80             Route   3      0          0
`,
    answers: [6, 2],
  },
  'S16: servers of one weight take turns on 192.168.2.211': {
    mask: 24,
    client: '192.168.2.101',
    director: '192.168.2.199',
    virtual: '192.168.2.211',
    servers: ['192.168.2.203', '192.168.2.204'],
    weights: [1, 1],
    scheduler: 'rr',
    listed: `TCP  192.168.2.211:80 rr
  -> 192.168.2.203:80             Route   1      0          0
  -> 192.168.2.204:80             Route   1      0          0
`,
    answers: [4, 4],
  },
  'S16: servers of one weight take turns on 192.168.88.250': {
    mask: 24,
    client: '192.168.88.10',
    director: '192.168.88.49',
    virtual: '192.168.88.250',
    servers: ['192.168.88.50', '192.168.88.51'],
    weights: [1, 1],
    scheduler: 'rr',
    listed: `TCP  192.168.88.250:80 rr
  -> 192.168.88.50:80             Route   1      0          0
  -> 192.168.88.51:80             Route   1      0          0
`,
    answers: [4, 4],
  },
  'S16: weights of 3 and 1 share 8 requests on 172.168.2.20': {
    mask: 16,
    client: '172.168.2.219',
    director: '172.168.2.18',
    virtual: '172.168.2.20',
    servers: ['172.168.2.15', '172.168.2.17'],
    weights: [3, 1],
    scheduler: 'wlc',
    listed: `TCP  172.168.2.20:80 wlc
  -> 172.168.2.15:80              Route   3      0          0
  -> 172.168.2.17:80              Route   1      0          0
`,
    answers: [6, 2],
  },
};

/** The service of a site on a port. */
async function balance(site: Site, port: number): Promise<string> {
  const service = `${site.virtual}:${port}`;
  await type(
    network.director,
    `-A -t ${service} -s ${site.scheduler}
    -a -t ${service} -r ${site.servers[0]} -g -w ${site.weights[0]}
    -a -t ${service} -r ${site.servers[1]} -g -w ${site.weights[1]}`,
  );
  return service;
}

describe('direct routing', () => {
  for (const [name, site] of Object.entries(sites))
    test(name, async () => {
      await settle(site);
      const service = await balance(site, 80);
      expect(await shown(network.director, `-Ln -t ${service}`)).toBe(HEADING + site.listed);
      await Promise.all([visits(rs1), visits(rs2)]);
      const answers = await ask(network.client, { host: site.virtual, port: 80, times: 8 });
      const [first, second] = site.answers;
      expect(tally(answers)).toEqual({ rs1: first, rs2: second });
      // Real servers see the client itself.
      const seen = [...(await visits(rs1)), ...(await visits(rs2))];
      expect(seen.map((visit) => visit.split(' ')[0])).toEqual(Array(8).fill(site.client));
    });

  test('S7, S15, S16: the statistics have all requests and no answers, until they are zeroed', async () => {
    const all = Object.values(sites);
    const counted = (): Promise<unknown> =>
      Promise.all(all.map(({ virtual }) => statistics(network.director, `${virtual}:80`)));
    const bypassed = { outPackets: 0, outBytes: 0 };
    const expected = all.map(({ virtual, servers, answers }) => ({
      [`${virtual}:80`]: { ...bypassed, conns: 8 },
      [`${servers[0]}:80`]: { ...bypassed, conns: answers[0] },
      [`${servers[1]}:80`]: { ...bypassed, conns: answers[1] },
    }));
    await expect.poll(counted, SOON).toMatchObject(expected);

    await type(network.director, '-Z -t 192.168.1.200:80');
    const zeroed = `
TCP  192.168.1.200:80                    0        0        0        0        0
  -> 192.168.1.197:80                    0        0        0        0        0
  -> 192.168.1.198:80                    0        0        0        0        0
`;
    expect(await shown(network.director, '-Ln -t 192.168.1.200:80 --stats')).toBe(
      `Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port${zeroed}`,
    );
    expect((await counted()) as unknown[]).toMatchObject([{}, ...expected.slice(1)]);
    await type(network.director, '-Z');
    const rows = (await shown(network.director, '-Ln --stats')).split('\n').slice(3, -1);
    expect(rows.map((row) => row.slice(33))).toEqual(
      Array(12).fill('        0        0        0        0        0'),
    );
    expect(await shown(network.director, '-Ln --rate')).toContain(
      'Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS\n',
    );
  });

  test('S16: a connection to each server is listed as active, with its real server', async () => {
    const site = sites['S16: weights of 3 and 1 share 8 requests on 172.168.2.20'];
    if (site === undefined) throw new Error('no such site');
    const service = await balance(site, 81);
    const entries = (state: string): string[] =>
      site.servers.map((server) => `${state} 172.168.2.219 -> ${server}:81`);
    const held = await hold(network.client, { host: site.virtual, port: 81, times: 2 });
    expect(held.map(({ answer }) => answer).sort()).toEqual(['rs1', 'rs2']);
    await expect.poll(() => shown(network.director, `-Ln -t ${service}`), SOON)
      .toBe(`${HEADING}TCP  172.168.2.20:81 wlc
  -> 172.168.2.15:81              Route   3      1          0
  -> 172.168.2.17:81              Route   1      1          0
`);
    await expect
      .poll(() => connections(network.director, service), SOON)
      .toEqual(entries('ESTABLISHED'));
    await release(network.client);
    // The director sees only one direction of the end.
    await expect
      .poll(() => connections(network.director, service), SOON)
      .toEqual(entries('FIN_WAIT'));
  });

  test('S14: a real server is asked on the port of the service, whatever port it was given', async () => {
    const host = '192.168.1.214';
    await takeAddress(host);
    await type(network.director, `-A -t ${host}:80 -s rr\n-a -t ${host}:80 -r 192.168.1.191:81 -g`);
    expect(await shown(network.director, `-Ln -t ${host}:80`)).toBe(`${HEADING}TCP  ${host}:80 rr
  -> 192.168.1.191:80             Route   1      0          0
`);
    expect(await ask(network.client, { host, port: 80 })).toEqual(['rs1']);
  });

  test('S14, S15: IPv6 leaves the answers to the real servers as well', async () => {
    const { director, client, virtual } = network;
    const service = `[${virtual.ipv6}]:80`;
    await type(director, `-A -t ${service} -s rr`);
    for (const { addresses } of network.realServers)
      await type(director, `-a -t ${service} -r [${addresses.ipv6}]:80 -g`);
    expect(await perform(director, 'cat /proc/sys/net/ipv6/conf/all/forwarding')).toBe('0\n');
    const answers = await ask(client, { host: virtual.ipv6, port: 80, times: 4 });
    expect(tally(answers)).toEqual({ rs1: 2, rs2: 2 });
    expect((await visits(rs1)).at(-1)).toMatch(/^2001:db8:1::101 /);
    await expect
      .poll(() => connections(director, service), SOON)
      .toEqual([
        ...Array<string>(2).fill('FIN_WAIT [2001:db8:1::101] -> [2001:db8:1::191]:80'),
        ...Array<string>(2).fill('FIN_WAIT [2001:db8:1::101] -> [2001:db8:1::192]:80'),
      ]);
    await expect.poll(() => shown(director, `-Ln -t ${service}`), SOON)
      .toBe(`${HEADING}TCP  ${service} rr
  -> [2001:db8:1::191]:80         Route   1      0          2
  -> [2001:db8:1::192]:80         Route   1      0          2
`);
  });
});

/** One more virtual address on the director and on `lo` of the real servers. */
async function takeAddress(virtual: string): Promise<void> {
  await perform(
    lab(),
    `ip -n ${network.director.name} addr replace ${virtual}/32 dev eth0
    ip -n ${rs1.name} addr replace ${virtual}/32 dev lo
    ip -n ${rs2.name} addr replace ${virtual}/32 dev lo`,
  );
}

describe('the wire', () => {
  const hardware = async (machine: Namespace): Promise<string> =>
    (await perform(machine, 'cat /sys/class/net/eth0/address')).trim();

  test('S17: a request goes client, director, real server; the answer goes to the client', async () => {
    const { director, client } = network;
    const host = '192.168.1.213';
    await takeAddress(host);
    await type(director, `-A -t ${host}:80 -s rr\n-a -t ${host}:80 -r 192.168.1.191 -g`);
    const [ofClient, ofDirector, ofServer] = await Promise.all(
      [client, director, rs1].map(hardware),
    );
    const request = `192\\.168\\.1\\.101\\.\\d+ > ${host.replaceAll('.', '\\.')}\\.80: Flags`;
    const answer = `${host.replaceAll('.', '\\.')}\\.80 > 192\\.168\\.1\\.101\\.\\d+: Flags`;
    const flags = ['-e'];
    const [arriving, received, passing] = await Promise.all([
      capture(rs1, { filter: `tcp and dst host ${host}`, flags }),
      capture(client, { filter: `tcp and src host ${host}`, flags }),
      capture(director, { filter: `tcp and host ${host}`, flags }),
    ]);
    expect(await ask(client, { host, port: 80, times: 2 })).toEqual(['rs1', 'rs1']);
    const end = Number((await visits(rs1)).at(-1)?.split(' ')[1]);
    const last = `\\.${end} [>].*Flags .F`;
    const lastAnswer = `[>] .*\\.${end}: Flags .F`;

    const requests = await arriving(last);
    expect(requests.length).toBeGreaterThanOrEqual(4);
    for (const frame of requests)
      expect(frame).toMatch(new RegExp(`^${ofDirector} > ${ofServer}, .*: ${request}`));
    const answers = await received(lastAnswer);
    expect(answers.length).toBeGreaterThanOrEqual(4);
    for (const frame of answers)
      expect(frame).toMatch(new RegExp(`^${ofServer} > ${ofClient}, .*: ${answer}`));
    const passed = await passing(last);
    // Each comes, and leaves for the real server; no answer passes.
    const came = passed.filter((frame) => frame.startsWith(`${ofClient} > ${ofDirector}, `));
    const left = passed.filter((frame) => frame.startsWith(`${ofDirector} > ${ofServer}, `));
    expect(Math.min(came.length, left.length)).toBeGreaterThanOrEqual(4);
    expect(came.length + left.length).toBe(passed.length);
    for (const frame of passed) expect(frame).toMatch(new RegExp(request));
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capture } from '../../lab/capture.js';
import type { Namespace } from '../../lab/lab.js';
import {
  buildFlatNetwork,
  countAnswers,
  perform,
  serveName,
  settingLines,
  type Network,
} from '../../lab/network.js';
import { GUE_PORT, loadTunnels, openTunnels } from '../../lab/tunnels.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, statistics, type } from '../../support/forwarding.js';
import { shown } from '../../support/shown.js';

/** Tunnels (`-i`): the director sends what it gets within packets of its own to the real server. */

const lab = useLab();
let network: Network;
let rs1: Namespace;
let rs2: Namespace;
const EACH = new Map([
  ['rs1', 2],
  ['rs2', 2],
]);

beforeAll(async () => {
  await loadTunnels(lab());
  network = await buildFlatNetwork(lab());
  const [one, two] = network.realServers;
  if (one === undefined || two === undefined) throw new Error('two real servers were asked for');
  [rs1, rs2] = [one.namespace, two.namespace];
  for (const [index, { namespace, addresses }] of [one, two].entries()) {
    const summed = { ipv4: `192.168.1.${151 + index}`, ipv6: `2001:db8:1::${151 + index}` };
    await openTunnels(namespace, { addresses, summed });
    await perform(
      namespace,
      settingLines({ 'ipv4/conf/all/arp_ignore': 1, 'ipv4/conf/all/arp_announce': 2 }),
    );
    await serveName(namespace, { name: `rs${index + 1}` });
  }
});

afterAll(async () => {
  await network.close();
});

/** Answers come in the order of addresses, or in the other one. */
const sorted = (answers: Map<string, number>): Map<string, number> => new Map([...answers].sort());

async function forward(value: 0 | 1): Promise<void> {
  const settings = { 'ipv4/ip_forward': value, 'ipv6/conf/all/forwarding': value };
  await perform(network.director, settingLines(settings));
}

describe('a tunnel of IP in IP', () => {
  const HOST = '192.168.88.250';
  const SERVICE = `${HOST}:80`;
  const URL = `http://${SERVICE}/`;

  beforeAll(async () => {
    const { client, director } = network;
    await perform(
      lab(),
      `ip -n ${client.name} addr add 192.168.88.10/24 dev eth0
      ip -n ${director.name} addr add 192.168.88.49/24 dev eth0
      ip -n ${director.name} addr add ${HOST}/32 dev tunl0
      ip -n ${director.name} link set tunl0 up
      ip -n ${rs1.name} addr add 192.168.88.18/24 dev eth0
      ip -n ${rs1.name} addr add ${HOST}/32 dev tunl0
      ip -n ${rs2.name} addr add 192.168.88.19/24 dev eth0
      ip -n ${rs2.name} addr add ${HOST}/32 dev tunl0`,
    );
    await type(
      director,
      `-A -t ${SERVICE} -s rr
      -a -t ${SERVICE} -r 192.168.88.18 -i
      -a -t ${SERVICE} -r 192.168.88.19 -i`,
    );
  });

  test('S23: is listed with its kind, takes requests in turn, and no answers', async () => {
    const { client, director } = network;
    await forward(0);
    expect(await shown(director, `-Ln -t ${SERVICE}`)).toBe(`Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.168.88.250:80 rr
  -> 192.168.88.18:80             Tunnel  1      0          0
  -> 192.168.88.19:80             Tunnel  1      0          0
`);
    expect(await shown(director, `-Ln -t ${SERVICE} --tun-info`))
      .toBe(`Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn
TCP  192.168.88.250:80 rr
  -> 192.168.88.18:80             Tunnel  ipip          1      0          0
  -> 192.168.88.19:80             Tunnel  ipip          1      0          0
`);
    expect(sorted(await countAnswers(client, URL, 4))).toEqual(EACH);
    await expect
      .poll(() => connections(director, SERVICE), SOON)
      .toEqual([
        ...Array<string>(2).fill('FIN_WAIT 192.168.88.10 -> 192.168.88.18:80'),
        ...Array<string>(2).fill('FIN_WAIT 192.168.88.10 -> 192.168.88.19:80'),
      ]);
    await expect
      .poll(() => statistics(director, SERVICE), SOON)
      .toMatchObject({
        [SERVICE]: { conns: 4, outPackets: 0, outBytes: 0 },
        '192.168.88.18:80': { conns: 2, outPackets: 0, outBytes: 0 },
        '192.168.88.19:80': { conns: 2, outPackets: 0, outBytes: 0 },
      });
  });

  test('S23: has the packets of the client within packets of the director, and answers are bare', async () => {
    const end = await capture(rs1, { filter: 'ip net 192.168.88.0/24', flags: ['-v'] });
    expect(sorted(await countAnswers(network.client, URL, 2)).size).toBe(2);
    const packets = await end('192.168.88.250.80 > .*Flags .F');
    const wrapped =
      /^IP \(.* ttl (\d+), .*proto IPIP \(4\), length (\d+)\) 192\.168\.88\.49 > 192\.168\.88\.18: IP \(.* ttl (\d+), .*proto TCP \(6\), length (\d+)\) 192\.168\.88\.10\.\d+ > 192\.168\.88\.250\.80: /;
    const bare =
      /^IP \(.*proto TCP \(6\), length \d+\) 192\.168\.88\.250\.80 > 192\.168\.88\.10\.\d+: /;
    const requests = packets.flatMap((packet) => {
      const found = wrapped.exec(packet);
      return found === null ? [] : [found.slice(1).map(Number)];
    });
    expect(requests.length).toBeGreaterThanOrEqual(3);
    expect(requests.length + packets.filter((packet) => bare.test(packet)).length).toBe(
      packets.length,
    );
    for (const [, outer = 0, inner, length = 0] of requests)
      expect([outer, inner]).toEqual([length + 20, 63]);
  });

  test('S23, S25: comes to nothing where the real server checks strictly by which way a client comes', async () => {
    const { client } = network;
    const values = [
      [{ tunl0: 0, all: 0 }, true],
      [{ tunl0: 1, all: 0 }, false],
      [{ tunl0: 2, all: 0 }, true],
      [{ tunl0: 0, all: 1 }, false],
      // The greater one counts.
      [{ tunl0: 2, all: 1 }, true],
      [{ tunl0: 0, all: 0 }, true],
    ] as const;
    for (const [value, answered] of values) {
      const settings = Object.entries(value).map(([scope, filter]) => [
        `ipv4/conf/${scope}/rp_filter`,
        filter,
      ]);
      for (const machine of [rs1, rs2])
        await perform(
          machine,
          settingLines(Object.fromEntries(settings) as Record<string, number>),
        );
      const patience = answered ? '10' : '0.7';
      const { code } = await client.run(['curl', '-s', '-m', patience, URL]);
      // 28: no answer in time.
      expect({ ...value, code }).toEqual({ ...value, code: answered ? 0 : 28 });
    }
  });

  test('S25: comes to nothing where the real server has no tunnel device up', async () => {
    const { client } = network;
    const up = async (state: 'up' | 'down', patience: string): Promise<number> => {
      for (const machine of [rs1, rs2]) await perform(machine, `ip link set tunl0 ${state}`);
      return (await client.run(['curl', '-s', '-m', patience, URL])).code;
    };
    expect([await up('down', '0.7'), await up('up', '10')]).toEqual([28, 0]);
  });

  test('S23: needs no forwarding on the director, and does not mind it', async () => {
    for (const value of [1, 0] as const) {
      await forward(value);
      expect(sorted(await countAnswers(network.client, URL, 4))).toEqual(EACH);
    }
  });
});

interface Kind {
  readonly words: string;
  readonly info: string;
  /** What tcpdump tells of a packet between the addresses of the tunnel and those within, where it looks inside. */
  readonly seen: RegExp;
  /** The real server's other address gets these. */
  readonly summed?: true;
}

const GUE = `--tun-type gue --tun-port ${GUE_PORT}`;
const kinds: Readonly<Record<string, Kind>> = {
  ipip: { words: '--tun-type ipip', info: 'ipip', seen: /^: IP6? / },
  gue: { words: GUE, info: 'gue:6080:-c', seen: /^: .*UDP, / },
  'gue with checksums': { words: `${GUE} --tun-csum`, info: 'gue:6080:+c', seen: /^: .*UDP, / },
  'gue with remote checksums': {
    words: `${GUE} --tun-remcsum`,
    info: 'gue:6080:r+c',
    seen: /^: .*UDP, /,
  },
  gre: { words: '--tun-type gre', info: 'gre:-c', seen: /^: GREv0, Flags \[none\], / },
  'gre with checksums': {
    words: '--tun-type gre --tun-csum',
    info: 'gre:+c',
    seen: /^: GREv0, Flags \[checksum present\], /,
    summed: true,
  },
};

const NETS = { IPv4: '192.168.1.', IPv6: '2001:db8:1::' } as const;
type Family = keyof typeof NETS;
const families = [
  ['IPv4', 'IPv4'],
  ['IPv6', 'IPv6'],
  ['IPv4', 'IPv6'],
  ['IPv6', 'IPv4'],
] as const satisfies readonly (readonly [Family, Family])[];

const TUNNEL_HEADING = `Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn
`;

const endpoint = (address: string): string =>
  `${address.includes(':') ? `[${address}]` : address}:80`;

/** A packet of the tunnel as tcpdump tells it: the part behind its addresses. */
function within(packet: string, director: string, realServer: string): string[] {
  const [, rest] = packet.split(`${director} > ${realServer}`);
  const [, gue] = packet.split(new RegExp(`${director}\\.\\d+ > ${realServer}\\.${GUE_PORT}`));
  return [rest, gue].filter((part) => part !== undefined);
}

/** Gives the virtual address to all machines, and balances it by tunnels of a kind. */
async function balance(host: string, kind: Kind, servers: readonly string[]): Promise<void> {
  const last = host.includes(':') ? 'preferred_lft 0' : '';
  await perform(
    lab(),
    `ip -n ${network.director.name} addr add ${host} dev eth0 ${last}
    ip -n ${rs1.name} addr add ${host} dev lo ${last}
    ip -n ${rs2.name} addr add ${host} dev lo ${last}`,
  );
  const lines = servers.map((at) => `-a -t ${endpoint(host)} -r ${endpoint(at)} -i ${kind.words}`);
  await type(network.director, [`-A -t ${endpoint(host)} -s rr`, ...lines].join('\n'));
}

/** Captures what the director sends to the first real server, but for what is not in a tunnel. */
async function captureTunnels(): Promise<() => Promise<string[]>> {
  const directors = '(src host 192.168.1.190 or src host 2001:db8:1::190)';
  const filter = `${directors} and not tcp and not arp and not icmp6`;
  const end = await capture(rs1, { filter, flags: ['-v'] });
  return async () => {
    await network.director.run(['bash', '-c', 'echo >/dev/udp/192.168.1.191/9']);
    return (await end('191.9: UDP')).filter((packet) => !packet.includes('191.9: UDP'));
  };
}

describe('real servers at the far end of a tunnel answer', () => {
  let next = 210;

  for (const [name, kind] of Object.entries(kinds))
    test(`S23: by ${name}, for IPv4 and IPv6, within either of them`, async () => {
      const { client, director } = network;
      const end = await captureTunnels();
      const cases = families.map(([service, outer]) => {
        const servers = (kind.summed ? [151, 152] : [191, 192]).map((at) => `${NETS[outer]}${at}`);
        return { service, outer, host: `${NETS[service]}${next++}`, servers };
      });
      for (const { host, servers } of cases) {
        await balance(host, kind, servers);
        const answers = await countAnswers(client, `http://${endpoint(host)}/`, 4);
        expect([host, sorted(answers)]).toEqual([host, EACH]);
        const rows = servers.map(
          (at) =>
            `  -> ${endpoint(at).padEnd(28)} Tunnel  ${kind.info.padEnd(13)} 1      0          2\n`,
        );
        await expect
          .poll(() => shown(director, `-Ln -t ${endpoint(host)} --tun-info`), SOON)
          .toBe(`${TUNNEL_HEADING}TCP  ${endpoint(host)} rr\n${rows.join('')}`);
      }

      const packets = await end();
      for (const { service, outer, host, servers } of cases) {
        const parts = packets.flatMap((packet) =>
          within(packet, `${NETS[outer]}190`, servers[0] ?? ''),
        );
        const looked = parts.filter((part) => kind.seen.test(part));
        expect([host, looked.length]).toEqual([host, parts.length]);
        // tcpdump does not look into gue.
        const pair = `${NETS[service]}101\\.\\d+ > ${host}\\.80: Flags`;
        const inner = kind.words.includes('gue') ? /UDP/ : new RegExp(pair);
        expect(parts.filter((part) => inner.test(part)).length).toBeGreaterThanOrEqual(4);
      }
    });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Namespace } from '../../lab/lab.js';
import { buildFlatNetwork, buildNatNetwork, serveName } from '../../lab/network.js';
import type { Network } from '../../lab/network.js';
import { useLab } from '../../support/director.js';
import { machineState, settled } from '../../support/machine-state.js';
import { ipvs, ipvsDone, whoAnswers, writeRules } from '../../support/setup-lab.js';
import { shell } from '../../support/shell.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** `ipvs director up` and `ipvs realserver up` make a load balancer of bare machines; `down` leaves them as they were. */

const lab = useLab();

type Method = 'nat' | 'dr' | 'tun';
const options = { nat: '-m', dr: '-g', tun: '-i' } as const;

/** The rules of a web service in both families, with all real servers. */
function rulesFor(net: Network, method: Method): string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const endpoint = (address: string) => (family === 'ipv6' ? `[${address}]:80` : `${address}:80`);
    const service = `-t ${endpoint(net.virtual[family])}`;
    const servers = net.realServers.map(
      ({ addresses }) => `-a ${service} -r ${endpoint(addresses[family])} ${options[method]} -w 1`,
    );
    return [`-A ${service} -s rr`, ...servers];
  });
}

function wordsOf(net: Network, method: Method): string[] {
  if (method === 'nat')
    return ['--method', 'nat', '--gateway', '192.168.10.1', '--gateway', '2001:db8:10::1'];
  return ['--method', method, '--vip', net.virtual.ipv4, '--vip', net.virtual.ipv6];
}

async function serveNames(net: Network): Promise<void> {
  for (const [index, { namespace }] of net.realServers.entries()) {
    await serveName(namespace, { name: `rs${index + 1}` });
  }
}

async function eachState(machines: readonly Namespace[]) {
  const states = [];
  for (const machine of machines) states.push(await machineState(machine));
  return states;
}

/** Sets all up, asks, and takes all down again. */
async function roundTrip(
  net: Network,
  method: Method,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { director, client, virtual } = net;
  const file = `/run/${director.name}-${method}`;
  await writeRules(lab(), file, rulesFor(net, method));
  const servers = net.realServers.map(({ namespace }) => namespace);
  const [server = director] = servers;
  for (const machine of [director, server]) await settled(machine);
  const before = await eachState([director, server]);
  for (const one of servers) await ipvsDone(one, 'realserver', 'up', ...wordsOf(net, method));
  await ipvsDone(director, 'director', 'up', file);
  for (const address of [virtual.ipv4, virtual.ipv6]) {
    const answers = await whoAnswers(client, address, 4);
    expect(answers.toSorted()).toEqual(['rs1', 'rs1', 'rs2', 'rs2']);
  }
  expect(await ipvsDone(director, 'director', 'up', file)).toMatch(/^Nothing was changed\.$/m);
  expect(await ipvsDone(director, 'director', 'status', file)).toMatch(/\nrunning\n$/);
  expect(await ipvsDone(server, 'realserver', 'status')).toMatch(/\nrunning\n$/);
  await meanwhile();
  await ipvsDone(director, 'director', 'down');
  for (const one of servers) await ipvsDone(one, 'realserver', 'down');
  expect(await eachState([director, server])).toEqual(before);
  expect((await ipvs(director, 'director', 'status', file)).code).toBe(3);
  expect((await ipvs(server, 'realserver', 'status')).code).toBe(3);
}

describe('on one wire', () => {
  let net: Network;
  beforeAll(async () => {
    net = await buildFlatNetwork(lab(), { bare: true });
    await serveNames(net);
  });
  afterAll(() => net.close());

  test('S15, S20, S24: a director and real servers of direct routing are one command each, IPv4 and IPv6, and down restores all', async () => {
    await roundTrip(net, 'dr', async () => {
      const { client, director, realServers, virtual } = net;
      // S15: the address has a route of its own on a real server, and the director alone answers for it.
      for (const { namespace } of realServers) {
        const routes = await shell(namespace, 'ip route show');
        expect(routes).toContain(`${virtual.ipv4} dev lo scope link`);
      }
      const mac = (await shell(director, 'cat /sys/class/net/eth0/address')).trim();
      let answers: unknown[] = [];
      const ask = async () => {
        const words = ['arping', '-c', '1', '-w', '1', '-I', 'eth0', virtual.ipv4];
        const { stdout } = await client.run(words);
        const all = Array.from(stdout.matchAll(/reply from \S+ \[(.*?)\]/g), ([, one]) => one);
        answers = all.map((one) => one?.toLowerCase());
        return answers;
      };
      // One that comes late is not waited for.
      await expect.poll(ask, { timeout: PATIENCE_MS }).not.toEqual([]);
      expect(answers).toEqual([mac]);
    });
  });

  test('S25: the same with tunnels', { tags: 'long' }, async () => {
    // Of a tunnel that was up once the kernel keeps settings of IPv6 and a queue: those are there before.
    expect((await lab().run(['/run/modprobe', '-a', 'ipip', 'ip6_tunnel'])).code).toBe(0);
    for (const { namespace } of net.realServers) {
      await shell(
        namespace,
        'for one in tunl0 ip6tnl0; do ip link set $one up; ip link set $one down; done',
      );
    }
    await roundTrip(net, 'tun');
  });
});

test('S21: a director that masquerades and its real servers, IPv4 and IPv6, and down restores all', async () => {
  await using net = await buildNatNetwork(lab(), { bare: true });
  await serveNames(net);
  await roundTrip(net, 'nat');
});

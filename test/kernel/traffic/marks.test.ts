import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { kernelOfEnvironment } from '../../lab/launch.js';
import { acceptVirtualAddress, buildFlatNetwork, type Network } from '../../lab/network.js';
import { ask, serve } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { SOON } from '../../support/forwarding.js';
import { addRules, rows, shown, templates } from '../../support/shown.js';

/**
 * Services by firewall mark: what the director's firewall marks, whatever port it is for, is for one service. Each firewall
 * has a mark of its own, since templates outlive services.
 */

const PORTS = [80, 23];
const CLIENT = '192.168.1.101';
const CLIENT6 = '2001:db8:1::101';

const lab = useLab();
let network: Network;

interface Firewall {
  readonly name: string;
  readonly mark: number;
  /** A script that fails where the kernel has no such firewall. */
  readonly probe: string;
  /** A script that marks what comes for the ports of an address of each family. */
  readonly marking: (ipv4: string, ipv6: string) => string;
}

const legacyRule = (command: string, address: string, port: number) =>
  `${command} -t mangle -A PREROUTING -d ${address} -i eth0 -p tcp --dport ${port} -j MARK --set-mark 8`;

const nftTable = (family: string, address: string) => `
  table ${family} marks {
    chain prerouting {
      type filter hook prerouting priority mangle;
      iifname eth0 ${family} daddr ${address} tcp dport { ${PORTS.join(', ')} } meta mark set 9
    }
  }`;

const firewalls: readonly Firewall[] = [
  {
    name: 'iptables',
    mark: 8,
    probe: 'iptables-legacy -t mangle -L && ip6tables-legacy -t mangle -L',
    marking: (ipv4, ipv6) =>
      PORTS.flatMap((port) => [
        legacyRule('iptables-legacy', ipv4, port),
        legacyRule('ip6tables-legacy', ipv6, port),
      ]).join('\n'),
  },
  {
    // User-mode Linux has none: see npm run test:stock-kernel.
    name: 'nft',
    mark: 9,
    probe: 'nft add table ip marks && nft add table ip6 marks',
    marking: (ipv4, ipv6) => `nft -f - <<END${nftTable('ip', ipv4)}${nftTable('ip6', ipv6)}\nEND`,
  },
];

const CLEARING = `for command in iptables-legacy ip6tables-legacy; do $command -t mangle -F; done
  nft flush ruleset; true`;

/** Lets this firewall alone mark, or skips the test where the kernel lacks it. */
async function markWith({ name, probe, marking }: Firewall, context: TestContext): Promise<void> {
  const { director, virtual } = network;
  expect((await director.run(['sh', '-c', CLEARING])).code).toBe(0);
  const { code } = await director.run(['sh', '-c', probe]);
  const stock = kernelOfEnvironment() === 'stock';
  context.skip(code !== 0 && !stock, `this kernel has no ${name}`);
  const stdin = marking(virtual.ipv4, virtual.ipv6);
  expect(await director.run(['sh', '-e'], { stdin })).toEqual({ code: 0, stdout: '', stderr: '' });
}

/** Who answered the client, a few times on each port. */
async function requests(times: number, family: 'ipv4' | 'ipv6'): Promise<string[]> {
  const host = network.virtual[family];
  const answers: string[] = [];
  for (const port of PORTS) answers.push(...(await ask(network.client, { host, port, times })));
  return answers;
}

/** The address of the real server that has said its name. */
function addressOf(answer: string | undefined, family: 'ipv4' | 'ipv6'): string {
  const server = network.realServers[Number(answer?.replace('rs', '')) - 1];
  if (server === undefined) throw new Error(`no real server: ${answer ?? 'nobody answered'}`);
  return server.addresses[family];
}

beforeAll(async () => {
  network = await buildFlatNetwork(lab());
  await Promise.all(
    network.realServers.map(async ({ namespace }, index) => {
      await acceptVirtualAddress(namespace, network.virtual);
      await serve(namespace, { name: `rs${index + 1}`, tcp: PORTS });
    }),
  );
});
afterAll(() => network.close());

describe.each(firewalls)('marks that $name sets', (firewall) => {
  const { mark } = firewall;

  test(`S43: a mark by itself keeps no client (${firewall.name})`, async (context) => {
    await markWith(firewall, context);
    const { director } = network;
    await addRules(director, [
      `-A -f ${mark} -s rr`,
      `-a -f ${mark} -r 192.168.1.192 -w 2 -g`,
      `-a -f ${mark} -r 192.168.1.191 -w 2 -g`,
    ]);
    const answers = await requests(4, 'ipv4');
    expect([
      ['rs1', 'rs2'],
      ['rs2', 'rs1'],
    ]).toContainEqual(answers.slice(0, 2));
    expect(answers.slice(2)).toEqual(answers.slice(0, -2));
    expect(await templates(director, `0.0.0.${mark}:0`)).toEqual([]);
    await expect
      .poll(() => rows(director, `-Ln -f ${mark}`), SOON)
      .toEqual([
        `FWM  ${mark} rr`,
        '  -> 192.168.1.191:0              Route   2      0          4',
        '  -> 192.168.1.192:0              Route   2      0          4',
      ]);
    await shown(director, `-D -f ${mark}`);
  });

  test(`S43: a persistent mark keeps a client on all its ports (${firewall.name})`, async (context) => {
    await markWith(firewall, context);
    const { director } = network;
    const rules = [
      `-A -f ${mark} -s rr -p 600`,
      `-a -f ${mark} -r 192.168.1.191:0 -g -w 2`,
      `-a -f ${mark} -r 192.168.1.192:0 -g -w 2`,
    ];
    await addRules(director, rules);
    const answers = await requests(4, 'ipv4');
    const [answer] = answers;
    expect(answers).toEqual(Array(8).fill(answer));
    const template = `IP  mm:ss  ASSURED     ${CLIENT}:0    0.0.0.${mark}:0          ${addressOf(answer, 'ipv4')}:0`;
    expect((await templates(director, `0.0.0.${mark}:0`)).map(({ row }) => row)).toEqual([
      template,
    ]);
    expect((await rows(director, `-Ln -f ${mark}`))[0]).toBe(`FWM  ${mark} rr persistent 600`);
    // Saved, cleared and restored it is the same, and so is the client's real server.
    expect(await rows(director, '-Sn')).toEqual(rules);
    await shown(director, '-C');
    await addRules(director, rules);
    expect(await rows(director, '-Sn')).toEqual(rules);
    expect(await requests(2, 'ipv4')).toEqual(Array(4).fill(answer));
    await shown(director, `-D -f ${mark}`);
  });

  test(`S43: the same with IPv6 (${firewall.name})`, async (context) => {
    await markWith(firewall, context);
    const { director } = network;
    const rules = [
      `-A -f ${mark} -6 -s rr -p 600`,
      `-a -f ${mark} -6 -r [2001:db8:1::191]:0 -g -w 1`,
      `-a -f ${mark} -6 -r [2001:db8:1::192]:0 -g -w 1`,
    ];
    await addRules(director, rules);
    const answers = await requests(3, 'ipv6');
    const [answer] = answers;
    expect(answers).toEqual(Array(6).fill(answer));
    // The kernel keeps the mark where an IPv4 address would be: in the first 32 bits.
    const virtual = `[0:${mark}::]:0`;
    expect((await templates(director, virtual)).map(({ row }) => row)).toEqual([
      `IP  mm:ss  ASSURED     [${CLIENT6}]:0 ${virtual}          [${addressOf(answer, 'ipv6')}]:0`,
    ]);
    expect((await rows(director, `-Ln -f ${mark} -6`))[0]).toBe(
      `FWM  ${mark} IPv6 rr persistent 600`,
    );
    expect(await rows(director, '-Sn')).toEqual(rules);
    await shown(director, `-D -f ${mark} -6`);
  });
});

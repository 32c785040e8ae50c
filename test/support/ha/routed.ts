/** Directors with a link of their own each to a router, which is the real servers' gateway too. */
import type { Lab } from '../../lab/lab.js';
import { Namespace } from '../../lab/namespace.js';
import { acceptVirtualAddress, bridgeLines, perform } from '../../lab/network.js';

export interface Routed {
  readonly client: Namespace;
  readonly router: Namespace;
  readonly directors: readonly Namespace[];
  readonly realServers: readonly Namespace[];
  close(): Promise<void>;
}

/** What clients ask for: on no machine's wire, so that only routes lead there. */
export const VIRTUAL = '203.0.113.10';
/** The interface for addresses that are announced. */
export const ANNOUNCED = 'announce0';

const COUNTS = { directors: 3, realServers: 3 };

/** A cable: an interface in each machine, with an address each. */
function cable(
  one: readonly [Namespace, string, string],
  other: readonly [Namespace, string, string],
): string {
  const [[machine, device], [peer, peerDevice]] = [one, other];
  const ends = [one, other].map(
    ([{ name }, end, address]) =>
      `ip -n ${name} addr add ${address} dev ${end}; ip -n ${name} link set ${end} up`,
  );
  return [
    `ip link add ${device} netns ${machine.name} type veth peer name ${peerDevice} netns ${peer.name}`,
    ...ends,
  ].join('\n');
}

function port(bridges: Namespace, machine: Namespace, device: string, address: string): string {
  const name = `p-${machine.name}`;
  return [
    `ip link add ${device} netns ${machine.name} type veth peer name ${name} netns ${bridges.name}`,
    `ip -n ${bridges.name} link set ${name} master br0 up`,
    `ip -n ${machine.name} addr add ${address} dev ${device}`,
    `ip -n ${machine.name} link set ${device} up`,
  ].join('\n');
}

/**
 * The client is 198.51.100.7; director N is 10.1.N.2 on its link to the router, and 10.0.0.1N among the real servers, which are
 * 10.0.0.21 and so on.
 */
export async function buildRouted(lab: Lab): Promise<Routed> {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const labels = [
    ...numbers(COUNTS.directors).map((number) => `d${number}`),
    ...numbers(COUNTS.realServers).map((number) => `rs${number}`),
  ];
  const all = await lab.namespaces(['client', 'router', 'switch', ...labels]);
  const [client, router, bridges, ...others] = all;
  if (client === undefined || router === undefined || bridges === undefined)
    throw new Error('a routed network needs three namespaces and more');
  const directors = others.slice(0, COUNTS.directors);
  const realServers = others.slice(COUNTS.directors);
  await perform(
    lab,
    [
      cable([client, 'eth0', '198.51.100.7/24'], [router, 'eth0', '198.51.100.1/24']),
      `ip -n ${client.name} route add default via 198.51.100.1`,
      bridgeLines(bridges, 'br0'),
      port(bridges, router, 'lan0', '10.0.0.1/24'),
      ...directors.flatMap((director, index) => [
        cable(
          [director, 'eth0', `10.1.${index + 1}.2/30`],
          [router, `eth${index + 1}`, `10.1.${index + 1}.1/30`],
        ),
        port(bridges, director, 'eth1', `10.0.0.${index + 11}/24`),
        `ip -n ${director.name} route add default via 10.1.${index + 1}.1`,
        `ip -n ${director.name} link add ${ANNOUNCED} type dummy`,
        `ip -n ${director.name} link set ${ANNOUNCED} up`,
      ]),
      ...realServers.flatMap((server, index) => [
        port(bridges, server, 'eth0', `10.0.0.${index + 21}/24`),
        `ip -n ${server.name} route add default via 10.0.0.1`,
      ]),
      `ip netns exec ${router.name} sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'`,
    ].join('\n'),
  );
  for (const server of realServers)
    await acceptVirtualAddress(server, { ipv4: VIRTUAL, ipv6: '2001:db8:113::10' });
  return { client, router, directors, realServers, close: () => Namespace.closeAll(all) };
}

/** A network of which no two machines share a wire: beside those of network.ts, where they all do. */
import type { Lab } from './lab.js';
import {
  addressLines,
  gatewayLines,
  machines,
  network,
  perform,
  settingLines,
  type Addresses,
  type Network,
  type NetworkOptions,
} from './network.js';

const address = (net: number, host: number): Addresses => ({
  ipv4: `10.1.${net}.${host}`,
  ipv6: `2001:db8:1:${net}::${host}`,
});

/**
 * Each machine in a net of its own, behind one router. The virtual address is of the director's net, so that requests
 * find the director, and nothing but a tunnel takes them on from there.
 */
export async function buildRoutedNetwork(lab: Lab, options: NetworkOptions = {}): Promise<Network> {
  const all = await machines(lab, options);
  const { client, director, bridges: router, servers } = all;
  const lines = [client, director, ...servers].flatMap((machine, index) => {
    const port = `p-${machine.name}`;
    const gateway = address(index + 1, 1);
    return [
      `ip link add eth0 netns ${machine.name} type veth peer name ${port} netns ${router.name}`,
      addressLines(router, port, gateway),
      addressLines(machine, 'eth0', address(index + 1, 10)),
      gatewayLines(machine, gateway),
    ];
  });
  const virtual = address(2, 200);
  await perform(
    lab,
    [
      ...lines,
      `ip -n ${director.name} addr add ${virtual.ipv4}/32 dev eth0`,
      `ip -n ${director.name} addr add ${virtual.ipv6}/128 dev eth0 preferred_lft 0`,
    ].join('\n'),
  );
  await perform(router, settingLines({ 'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1 }));
  const realServers = servers.map((namespace, index) => ({
    namespace,
    addresses: address(index + 3, 10),
  }));
  return network(all, realServers, virtual);
}

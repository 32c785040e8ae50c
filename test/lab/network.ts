/** Networks of namespaces on one guest, as administrators build them of machines. */
import { join } from 'node:path';
import { LabError } from './errors.js';
import type { Lab } from './lab.js';
import { Namespace } from './namespace.js';
import { projectFolder } from './project.js';
import { PATIENCE_MS } from './patience.js';

export interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

export interface RealServer {
  readonly namespace: Namespace;
  readonly addresses: Addresses;
}

export interface Network extends AsyncDisposable {
  readonly client: Namespace;
  readonly director: Namespace;
  readonly realServers: readonly RealServer[];
  /** Where clients find the service: on the director. */
  readonly virtual: Addresses;
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** 2 by default, at most 9. */
  readonly realServers?: number;
  /** Machines with addresses of their own, as they are before anybody makes a director or a real server of them. */
  readonly bare?: boolean;
}

export interface Plug {
  readonly machine: Namespace;
  readonly device: string;
  readonly addresses: Addresses;
}

export function addressLines(machine: Namespace, device: string, addresses: Addresses): string {
  return [
    `ip -n ${machine.name} -batch - <<END`,
    `link set ${device} up`,
    `addr add ${addresses.ipv4}/24 dev ${device}`,
    `addr add ${addresses.ipv6}/64 dev ${device}`,
    'END',
  ].join('\n');
}

/** Network cards with an address in each family, plugged into one bridge. */
export function plugLines(bridges: Namespace, bridge: string, plugs: readonly Plug[]): string {
  const lines = plugs.flatMap(({ machine, device, addresses }) => {
    const port = `p-${machine.name}`;
    return [
      `ip link add ${device} netns ${machine.name} type veth peer name ${port} netns ${bridges.name}`,
      `ip -n ${bridges.name} link set ${port} master ${bridge} up`,
      addressLines(machine, device, addresses),
    ];
  });
  return lines.join('\n');
}

export function bridgeLines(bridges: Namespace, bridge: string): string {
  return [
    `ip -n ${bridges.name} link add ${bridge} type bridge mcast_snooping 0`,
    `ip -n ${bridges.name} link set ${bridge} up`,
  ].join('\n');
}

/** Settings below /proc/sys/net, for a shell in the machine. */
export function settingLines(settings: Readonly<Record<string, number>>): string {
  return Object.entries(settings)
    .map(([path, value]) => `echo ${value} >/proc/sys/net/${path}`)
    .join('\n');
}

/** Runs a shell script, all of which must succeed, and gives what it prints. */
export async function perform(where: Lab | Namespace, script: string): Promise<string> {
  const { code, stdout, stderr } = await where.run(['sh', '-e'], { stdin: script });
  if (code !== 0) throw new LabError(`the network could not be built: ${stderr}`);
  return stdout;
}

export interface Machines {
  readonly client: Namespace;
  readonly director: Namespace;
  readonly bridges: Namespace;
  readonly servers: readonly Namespace[];
}

export async function machines(lab: Lab, options: NetworkOptions): Promise<Machines> {
  const labels = Array.from({ length: options.realServers ?? 2 }, (_, index) => `rs${index + 1}`);
  const all = await lab.namespaces(['client', 'director', 'switch', ...labels]);
  const [client, director, bridges, ...servers] = all;
  if (client === undefined || director === undefined || bridges === undefined)
    throw new LabError('a network needs three namespaces and more');
  return { client, director, bridges, servers };
}

export function network(
  { client, director, bridges, servers }: Machines,
  realServers: readonly RealServer[],
  virtual: Addresses,
): Network {
  const close = (): Promise<void> => Namespace.closeAll([client, director, bridges, ...servers]);
  return { client, director, realServers, virtual, close, [Symbol.asyncDispose]: close };
}

function plugsOf(realServers: readonly RealServer[]): Plug[] {
  return realServers.map(({ namespace, addresses }) => ({
    machine: namespace,
    device: 'eth0',
    addresses,
  }));
}

/**
 * For masquerading (`-m`): the client's net and the real servers' net meet only in the director, which is the real
 * servers' default gateway. The virtual address is the director's on the client's side.
 */
export async function buildNatNetwork(lab: Lab, options: NetworkOptions = {}): Promise<Network> {
  const all = await machines(lab, options);
  const { client, director, bridges } = all;
  const bare = options.bare === true;
  const virtual = { ipv4: '172.16.100.1', ipv6: '2001:db8:100::1' };
  const realServers = all.servers.map((namespace, index) => ({
    namespace,
    addresses: { ipv4: `192.168.10.${index + 11}`, ipv6: `2001:db8:10::${index + 11}` },
  }));
  const outside = { ipv4: '172.16.100.10', ipv6: '2001:db8:100::10' };
  const ownOutside = { ipv4: '172.16.100.2', ipv6: '2001:db8:100::2' };
  const inside = { ipv4: '192.168.10.1', ipv6: '2001:db8:10::1' };
  await perform(
    lab,
    [
      `ip link add eth0 netns ${client.name} type veth peer name eth0 netns ${director.name}`,
      addressLines(client, 'eth0', outside),
      addressLines(director, 'eth0', bare ? ownOutside : virtual),
      bridgeLines(bridges, 'br0'),
      plugLines(bridges, 'br0', [
        { machine: director, device: 'eth1', addresses: inside },
        ...plugsOf(realServers),
      ]),
      ...(bare ? [] : realServers.map(({ namespace }) => gatewayLines(namespace, inside))),
    ].join('\n'),
  );
  if (bare) return network(all, realServers, virtual);
  await perform(director, settingLines({ 'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1 }));
  return network(all, realServers, virtual);
}

export function gatewayLines(machine: Namespace, gateway: Addresses): string {
  return [
    `ip -n ${machine.name} route add default via ${gateway.ipv4}`,
    `ip -n ${machine.name} -6 route add default via ${gateway.ipv6}`,
  ].join('\n');
}

/**
 * For direct routing (`-g`) and tunnels (`-i`): all machines on one wire. The director has the virtual address beside
 * its own; real servers take it with {@link acceptVirtualAddress}.
 */
export async function buildFlatNetwork(lab: Lab, options: NetworkOptions = {}): Promise<Network> {
  const all = await machines(lab, options);
  const { client, director, bridges } = all;
  const address = (host: number): Addresses => ({
    ipv4: `192.168.1.${host}`,
    ipv6: `2001:db8:1::${host}`,
  });
  const virtual = address(200);
  const realServers = all.servers.map((namespace, index) => ({
    namespace,
    addresses: address(191 + index),
  }));
  await perform(
    lab,
    [
      bridgeLines(bridges, 'br0'),
      plugLines(bridges, 'br0', [
        { machine: client, device: 'eth0', addresses: address(101) },
        { machine: director, device: 'eth0', addresses: address(190) },
        ...plugsOf(realServers),
      ]),
      ...(options.bare === true ? [] : virtualLines(director, virtual)),
    ].join('\n'),
  );
  return network(all, realServers, virtual);
}

function virtualLines(director: Namespace, virtual: Addresses): string[] {
  return [
    `ip -n ${director.name} addr add ${virtual.ipv4}/32 dev eth0`,
    // Deprecated: never the source of what the director sends itself, such as tunnelled packets.
    `ip -n ${director.name} addr add ${virtual.ipv6}/128 dev eth0 preferred_lft 0`,
  ];
}

/** The real server takes packets for the virtual address, and keeps quiet about it on the wire. */
export async function acceptVirtualAddress(
  realServer: Namespace,
  virtual: Addresses,
): Promise<void> {
  await perform(
    realServer,
    [
      settingLines({
        'ipv4/conf/all/arp_ignore': 1,
        'ipv4/conf/all/arp_announce': 2,
      }),
      `ip addr add ${virtual.ipv4}/32 dev lo`,
      `ip addr add ${virtual.ipv6}/128 dev lo preferred_lft 0`,
    ].join('\n'),
  );
}

/** A web server, on both families and every address of the namespace, that answers its name. Ends with the namespace. */
export async function serveName(
  namespace: Namespace,
  { name, port = 80 }: { readonly name: string; readonly port?: number },
): Promise<void> {
  const script = `folder=/run/www/${namespace.name}-${port}
    mkdir -p "$folder"; echo "$1" >"$folder/index.html"
    exec busybox httpd -p "$2" -h "$folder" >/dev/null 2>"$folder/error"`;
  // It goes into the background by itself, once it listens.
  const { code } = await namespace.run(['sh', '-c', script, 'sh', name, String(port)]);
  if (code !== 0) throw new LabError(`no web server on port ${port} of ${namespace.name}`);
}

/** Who answered how often, on as many fresh connections; failures count under `failed: <why>`. */
export async function countAnswers(
  client: Namespace,
  url: string,
  requests: number,
  /** Until when each is waited for. */
  deadlineMs = PATIENCE_MS,
): Promise<Map<string, number>> {
  const file = join(projectFolder, 'test/lab/guest/traffic.ts');
  const answers = await client.call(file, 'count', url, requests, deadlineMs);
  return new Map(Object.entries(answers as Record<string, number>));
}

/** Tests of who is picked differ in the service alone: one network, and a port of its own for each. */
import { LabError } from './errors.js';
import type { Lab } from './lab.js';
import type { Namespace } from './namespace.js';
import { acceptVirtualAddress, buildFlatNetwork, type Network } from './network.js';
import { serve } from './peers.js';

/** Ports that the real servers answer on, beside 80. */
const PORTS = Array.from({ length: 40 }, (_, index) => 8000 + index);

export interface Started {
  readonly port: number;
  /** What names the service on a command line. */
  readonly service: string;
}

/** A flat network whose real servers answer as r1, r2 and so on, by TCP and UDP on many ports, for direct routing. */
export class Cluster implements AsyncDisposable {
  readonly client: Namespace;
  readonly director: Namespace;
  readonly realServers: readonly Namespace[];
  readonly #network: Network;
  readonly #unused = [...PORTS];

  private constructor(network: Network) {
    this.#network = network;
    this.client = network.client;
    this.director = network.director;
    this.realServers = network.realServers.map(({ namespace }) => namespace);
  }

  static async build(lab: Lab, realServers = 3): Promise<Cluster> {
    const network = await buildFlatNetwork(lab, { realServers });
    await Promise.all(
      network.realServers.map(async ({ namespace }, index) => {
        await acceptVirtualAddress(namespace, network.virtual);
        await serve(namespace, { name: `r${index + 1}`, tcp: [80, ...PORTS], udp: PORTS });
      }),
    );
    return new Cluster(network);
  }

  /** A port that no service had yet: connection entries outlive services. */
  freshPort(): number {
    const port = this.#unused.shift();
    if (port === undefined) throw new LabError('every port of the cluster has been given away');
    return port;
  }

  /** Adds a service, with real servers in the order of their names, each with options of its own, as `-w 3`. */
  async balance(service: string, options: string, servers: readonly string[]): Promise<void> {
    const address = (index: number): string =>
      this.#network.realServers[index]?.addresses.ipv4 ?? '';
    await apply(
      this.director,
      `-A ${service} ${options}`,
      ...servers.map((server, index) => `-a ${service} -r ${address(index)} ${server}`),
    );
  }

  /** The same, at the virtual address and a fresh port. */
  async start(options: string, servers: readonly string[], protocol = '-t'): Promise<Started> {
    const port = this.freshPort();
    const service = `${protocol} ${this.#network.virtual.ipv4}:${port}`;
    await this.balance(service, options, servers);
    return { port, service };
  }

  /** Our command, on the director: {@link ipvsadm}. */
  ipvsadm(line: string): Promise<string> {
    return ipvsadm(this.director, line);
  }

  /** What `-Ln` says of a service and its real servers, a row each, with single blanks. */
  async rows(service: string): Promise<string[]> {
    const listing = await this.ipvsadm(`-Ln ${service}`);
    return listing
      .split('\n')
      .slice(2)
      .map((line) => line.replace('->', '').trim().replaceAll(/ +/g, ' '))
      .filter((line) => line !== '');
  }

  /** Sets a value below /proc/sys/net/ipv4/vs of the director. */
  async set(name: string, value: number): Promise<void> {
    const script = `echo ${value} >/proc/sys/net/ipv4/vs/${name}`;
    await succeed(this.director, ['sh', '-c', script]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network.close();
  }
}

interface AddressRange {
  readonly device: string;
  /** The last number of the first address. */
  readonly first: number;
  readonly count: number;
}

/** Gives a machine further addresses on the wire of a flat network. */
export async function addAddresses(
  machine: Namespace,
  { device, first, count }: AddressRange,
): Promise<string[]> {
  const addresses = Array.from({ length: count }, (_, index) => `192.168.1.${first + index}`);
  const stdin = addresses.map((address) => `addr add ${address}/32 dev ${device}\n`).join('');
  await succeed(machine, ['ip', '-batch', '-'], stdin);
  return addresses;
}

async function succeed(machine: Namespace, argv: readonly string[], stdin = ''): Promise<void> {
  const { code, stderr } = await machine.run(argv, { stdin });
  if (code !== 0) throw new LabError(`${argv.join(' ')}: ${stderr}`);
}

/** Rules as a save writes them, all of which the kernel must take. */
export async function apply(director: Namespace, ...rules: readonly string[]): Promise<void> {
  const { code, stderr } = await director.ipvsadm(['-R'], { stdin: `${rules.join('\n')}\n` });
  if (code !== 0) throw new LabError(`the rules were not taken: ${stderr}`);
}

/** Our command with the words of LINE, none of which has a blank; it must succeed. What it prints. */
export async function ipvsadm(director: Namespace, line: string): Promise<string> {
  const { code, stdout, stderr } = await director.ipvsadm(line.split(' '));
  if (code !== 0) throw new LabError(`ipvsadm ${line}: ${stderr}`);
  return stdout;
}

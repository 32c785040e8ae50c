import type { Family } from '../common/ip-family.js';
import type { JsonRecord } from '../common/json.js';
import { isRecord, numberOf, recordsIn, recordsOf, textOf, textsOf } from '../common/json.js';
import type { ProgramResult } from '../common/run-program.js';
import type { Host } from './host.js';
import { HostError } from './host-error.js';

/** An address of the machine. */
export interface OwnAddress {
  readonly family: Family;
  /** As iproute2 prints it, which is the canonical text: `2001:db8::1`. */
  readonly address: string;
  readonly prefixLength: number;
  /** `global`, `site`, `link`, `host`; undefined where iproute2 does not say. */
  readonly scope: string | undefined;
}

/** A network interface. */
export interface Link {
  readonly name: string;
  /** `ipip`, `gre`, `ip6tnl`, `dummy` …; undefined for a network card. */
  readonly kind: string | undefined;
  readonly up: boolean;
  readonly loopback: boolean;
  /** Whether it uses ARP. */
  readonly arp: boolean;
  readonly mtu: number;
  readonly mac: string | undefined;
  /** Whether it is a tunnel that accepts packets from any sender, as `tunl0` does, and not only from one other end. */
  readonly openTunnel: boolean;
  readonly addresses: readonly OwnAddress[];
}

/** A route, of the main table unless another was asked for. */
export interface Route {
  readonly family: Family;
  /** `default`, `192.0.2.0/24`, or `192.0.2.1` for one address. */
  readonly to: string;
  readonly device: string | undefined;
  readonly gateway: string | undefined;
  readonly source: string | undefined;
  /** Who made it: `kernel`, `static`, `boot`, `ra`, `dhcp` … */
  readonly protocol: string | undefined;
}

/** Where the kernel would send a packet. */
export interface ResolvedRoute {
  /** Whether the address is one of the machine's own. */
  readonly local: boolean;
  readonly device: string | undefined;
  readonly gateway: string | undefined;
  readonly source: string | undefined;
}

/** The option of `ip` that names a family. */
export const ipOption = (family: Family): '-4' | '-6' => (family === 'ipv4' ? '-4' : '-6');

/** Runs `ip`. @throws HostError when it is not installed. */
export async function runIp(
  host: Host,
  words: readonly string[],
  input?: string,
): Promise<ProgramResult> {
  const result = await host.run('ip', words, input);
  if (result !== undefined) return result;
  throw new HostError('The program ip is not installed: install the package iproute2');
}

/** Runs `ip` for what it prints as JSON. @throws HostError when it fails or is not installed. */
async function askIp(host: Host, words: readonly string[]): Promise<readonly JsonRecord[]> {
  const result = await runIp(host, ['-json', ...words]);
  if (result.status !== 0) throw new HostError(`ip ${words.join(' ')}: ${result.stderr.trim()}`);
  return recordsIn(result.stdout);
}

export async function readLinks(host: Host): Promise<Link[]> {
  return (await askIp(host, ['-details', 'address', 'show'])).flatMap((record) => {
    const name = textOf(record['ifname']);
    return name === undefined ? [] : [linkOf(name, record)];
  });
}

function linkOf(name: string, record: JsonRecord): Link {
  const flags = textsOf(record['flags']);
  const info = record['linkinfo'];
  return {
    name,
    kind: isRecord(info) ? textOf(info['info_kind']) : undefined,
    up: flags.includes('UP'),
    loopback: flags.includes('LOOPBACK'),
    arp: !flags.includes('NOARP') && !flags.includes('LOOPBACK'),
    mtu: numberOf(record['mtu']) ?? 0,
    mac: textOf(record['address']),
    openTunnel: isRecord(info) && isOpen(info['info_data']),
    addresses: recordsOf(record['addr_info']).flatMap((one) => {
      const address = textOf(one['local']);
      if (address === undefined) return [];
      return [
        {
          family: one['family'] === 'inet6' ? 'ipv6' : 'ipv4',
          address,
          prefixLength: numberOf(one['prefixlen']) ?? 0,
          scope: textOf(one['scope']),
        },
      ];
    }),
  };
}

/** The details of a tunnel name its other end; other interfaces have no such entry. */
function isOpen(details: unknown): boolean {
  if (!isRecord(details)) return false;
  return ['any', '::', '0.0.0.0'].includes(textOf(details['remote']) ?? '');
}

/** The routes of the main table. @param protocol of those to read; by default all. */
export async function readRoutes(host: Host, family: Family, protocol?: string): Promise<Route[]> {
  const words = [ipOption(family), 'route', 'show', 'table', 'main'];
  const records = await askIp(host, [
    ...words,
    ...(protocol === undefined ? [] : ['proto', protocol]),
  ]);
  return records.flatMap((record) => {
    const to = textOf(record['dst']);
    return to === undefined ? [] : [{ family, to, ...routeOf(record) }];
  });
}

function routeOf(record: JsonRecord): Omit<Route, 'family' | 'to'> {
  // A gateway of the other family is under another key.
  const via = record['via'];
  return {
    device: textOf(record['dev']),
    gateway: textOf(record['gateway']) ?? (isRecord(via) ? textOf(via['host']) : undefined),
    source: textOf(record['prefsrc']),
    protocol: textOf(record['protocol']),
  };
}

/**
 * The routes to addresses, by the address as iproute2 prints it; those without a route are missing. One `ip` looks up all.
 */
export async function resolveRoutes(
  host: Host,
  addresses: Iterable<string>,
): Promise<ReadonlyMap<string, ResolvedRoute>> {
  const lines = Array.from(addresses, (address) => `route get ${address}\n`);
  if (lines.length === 0) return new Map();
  // It reports those without a route on standard error and continues; its exit status is not 0 then.
  const result = await runIp(host, ['-json', '-force', '-batch', '-'], lines.join(''));
  // It prints an array of one object for each look-up.
  const records = result.stdout.split(/(?<=\])\s*(?=\[)/).flatMap((text) => recordsIn(text));
  return new Map(
    records.flatMap((record) => {
      const to = textOf(record['dst']);
      return to === undefined ? [] : [[to, toResolvedRoute(record)]];
    }),
  );
}

function toResolvedRoute(record: JsonRecord): ResolvedRoute {
  const { device, gateway, source } = routeOf(record);
  return { local: record['type'] === 'local', device, gateway, source };
}

/** Another machine on the link, from the neighbour table. */
export interface Neighbour {
  readonly address: string;
  readonly device: string | undefined;
  /** In lower case. */
  readonly mac: string;
}

export async function readNeighbours(host: Host): Promise<Neighbour[]> {
  return (await askIp(host, ['neighbour', 'show'])).flatMap((record) => {
    const address = textOf(record['dst']);
    const mac = textOf(record['lladdr']);
    if (address === undefined || mac === undefined) return [];
    return [{ address, mac: mac.toLowerCase(), device: textOf(record['dev']) }];
  });
}

/** The firewall marks that policy routing rules match: `0x1`, `0x1/0xff`. */
export async function readRoutingMarks(host: Host, family: Family): Promise<string[]> {
  const rules = await askIp(host, [ipOption(family), 'rule', 'show']);
  return [...new Set(rules.flatMap(({ fwmark }) => textOf(fwmark) ?? []))];
}

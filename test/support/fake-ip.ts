import type { FakeMachineOptions } from './fake-machine.js';

/** What `ip` tells of a machine in a unit test. */
export interface FakeIp {
  readonly links?: readonly FakeLink[];
  /** Routes of the main table, of IPv4: `default` or a net, and the interface. */
  readonly routes?: Readonly<Record<string, string>>;
  /** By address: `local`, `eth0`, `192.0.2.254 eth0`; all others have no route. With a mark: `192.0.2.1 mark 0x1`. */
  readonly resolvedRoutes?: Readonly<Record<string, string>>;
  /** The marks of rules of policy routing. */
  readonly marks?: readonly string[];
  /** Hardware addresses of neighbours by their addresses. */
  readonly neighbours?: Readonly<Record<string, string>>;
  /** What other programs say. */
  readonly others?: FakeMachineOptions['run'];
}

export interface FakeLink {
  readonly name: string;
  /** `192.0.2.11/24`, or with a scope that is not global: `192.0.2.1/32 host`. */
  readonly addresses?: readonly string[];
  readonly mac?: string;
  readonly mtu?: number;
  readonly down?: boolean;
  readonly noArp?: boolean;
  /** Of a tunnel, its kind and its other end. */
  readonly tunnel?: readonly [kind: string, remote: string];
}

/** For `run` of a fake machine. */
export function fakeIp({ others, ...known }: FakeIp): NonNullable<FakeMachineOptions['run']> {
  return (program, words, input) => {
    if (program !== 'ip') return others?.(program, words, input);
    if (words.includes('-batch')) return waysText(known.resolvedRoutes ?? {}, input);
    if (words.includes('address')) return JSON.stringify((known.links ?? []).map(linkRecord));
    if (words.includes('neighbour')) {
      const all = Object.entries(known.neighbours ?? {});
      return JSON.stringify(all.map(([dst, lladdr]) => ({ dst, lladdr, dev: 'eth0' })));
    }
    if (words.includes('rule')) {
      return JSON.stringify((known.marks ?? []).map((fwmark) => ({ fwmark, table: '100' })));
    }
    const routes = words.includes('-6') ? {} : (known.routes ?? {});
    return JSON.stringify(Object.entries(routes).map(([dst, dev]) => ({ dst, dev })));
  };
}

function linkRecord({
  name,
  addresses = [],
  mac,
  mtu = 1500,
  down,
  noArp,
  tunnel,
}: FakeLink): object {
  const flags = [
    ...(down === true ? [] : ['UP']),
    ...(name === 'lo' ? ['LOOPBACK'] : []),
    ...(tunnel === undefined && noArp !== true ? [] : ['NOARP']),
  ];
  const [info_kind, remote] = tunnel ?? [/^(?:dummy|kube-)/.test(name) ? 'dummy' : undefined];
  return {
    ifname: name,
    flags,
    mtu,
    address: mac,
    linkinfo: { info_kind, info_data: { remote } },
    addr_info: addresses.map((text) => {
      const [place = '', scope = 'global', label = name] = text.split(' ');
      const [local = '', length] = place.split('/');
      const family = local.includes(':') ? 'inet6' : 'inet';
      return { local, prefixlen: Number(length), family, scope, label };
    }),
  };
}

function waysText(resolvedRoutes: Readonly<Record<string, string>>, input: string): string {
  const records = input.split('\n').flatMap((line) => {
    const asked = line.replace('route get ', '');
    const resolvedRoute = resolvedRoutes[asked];
    if (resolvedRoute === undefined) return [];
    const [dst = ''] = asked.split(' ');
    const [gateway, dev] = resolvedRoute.includes(' ')
      ? resolvedRoute.split(' ')
      : [undefined, resolvedRoute];
    return [
      [resolvedRoute === 'local' ? { type: 'local', dst, dev: 'lo' } : { dst, gateway, dev }],
    ];
  });
  return records.map((record) => JSON.stringify(record)).join('\n');
}

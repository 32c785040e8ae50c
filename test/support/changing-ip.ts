import type { ProgramResult } from '../../src/common/run-program.js';

export interface ChangingLink {
  readonly name: string;
  up: boolean;
  readonly mac?: string;
  /** `192.0.2.1/24`, or with a scope that is not global: `192.0.2.1/32 host`. */
  addresses: string[];
  /** Of a tunnel that takes packets of any sender. */
  readonly openTunnel?: 'ipip' | 'ip6tnl';
}

/** The part of iproute2 that a set-up uses, with links, addresses and routes of its own. */
export class ChangingIp {
  readonly links: ChangingLink[];
  /** Routes of the main table, as lines. */
  routes: string[] = [];
  /** An error for a line of a batch. */
  refuse: (line: string) => string | undefined = () => undefined;

  constructor(links: readonly ChangingLink[]) {
    this.links = links.map((link) => ({ ...link, addresses: [...link.addresses] }));
  }

  /** All there is, to be compared. */
  state(): unknown {
    return structuredClone({ links: this.links, routes: this.routes });
  }

  run(words: readonly string[], input: string): ProgramResult {
    const line = words.filter((word) => !word.startsWith('-') || word === '-').join(' ');
    if (line === 'address show') return done(JSON.stringify(this.links.map(recordOf)));
    if (words.includes('-force')) return this.#routeLookup(input);
    const asked = /^route get (\S+)$/.exec(line)?.[1];
    if (asked !== undefined) return this.#way(asked);
    if (words.includes('-json')) return done('[]');
    if (words.includes('-oneline')) return this.#show(words.includes('-6'), input);
    return this.#batch(input);
  }

  #show(isSix: boolean, input: string): ProgramResult {
    const asked = Array.from(
      input.matchAll(/^route show table main (\S+)$/gm),
      ([, to = '']) => to,
    );
    const found = asked.flatMap((to) =>
      this.routes.filter((one) => one.startsWith(`${to} `) && one.includes(':') === isSix),
    );
    return done(found.map((one) => `${one}\n`).join(''));
  }

  #routeLookup(input: string): ProgramResult {
    const all = Array.from(input.matchAll(/^route get (\S+)$/gm), ([, one = '']) => this.#way(one));
    return { ...done(all.map(({ stdout }) => stdout).join('')), status: 1 };
  }

  /** By the first numbers of the net alone. */
  #way(address: string): ProgramResult {
    const isOwn = (own: string) => own.startsWith(`${address}/`);
    if (this.links.some(({ addresses }) => addresses.some(isOwn))) {
      return done(`${JSON.stringify([{ type: 'local', dst: address, dev: 'lo' }])}\n`);
    }
    const net = (one: string) => one.replace(/[^.:]+(?:\/\d+)?$/, '');
    const link = this.links.find(({ addresses }) =>
      addresses.some((own) => net(own) === net(address)),
    );
    if (link !== undefined) return done(`${JSON.stringify([{ dst: address, dev: link.name }])}\n`);
    return { status: 2, stdout: '', stderr: 'RTNETLINK answers: Network is unreachable\n' };
  }

  #batch(input: string): ProgramResult {
    for (const [index, line] of input.trim().split('\n').entries()) {
      const refused = this.refuse(line) ?? this.#change(line.split(' '));
      if (refused !== undefined) {
        return { status: 1, stdout: '', stderr: `${refused}\nCommand failed -:${index + 1}\n` };
      }
    }
    return done('');
  }

  #change([object, verb, ...words]: readonly string[]): string | undefined {
    const device = words[words.indexOf('dev') + 1] ?? '';
    if (object === 'link') {
      const link = this.links.find(({ name }) => name === words[0]);
      if (link !== undefined) link.up = words[1] === 'up';
    } else if (object === 'address') {
      const link = this.links.find(({ name }) => name === device);
      const [address = ''] = words;
      if (link === undefined) return `Cannot find device "${device}"`;
      link.addresses = link.addresses.filter((one) => one.split(' ')[0] !== address);
      if (verb === 'add') link.addresses.push(address);
    } else {
      const line = words.join(' ');
      const same = (one: string) => one.split(' ')[0] === words[0];
      if (verb === 'del') this.routes = this.routes.filter((one) => one !== line);
      else if (verb === 'replace') this.routes = this.routes.map((one) => (same(one) ? line : one));
      else this.routes.push(line);
    }
    return undefined;
  }
}

function done(stdout: string): ProgramResult {
  return { status: 0, stdout, stderr: '' };
}

function recordOf({ name, up, mac, addresses, openTunnel }: ChangingLink): unknown {
  return {
    ifname: name,
    flags: [
      ...(up ? ['UP'] : []),
      ...(name === 'lo' ? ['LOOPBACK'] : []),
      ...(openTunnel ? ['NOARP'] : []),
    ],
    address: mac,
    ...(openTunnel && { linkinfo: { info_kind: openTunnel, info_data: { remote: 'any' } } }),
    addr_info: addresses.map((one) => {
      const [place = '', scope = 'global'] = one.split(' ');
      const [local, length] = place.split('/');
      const family = one.includes(':') ? 'inet6' : 'inet';
      return { family, local, prefixlen: Number(length), scope };
    }),
  };
}

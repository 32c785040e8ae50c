import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conntrackOff, firewallDrops } from '../../../src/doctor/checks/firewall.js';
import { readIptables } from '../../../src/doctor/firewall/iptables.js';
import { readNft } from '../../../src/doctor/firewall/nft.js';
import { certainDrop } from '../../../src/doctor/firewall/rules.js';
import type { Packet, Ruleset } from '../../../src/doctor/firewall/rules.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';
import { project } from '../../support/sources.js';

/** A client's first packet: `tcp 192.0.2.1 80`. */
function packet(text: string, more: Partial<Packet> = {}): Packet {
  const [protocol = 'tcp', address = '', port] = text.split(' ');
  const destination = IpAddress.parse(address);
  return {
    family: destination.family === 'ipv4' ? 'ipv4' : 'ipv6',
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    destination,
    destinationPort: port === undefined ? undefined : Number(port),
    state: 'new',
    flags: ['SYN'],
    ...more,
  };
}

function saved(rules: string, policy = 'DROP'): Ruleset[] {
  const text = `*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT ${policy} [0:0]\n:web - [0:0]\n${rules}\nCOMMIT\n`;
  const ruleset = readIptables(text, { family: 'ipv4', program: 'iptables' });
  return ruleset === undefined ? [] : [ruleset];
}

const dropOf = (rulesets: readonly Ruleset[], text: string, more?: Partial<Packet>) =>
  certainDrop(rulesets, 'input', packet(text, more))?.by;

describe('rules of iptables', () => {
  test.each([
    ['', 'iptables -P INPUT DROP'],
    ['-A INPUT -j ACCEPT', undefined],
    ['-A INPUT -i lo -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT ! -i lo -j ACCEPT', undefined],
    ['-A INPUT -i eth0 -j ACCEPT', undefined],
    ['-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT', undefined],
    ['-A INPUT -p udp -m udp --dport 80 -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -p tcp -m tcp --dport 81:90 -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -p tcp -m tcp --dport 70:90 -j ACCEPT', undefined],
    ['-A INPUT -p tcp -m multiport --dports 22,80:81 -j ACCEPT', undefined],
    ['-A INPUT -p tcp -m multiport ! --dports 22,80 -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -d 192.0.2.0/24 -j ACCEPT', undefined],
    ['-A INPUT -d 192.0.3.0/255.255.255.0 -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT ! -d 192.0.2.1/32 -j ACCEPT', 'iptables -P INPUT DROP'],
    // Some clients may be let in: that is no certain drop.
    ['-A INPUT -s 10.0.0.0/8 -j ACCEPT', undefined],
    ['-A INPUT -s 0.0.0.0/0 -j ACCEPT', undefined],
    ['-A INPUT -s 10.0.0.0/8 -j DROP', 'iptables -A INPUT -s 10.0.0.0/8 -j DROP'],
    ['-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -m conntrack --ctstate NEW -j ACCEPT', undefined],
    ['-A INPUT -m conntrack ! --ctstate NEW -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT', undefined],
    [
      '-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT',
      'iptables -P INPUT DROP',
    ],
    ['-A INPUT -f -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -m limit --limit 3/sec -j ACCEPT', undefined],
    ['-A INPUT -m set --match-set web dst,dst -j ACCEPT', undefined],
    ['-A INPUT -m constructor --toString __proto__ -j ACCEPT', undefined],
    ['-A INPUT -j LOG --log-prefix "-j ACCEPT"', 'iptables -P INPUT DROP'],
    [
      '-A INPUT -m comment --comment "all -j ACCEPT" -j MARK --set-xmark 0x1/0x1',
      'iptables -P INPUT DROP',
    ],
    ['-A INPUT -j NFQUEUE --queue-num 1', undefined],
    ['-A INPUT -p tcp -j web\n-A web -j ACCEPT', undefined],
    ['-A INPUT -j web\n-A web -j RETURN\n-A web -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -g web\n-A INPUT -j ACCEPT', 'iptables -P INPUT DROP'],
    ['-A INPUT -s 10.0.0.1/32 -j web\n-A web -j ACCEPT', undefined],
    ['-A INPUT -j web\n-A web -j web', undefined],
  ])('%j, and else dropped: by %s', (rules, by) => {
    expect(dropOf(saved(rules), 'tcp 192.0.2.1 80')).toBe(by);
  });

  test('a rule drops where the policy accepts, for what it certainly matches', () => {
    const rules = '-A INPUT -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset';
    expect(dropOf(saved(rules, 'ACCEPT'), 'tcp 192.0.2.1 80')).toBe(`iptables ${rules}`);
    expect(dropOf(saved(rules, 'ACCEPT'), 'tcp 192.0.2.1 81')).toBeUndefined();
    // A service of all ports may be let in by another one.
    expect(dropOf(saved(rules, 'ACCEPT'), 'tcp 192.0.2.1')).toBeUndefined();
    expect(
      dropOf(saved('-A INPUT -s 10.0.0.0/8 -j DROP', 'ACCEPT'), 'tcp 192.0.2.1 80'),
    ).toBeUndefined();
  });

  test('chains that jump to each other without end are given up', () => {
    const chains = Array.from({ length: 30 }, (_, index) => `:c${index} - [0:0]`).join('\n');
    const jumps = Array.from({ length: 29 }, (_, index) =>
      `-A c${index} -m limit -j c${index + 1}\n`.repeat(4),
    ).join('');
    const rulesets = saved(`${chains}\n-A INPUT -j c0\n${jumps}`);
    expect(dropOf(rulesets, 'tcp 192.0.2.1 80')).toBeUndefined();
  });

  test('a rule set without filters is none', () => {
    expect(readIptables('*nat\nCOMMIT\n', { family: 'ipv4', program: 'iptables' })).toBeUndefined();
  });
});

/** Captured by `unshare -rn sh -c 'nft -f test/fixtures/firewall.nft; nft -j list ruleset'`. */
const RULESET = readFileSync(join(project, 'test/fixtures/firewall.nft.json'), 'utf8');
const POLICY = 'nft: chain inet filter input, policy drop';

describe('rules of nftables', () => {
  test.each([
    ['tcp 192.0.2.1 80', undefined],
    ['tcp 192.0.2.1 8005', undefined],
    ['tcp 192.0.2.1 22', undefined],
    ['udp 192.0.2.5 53', undefined],
    ['udp 192.0.2.4 53', undefined],
    ['tcp 192.0.2.200 8443', undefined],
    ['tcp 192.0.2.6 8443', undefined],
    ['tcp 2001:db8::1 85', undefined],
    ['tcp 2001:db8::1 444', undefined],
    // Some clients are let in by their net: 10.0.0.0/8.
    ['tcp 192.0.2.1 83', undefined],
    ['tcp 2001:db9::1 85', POLICY],
    ['tcp 2001:db8::1 8443', POLICY],
  ])('%s is dropped by %s', (text, by) => {
    expect(dropOf(readNft(RULESET), text)).toBe(by);
  });

  test('a rule is named by its chain and handle', () => {
    const by = /^nft: chain inet filter web, rule with handle \d+$/;
    const rulesets = readNft(RULESET);
    // Without the rule for dynamic addresses, which comes first where it is certain.
    expect(dropOf(rulesets, 'tcp 2001:db8::1 8443')).toBe(POLICY);
    expect(dropOf(rulesets, 'tcp 2001:db9::1 81')).toMatch(by);
    expect(dropOf(rulesets, 'udp 2001:db8::1 54')).toMatch(/inet filter input, rule with handle/);
    expect(dropOf(rulesets, 'udp 2001:db8::1 53')).toBe(POLICY);
  });

  test('what belongs to known connections passes, and what belongs to none does not', () => {
    const forward = (state: Packet['state'], inDevice: string) =>
      certainDrop(readNft(RULESET), 'forward', packet('tcp 192.0.2.1 80', { state, inDevice }))?.by;
    expect(forward('established', 'eth1')).toBeUndefined();
    expect(forward('invalid', 'eth0')).toBe('nft: chain inet filter forward, policy drop');
    expect(forward('new', 'eth0')).toBeUndefined();
    expect(forward('new', 'eth1')).toBe('nft: chain inet filter forward, policy drop');
  });

  test('tables of iptables are left to iptables-save', () => {
    expect(readNft(RULESET, new Set(['inet filter', 'ip nat']))).toEqual([]);
  });

  test('what is not known may let a packet through', () => {
    const ruleset = (expr: unknown[]) =>
      readNft(
        JSON.stringify({
          nftables: [
            { table: { family: 'ip', name: 't' } },
            {
              chain: {
                family: 'ip',
                table: 't',
                name: 'c',
                type: 'filter',
                hook: 'input',
                policy: 'drop',
              },
            },
            { rule: { family: 'ip', table: 't', chain: 'c', expr } },
          ],
        }),
      );
    for (const expr of [
      [{ xt: { type: 'target', name: 'ACCEPT' } }],
      [{ xt: { type: 'match', name: 'multiport' } }, { accept: null }],
      [{ constructor: null }, { accept: null }],
      [{ vmap: { key: { meta: { key: 'mark' } }, data: '@verdicts' } }],
      [{ match: { op: '<', left: { meta: { key: 'length' } }, right: 5 } }, { accept: null }],
    ]) {
      expect(dropOf(ruleset(expr), 'tcp 192.0.2.1 80')).toBeUndefined();
    }
    expect(dropOf(ruleset([{ counter: {} }]), 'tcp 192.0.2.1 80')).toBe(
      'nft: chain ip t c, policy drop',
    );
  });
});

describe('which of the three kinds is read', () => {
  const services = [{ service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } }] as const;
  const LEGACY = '# Generated by iptables-save v1.8.9\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n';
  const MODERN = LEGACY.replace('v1.8.9', 'v1.8.9 (nf_tables)');
  const asking =
    (says: Readonly<Record<string, string>>, started: string[] = []): NonNullable<Known['run']> =>
    (program) => {
      started.push(program);
      return says[program];
    };

  test('programs of the older kind are started only where the kernel has their rules', async () => {
    const started: string[] = [];
    const run = asking({}, started);
    expect(await runCheck(firewallDrops, { services, run })).toEqual([]);
    expect(started).not.toContain('iptables-legacy-save');
    const files = { '/proc/net/ip_tables_names': 'nat\nfilter\n' };
    const legacy = asking({ 'iptables-legacy-save': LEGACY });
    expect(await runCheck(firewallDrops, { services, files, run: legacy })).toMatchObject([
      { fix: ['iptables-legacy -I INPUT -d 192.0.2.1 -p tcp -m tcp --dport 80 -j ACCEPT'] },
    ]);
    const only = asking({ 'iptables-save': LEGACY });
    expect(await runCheck(firewallDrops, { services, files, run: only })).toMatchObject([
      { fix: ['iptables -I INPUT -d 192.0.2.1 -p tcp -m tcp --dport 80 -j ACCEPT'] },
    ]);
    await expect(runCheck(firewallDrops, { services, files, run })).rejects.toThrow(
      'install iptables',
    );
  });

  test('the newer kind is read by its own program, and the rest of nftables by nft', async () => {
    const modern = asking({ 'iptables-save': MODERN, nft: RULESET });
    expect(await evidence(firewallDrops, { services, run: modern })).toEqual([
      'tcp:192.0.2.1:80 is dropped by: iptables -P INPUT DROP',
    ]);
    const other = [{ service: { protocol: 'sctp', address: '2001:db8::1', port: 5060 } }] as const;
    expect(
      await runCheck(firewallDrops, { services: other, run: asking({ nft: RULESET }) }),
    ).toEqual([
      {
        evidence: `sctp:[2001:db8::1]:5060 is dropped by: ${POLICY}`,
        fix: ['nft insert rule inet filter input ip6 daddr 2001:db8::1 sctp dport 5060 accept'],
      },
    ]);
  });

  test('a service by mark, whose addresses are unknown, is not reported', async () => {
    const run = asking({ 'iptables-save': MODERN });
    expect(
      await runCheck(firewallDrops, { services: [{ service: { firewallMark: 1 } }], run }),
    ).toEqual([]);
  });

  test('a kernel without nftables has no rules of it; what cannot be read is said', async () => {
    const failing = (stderr: string): Known => ({
      services,
      run: (program) => (program === 'nft' ? { status: 1, stdout: '', stderr } : undefined),
    });
    expect(await runCheck(firewallDrops, failing('cache: Protocol not supported\n'))).toEqual([]);
    await expect(runCheck(firewallDrops, failing('no JSON\n'))).rejects.toThrow(
      'nft -j list ruleset: no JSON',
    );
    await expect(runCheck(firewallDrops, { services, run: asking({ nft: '{' }) })).rejects.toThrow(
      /JSON/,
    );
  });
});

describe('conntrack-off', () => {
  const STATES =
    '(nf_tables)\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n' +
    '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n';
  const director = (rules: string, method: 'dr' | 'nat' = 'nat', conntrack?: number): Known => ({
    services: [
      {
        service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
        destinations: [
          {
            destination: { address: '10.0.0.11', port: 80 },
            settings: { forwardingMethod: method },
          },
        ],
      },
    ],
    settings: conntrack === undefined ? {} : { 'net/ipv4/vs/conntrack': conntrack },
    run: fakeIp({
      resolvedRoutes: { '10.0.0.11': 'eth1' },
      others: (program) => (program === 'iptables-save' ? rules : undefined),
    }),
  });

  test('it is found for NAT alone, with the setting off, where states decide', async () => {
    expect(await runCheck(conntrackOff, director(STATES, 'nat', 0))).toHaveLength(1);
    expect(await runCheck(conntrackOff, director(STATES, 'nat', 1))).toEqual([]);
    expect(await runCheck(conntrackOff, director(STATES, 'nat'))).toEqual([]);
    expect(await runCheck(conntrackOff, director(STATES, 'dr', 0))).toEqual([]);
  });

  test('answers that are let through by their net or interface, or never are, are no matter of it', async () => {
    const by = (rule: string) => STATES.replace('COMMIT', `${rule}\nCOMMIT`);
    for (const rule of ['-A FORWARD -s 10.0.0.0/24 -j ACCEPT', '-A FORWARD -i eth1 -j ACCEPT']) {
      expect(await runCheck(conntrackOff, director(by(rule), 'nat', 0))).toEqual([]);
    }
    const never = STATES.replace('--ctstate ESTABLISHED', '--ctstate UNTRACKED');
    expect(await runCheck(conntrackOff, director(never, 'nat', 0))).toEqual([]);
    const elsewhere = by('-A FORWARD -i eth2 -j ACCEPT');
    expect(await runCheck(conntrackOff, director(elsewhere, 'nat', 0))).toHaveLength(1);
  });
});

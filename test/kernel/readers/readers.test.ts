import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ourCommand, ourCommandLine } from '../../lab/our-commands.js';
import type { CommandResult } from '../../lab/lab.js';
import { useNamespace } from '../../support/director.js';

/** How other people's programs read ours: each reader's rule, in our own words, on what the real kernel's table makes. */

const director = useNamespace('director');
const other = useNamespace('other');

const RULES = `
-A -t 192.0.2.1:80 -s wrr -p 600 -M 255.255.255.0
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 5 -x 9 -y 3
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 0
-A -u 192.0.2.1:53 -s rr
-a -u 192.0.2.1:53 -r 10.0.0.1:53 -g
-A -t [2001:db8::1]:443 -s wlc
-a -t [2001:db8::1]:443 -r [2001:db8:0:1:2:3:4:5]:443 -i
-A -f 7 -s rr
-a -f 7 -r 10.0.0.1:0 -g
-A -f 8 -6 -s wlc -p 300
-a -f 8 -6 -r [2001:db8::9]:0 -g
`;

const run = (line: string, stdin = '') =>
  director().ipvsadm(
    line.split(' ').filter((word) => word !== ''),
    { stdin },
  );

/** What a program sees that reads both streams as one. */
const merged = ({ stdout, stderr }: CommandResult) => `${stdout}${stderr}`;
const linesOf = (text: string) => text.split('\n').slice(0, -1);
/** The lines of real servers, in words. */
const serverWords = (text: string) =>
  linesOf(text)
    .filter((line) => line.startsWith('  ->') && !line.includes('RemoteAddress'))
    .map((line) => line.trim().split(/ +/));

const load = async (rules: string) => {
  expect(await run('-C')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await run('-R', rules)).toEqual({ code: 0, stdout: '', stderr: '' });
};
beforeEach(() => load(RULES));
afterEach(() => run('-C'));

/** An entry of `client.table()` as it travels from the guest. */
interface TableEntry {
  readonly service: {
    readonly id: { protocol?: string; address?: string; port?: number; firewallMark?: number };
    readonly settings: { readonly scheduler: string };
  };
  readonly destinations: readonly {
    readonly id: { readonly address: string; readonly port: number };
    readonly settings: { readonly weight: number };
    readonly activeConnections: number;
    readonly inactiveConnections: number;
  }[];
}

const CALLS = join(import.meta.dirname, '../fixtures/client-calls.ts');
const FORWARDING_ROW = /^ {2}-> (\S+):([\dA-F]{4}) +\w+ +(\d+) +(\d+) +(\d+)/;

/** An address as text that does not depend on how it was written: IPv4 from hexadecimal, IPv6 without brackets. */
function plainAddress(text: string): string {
  if (text.startsWith('[')) return new URL(`http://${text}/`).hostname.slice(1, -1);
  if (text.includes(':')) return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  if (text.includes('.')) return text;
  return Array.from(text.matchAll(/../g), ([byte]) => parseInt(byte, 16)).join('.');
}

/** One text for each service and each server of /proc/net/ip_vs. */
function fromProc(text: string): string[] {
  return linesOf(text)
    .slice(3)
    .map((row) => {
      const server = FORWARDING_ROW.exec(row);
      if (server !== null) {
        const [, address = '', port = '', ...numbers] = server;
        return ['->', plainAddress(address), parseInt(port, 16), ...numbers].join(' ');
      }
      const [protocol = '', place = '', scheduler = ''] = row.split(/ +/);
      if (protocol === 'FWM') return `mark ${parseInt(place, 16)} ${scheduler}`;
      const [, address = '', port = ''] = /^(.*):([\dA-F]{4})$/.exec(place) ?? [];
      return [protocol.toLowerCase(), plainAddress(address), parseInt(port, 16), scheduler].join(
        ' ',
      );
    });
}

function wordsOfEntry({ service, destinations }: TableEntry): string[] {
  const { protocol, address = '', port, firewallMark } = service.id;
  const place =
    firewallMark === undefined
      ? [protocol, plainAddress(address), port].join(' ')
      : `mark ${firewallMark}`;
  return [
    `${place} ${service.settings.scheduler}`,
    ...destinations.map(({ id, settings, activeConnections, inactiveConnections }) =>
      [
        '->',
        plainAddress(id.address),
        id.port,
        settings.weight,
        activeConnections,
        inactiveConnections,
      ].join(' '),
    ),
  ];
}

interface Reader {
  readonly who: string;
  readonly what: string;
  readonly read: () => Promise<void>;
}

const readers: readonly Reader[] = [
  {
    who: 'ldirectord',
    what: 'finds every service and server behind three lines of heading, with nothing on standard error',
    read: async () => {
      for (const line of ['-L -n', '-L -n --thresholds']) {
        const rows = linesOf(merged(await run(line))).slice(3);
        const service =
          /^(?:(?:TCP|UDP) +(?:[\d.]+|\[[\da-f:]+\]):\d+|FWM +\d+(?: IPv6)?) \w+(?: persistent \d+(?: mask \S+)?)? *$/;
        const server = /^ {2}-> (?:[\d.]+|\[[\da-f:]+\]):\d+ +(?:Masq|Route|Tunnel) +\d+ /;
        // --thresholds has the counts where the forwarding method would be.
        const shape = line.endsWith('thresholds') ? /^ {2}-> \S+:\d+ +\d+ / : server;
        expect(rows.filter((row) => !service.test(row) && !shape.test(row))).toEqual([]);
        expect(rows.filter((row) => service.test(row))).toHaveLength(5);
        expect(rows).toContainEqual(expect.stringMatching(/ persistent 600 mask 255\.255\.255\.0/));
      }
    },
  },
  {
    who: 'OpenStack Octavia',
    what: 'zips the words of each server to the joined heading, and takes all but the address as whole numbers',
    read: async () => {
      await load('-A -t [2001:db8::1]:80\n-a -t [2001:db8::1]:80 -r [2001:db8:0:1:2:3:4:5]:80 -m');
      const text = merged(await run('-Ln --stats --exact'));
      const [, prot = '', remote = ''] = linesOf(text);
      const heading = prot.split(/ +/).filter(Boolean);
      expect(heading.slice(0, 2)).toEqual(['Prot', 'LocalAddress:Port']);
      expect(remote.trim().split(/ +/)).toEqual(['->', 'RemoteAddress:Port']);
      const [words = []] = serverWords(text);
      expect(words).toHaveLength(heading.length);
      // A single 0 group stays as the configuration wrote it.
      expect(words[1]).toBe('[2001:db8:0:1:2:3:4:5]:80');
      expect(words.slice(2).map(Number).every(Number.isSafeInteger)).toBe(true);
    },
  },
  {
    who: "Salt's lvs module",
    what: 'finds a service and its server as parts of the saved rules, and may type two blanks',
    read: async () => {
      expect((await run('-A  -t 192.0.2.9:80 -s rr')).code).toBe(0);
      const { stdout } = await run('-S -n');
      expect(stdout).toContain(' -t 192.0.2.9:80 -s rr');
      expect(stdout).toContain(' -t 192.0.2.1:80 -r 10.0.0.1:80 ');
      const refused = await run('-A -t 192.0.2.9:80 -s rr');
      expect(linesOf(refused.stderr)).toHaveLength(1);
    },
  },
  {
    who: 'Diamond',
    what: 'cuts the last character and meets no empty line; numbers keep a blank before them',
    read: async () => {
      const { stdout } = await run('--list --stats --numeric --exact');
      const rows = stdout.slice(0, -1).split('\n').slice(3);
      for (const row of rows)
        expect(row).toMatch(/^(?: {2}-> |TCP +|UDP +|FWM +)\S+(?: IPv6)?(?: +\d+){5}$/);
    },
  },
  {
    who: "Icinga's check_ipvs",
    what: 'sees one service without a version line, and nothing but status 1 where it is missing',
    read: async () => {
      const { code, stdout } = await run('-L -n -t 192.0.2.1:80');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Prot LocalAddress:Port /);
      expect(linesOf(stdout).filter((row) => / -> \S/.test(row))).toHaveLength(3);
      const missing = await run('-L -n -t 192.0.2.77:80');
      expect([missing.code, missing.stdout]).toEqual([1, '']);
    },
  },
  {
    who: 'check_keepalived',
    what: 'gets status 0, and no text on standard error, also when the reader leaves early',
    read: async () => {
      const script = `${ourCommandLine('ipvsadm')} -L -n | head -1`;
      const { stdout, stderr } = await director().run(['bash', '-c', script]);
      expect([linesOf(stdout)[0]?.slice(0, 17), stderr]).toEqual(['IP Virtual Server', '']);
      expect((await run('-L -n')).code).toBe(0);
    },
  },
  {
    who: 'Samba CTDB',
    what: 'deletes a service that may be missing, adds one, and finds its local server',
    read: async () => {
      const lines: readonly (readonly [string, number])[] = [
        ['-D -t 192.0.2.50', 255],
        ['-A -t 192.0.2.50', 2],
        ['-A -t 192.0.2.50 -p 1999999 -s lc', 0],
        ['-a -t 192.0.2.50 -r 127.0.0.1', 0],
        ['-L -n -t 192.0.2.50', 0],
      ];
      for (const [line, status] of lines) {
        const genuine = await other().genuine(line.split(' '));
        expect([line, genuine.code]).toEqual([line, status]);
        expect([line, await run(line)]).toEqual([line, genuine]);
      }
      await other().genuine(['-C']);
    },
  },
  {
    who: 'awk',
    what: 'compares two directors whose rules were added in another order, and sums words 5 and 6',
    read: async () => {
      const rules = linesOf(RULES.trimStart());
      const servers = rules.filter((rule) => rule.startsWith('-a'));
      const services = rules.filter((rule) => rule.startsWith('-A'));
      const reversed = [...services.reverse(), ...servers.reverse()].join('\n');
      expect((await other().ipvsadm(['-R'], { stdin: reversed })).code).toBe(0);
      const { stdout } = await run('-Ln');
      expect((await other().ipvsadm(['-Ln'])).stdout).toBe(stdout);
      expect(serverWords(stdout).map((words) => words.slice(4))).toEqual(
        serverWords(stdout).map(() => ['0', '0']),
      );
    },
  },
  {
    who: 'ZStack',
    what: 'counts six words for thresholds and seven for statistics, which win over rates',
    read: async () => {
      const lengths = async (line: string) => {
        const { code, stdout } = await run(line);
        return [code, ...new Set(serverWords(stdout).map((words) => words.length))];
      };
      expect(await lengths('-Ln --thresholds')).toEqual([0, 6]);
      expect(await lengths('-Ln --stats')).toEqual([0, 7]);
      expect(await run('-Ln --stats --rate')).toEqual(await run('-Ln --stats'));
    },
  },
  {
    who: "Caicloud's director",
    what: 'subtracts two headings from the connections, and restores what it saved in silence',
    read: async () => {
      expect(linesOf((await run('-Lnc')).stdout)).toHaveLength(2);
      const saved = merged(await run('-Sn'));
      expect((await run('-C')).code).toBe(0);
      expect(merged(await run('-Sn'))).toBe('');
      expect(await run('-R', `${saved.trimEnd()}\n`)).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(merged(await run('-Sn'))).toBe(saved);
    },
  },
  {
    who: 'node_exporter and Netdata',
    what: 'read from /proc the services and servers that the listing has',
    read: async () => {
      const { stdout } = await director().run(['cat', '/proc/net/ip_vs']);
      // Addresses and marks are hexadecimal there.
      expect(stdout).toMatch(/^TCP {2}C0000201:0050 wrr +persistent \d+ FFFFFF00\s*$/m);
      expect(stdout).toMatch(/^FWM {2}00000007 rr\s*$/m);
      const servers = linesOf(stdout).filter((row) => /^ {2}-> (?!Remote)/.test(row));
      expect(servers).toHaveLength(serverWords((await run('-Ln')).stdout).length);
      const weights = (text: string) =>
        serverWords(text)
          .map((words) => words[3])
          .sort();
      expect(weights(stdout.replace(/.*RemoteAddress.*\n/, ''))).toEqual(
        weights((await run('-Ln')).stdout),
      );
    },
  },
  {
    who: 'node_exporter and Netdata',
    what: 'read from /proc what client.table() gives',
    read: async () => {
      const { stdout } = await director().run(['cat', '/proc/net/ip_vs']);
      const { value } = (await director().call(CALLS, 'call', 'table')) as { value: TableEntry[] };
      expect(value.flatMap(wordsOfEntry).sort()).toEqual(fromProc(stdout).sort());
    },
  },
  {
    who: 'a validator of patched kernels',
    what: 'sees exactly the line that was added, and it gone again',
    read: async () => {
      const listing = async () => {
        const { code, stdout } = await run('-Ln');
        expect(code).toBe(0);
        return linesOf(stdout);
      };
      const before = await listing();
      for (const [add, remove] of [
        ['-A -t 198.51.100.1:80 -s rr', '-D -t 198.51.100.1:80'],
        ['-a -f 7 -r 10.0.0.77:0 -g', '-d -f 7 -r 10.0.0.77:0'],
      ] as const) {
        expect((await run(add)).code).toBe(0);
        const after = await listing();
        expect(after.filter((row) => !before.includes(row))).toHaveLength(1);
        expect(after).toHaveLength(before.length + 1);
        expect((await run(remove)).code).toBe(0);
        expect(await listing()).toEqual(before);
      }
    },
  },
  {
    who: 'Wikimedia PyBal',
    what: 'is given the line that was refused, and all others are applied; a server takes the port of its service',
    read: async () => {
      const stdin = [
        '-D -t [2001:db8::50]:80',
        '-A -t [2001:db8::50]:80 -s wrr',
        '-a -t [2001:db8::50]:80 -r 2001:db8::51 -w 1',
        '',
      ].join('\n');
      const { stderr } = await run('-R', stdin);
      expect(stderr).toMatch(/-D -t \[2001:db8::50\]:80/);
      expect((await run('-Sn')).stdout).toContain(
        '-a -t [2001:db8::50]:80 -r [2001:db8::51]:80 -g -w 1\n',
      );
    },
  },
  {
    who: 'rule files in the wild',
    what: 'indent lines, have comments, CRLF and a BOM, clear first, and depend on lines before',
    read: async () => {
      const stdin =
        '\uFEFF\r\n# a comment\r\n  ipvsadm -C\r\n\t-A -t localhost:8080 -s rr\r\n' +
        '-a -t localhost:8080 -r 10.0.0.1 -m\r\n-A --sctp-service  192.0.2.1:99\r\n-e -t localhost:8080 -r 10.0.0.1 -m -w 7\r\n\r\n';
      const ended = await director().ipvsadm([], { stdin, program: 'ipvsadm-restore' });
      expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await run('-Sn')).stdout).toBe(
        '-A -t 127.0.0.1:8080 -s rr\n-a -t 127.0.0.1:8080 -r 10.0.0.1:8080 -m -w 7\n' +
          '-A --sctp-service 192.0.2.1:99 -s wlc\n',
      );
    },
  },
  {
    who: 'names that repeat',
    what: 'keep two services apart in what is saved by numbers',
    read: async () => {
      const services = '-A -t 127.0.0.1:8080 -s rr\n-A -t 127.0.0.1:8081 -s rr\n';
      await load(services);
      expect((await run('-S -n')).stdout).toBe(services);
    },
  },
  {
    who: 'long lines',
    what: 'keep a blank between all words, with IPv6 addresses of full length',
    read: async () => {
      const address = '2001:db8:1111:2222:3333:4444:5555:6666';
      await load(
        `-A -t [${address}]:65535 -s lblcr -p 2678400 -M 127\n-a -t [${address}]:65535 -r [${address}]:65535 -i -w 65535`,
      );
      for (const [view, count] of [
        ['', 6],
        ['--stats', 7],
        ['--rate', 7],
        ['--thresholds', 6],
        ['--persistent-conn', 6],
        ['--tun-info', 7],
      ] as const) {
        const [words = []] = serverWords((await run(`-Ln ${view}`)).stdout);
        expect([view, words.length, words[1]]).toEqual([view, count, `[${address}]:65535`]);
      }
    },
  },
  {
    who: 'containers without a right',
    what: 'get two lines that say so, with status 2',
    read: async () => {
      const as = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const { code, stdout, stderr } = await director().run([
        ...as,
        ...ourCommand('ipvsadm'),
        '-Ln',
      ]);
      expect([code, stdout]).toEqual([2, '']);
      expect(linesOf(stderr)).toHaveLength(2);
    },
  },
  {
    who: 'units and cron',
    what: 'start the program with an empty environment, or with the words of Turkey',
    read: async () => {
      const { stdout: expected } = await run('-Ln');
      for (const setting of ['PATH=/usr/bin:/bin', 'LC_ALL=tr_TR.UTF-8']) {
        const words = ['env', '-i', setting, ...ourCommand('ipvsadm'), '-Ln'];
        expect(await director().run(words)).toEqual({ code: 0, stdout: expected, stderr: '' });
      }
    },
  },
];

describe('readers of our output go on working', () => {
  test.each(readers)('$who: $what', ({ read }) => read());
});

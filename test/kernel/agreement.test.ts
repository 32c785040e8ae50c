import { describe, test } from 'vitest';
import { commandLines } from '../../src/ipvsadm/commands.js';
import type { Command } from '../../src/ipvsadm/commands.js';
import { optionLines } from '../../src/ipvsadm/options.js';
import { lines, useBoth } from '../support/both.js';

/** Ours against the genuine program on the same kernel: standard output, errors, status and the table they leave. */

const both = useBoth();

const TABLE = `
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 5 -x 10 -y 5
-a -t 10.0.0.1:80 -r 10.0.1.2 -i
-a -t 10.0.0.1:80 -r 10.0.1.3 -i --tun-type gue --tun-port 6080
-a -t 10.0.0.1:80 -r 10.0.1.4 -i --tun-type gue --tun-port 6080 --tun-csum
-a -t 10.0.0.1:80 -r 10.0.1.5 -i --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 10.0.0.1:80 -r 10.0.1.6 -i --tun-type gre
-a -t 10.0.0.1:80 -r 10.0.1.7 -i --tun-type gre --tun-csum
-a -t 10.0.0.1:80 -r 2001:db8::9 -i
-a -t 10.0.0.1:80 -r 10.0.1.200 -g -w 2147483647 -x 2147483647
-A -t 10.0.0.1:81 -s sh -b sh-fallback,sh-port
-A -t 10.0.0.1:82 -s rr -b flag-1,flag-3
-A -t 10.0.0.1:83 -s mh -b mh-fallback
-A -t 10.0.0.1:84 -s sh -b flag-1
-A -u 10.0.0.1:53 -s rr -o
-a -u 10.0.0.1:53 -r 10.0.1.1 -m -w 0
-A -u 10.0.0.1:54 -s rr -o -p 30 --pe sip -M 255.255.255.0
-A -u 10.0.0.1:55 -s rr --pe sip
-A -f 2147483647 -s rr
-A -f 5 -s rr
-a -f 5 -r 10.0.1.1:80 -m
-a -f 5 -r 127.0.0.1
-A -f 6 -6 -s wlc -p
-a -f 6 -6 -r [2001:db8::99]:80 -m
-A --sctp-service 10.0.0.1:99
-A -t [2001:db8::1]:80 -p 20 -M 64
-a -t [2001:db8::1]:80 -r [2001:db8::99]:80 -m -w 0
-a -t [2001:db8::1]:80 -r 127.0.0.1 -i
-A -t [2001:db8::1]:0 -p
-A -t [::1.2.3.4]:80
-A -t [::ffff:0:1]:80
-A -t [1:0:0:2::]:80
`;

/** The genuine program does not save thresholds: a deviation, with a test of its own. */
const WITHOUT_THRESHOLDS = TABLE.replaceAll(/ -[xy] \d+/g, '');

describe('every view of a table with every kind of service and real server', () => {
  const views = [
    '',
    '--stats',
    '--rate',
    '--thresholds',
    '--persistent-conn',
    '--tun-info',
    '--stats --exact',
    '--rate -X',
    '-X',
    '--sort',
    '--stats --rate --thresholds',
  ];
  const services = [
    '',
    '-t 10.0.0.1:80',
    '-u 10.0.0.1:53',
    '-f 5',
    '-f 6 -6',
    '-t [2001:db8::1]:80',
  ];
  for (const service of services) {
    test(`-L ${service}`, async () => {
      await both.load(TABLE);
      await both.agree(
        lines(
          views.flatMap((view) => [`-L -n ${service} ${view}`, `-L ${service} ${view}`]).join('\n'),
        ),
      );
    });
  }

  test('without a command, connections, timeouts, daemons, rules', async () => {
    await both.load(WITHOUT_THRESHOLDS);
    await both.agree([
      { words: [] },
      ...lines(
        '-l\n-Lc\n-Lnc\n-L -c --persistent-conn\n-L --timeout\n-L --daemon\n-S\n-Sn\n-S -n\n-L -t 10.0.0.77:80\n-L -f 77',
      ),
      { words: ['-n'], program: 'ipvsadm-save' },
      { words: [], program: 'ipvsadm-save' },
      { words: ['x', '-n'], program: 'ipvsadm-save' },
    ]);
  });
});

/** Enough for a command to be legal by itself. */
const needs: Readonly<Record<Exclude<Command, 'help' | 'version'>, string>> = {
  'add-service': '-A -t 10.5.0.1:80',
  'edit-service': '-E -t 10.0.0.1:80',
  'delete-service': '-D -t 10.0.0.1:81',
  flush: '-C',
  list: '-L',
  'add-server': '-a -t 10.0.0.1:80 -r 10.7.0.1',
  'delete-server': '-d -t 10.0.0.1:80 -r 10.0.1.2',
  'edit-server': '-e -t 10.0.0.1:80 -r 10.0.1.2',
  set: '--set 1 2 3',
  'start-daemon': '--start-daemon master',
  'stop-daemon': '--stop-daemon master',
  restore: '-R',
  save: '-S',
  zero: '-Z',
};

const samples: Readonly<Record<string, string>> = {
  ADDRESS: '10.0.0.9:9',
  MARK: '9',
  NAME: 'lc',
  SECONDS: '77',
  MASK: '255.255.0.0',
  ENGINE: 'sip',
  FLAGS: 'flag-2',
  WEIGHT: '9',
  COUNT: '9',
  TYPE: 'gre',
  PORT: '9',
  ID: '9',
  TTL: '9',
  BYTES: '99',
};

describe('every option with every command', () => {
  for (const [command, need] of Object.entries(needs)) {
    test(command, async () => {
      await both.load(WITHOUT_THRESHOLDS);
      // Without sorting the order is that of the kernel's hash, which differs between namespaces.
      const options = optionLines
        .filter(({ long }) => long !== 'nosort')
        .map(({ long, value: { metavar } }) => {
          const sample = long === 'mcast-group' ? '224.0.0.9' : samples[metavar ?? ''];
          return metavar === undefined ? `--${long}` : `--${long} ${sample ?? ''}`;
        });
      const cases = options.flatMap((option) => [`${need} ${option}`, `${need} -i ${option}`]);
      await both.agree([...lines([need, ...cases].join('\n'))]);
    });
  }
});

describe('a second command, help or version behind the first option', () => {
  test('is an invalid option', async () => {
    const words = commandLines.flatMap(({ long, short }) =>
      short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`],
    );
    await both.load('');
    await both.agree(
      lines(words.flatMap((word) => [`-L ${word} master`, `-Z ${word}`, `-n ${word}`]).join('\n')),
    );
  });
});

describe('the grammar of options', () => {
  test('clusters, attached values, long names, what is missing or unknown', async () => {
    await both.load('-A -t 1.1.1.1:77');
    await both.agree(
      lines(`
        foo
        -
        --
        ''
        -q
        -n
        --nosuch
        --list=3
        --help=3
        -L=3
        -At 1.1.1.1:78
        -At1.1.1.1:79
        -At=1.1.1.1:80
        -Dt1.1.1.1:78
        -At=1.1.1.1:80 -s=rr -p=30
        --add-service --tcp-service=1.1.1.1:81 --scheduler=rr --persistent=30
        --add-service --tcp-serv 1.1.1.1:81
        -At 1.1.1.1:82 -ps rr
        -At 1.1.1.1:83 -sp rr
        -Apt 1.1.1.1:84
        -At 1.1.1.1:85 -p -s rr
        -At 1.1.1.1:86 -p - -s rr
        -At 1.1.1.1:87 -p= -s rr
        -At 1.1.1.1:87 --persistent= -s rr
        -At 1.1.1.1:88 -s -p
        -At 1.1.1.1:89 -s --
        -Lqn
        -L --nosuch=3
        -At
        -A -w
        -A --weight
        -Ln=3
        -Lc=3
        -L --numeric=
        -L --numeric=3
        -L -
        -L foo
        -L ''
        -L -- -n
        -Ln -n
        -L --sort --sort
        -list
        -L -help
        -AL
        -A --set 1 2 3
        -L --start-daemon master
        -L --start-daemon
        -C foo bar
        -C -q foo
        -A foo -t 1.1.1.1:90
        -A -t 1.1.1.1:91 -t 1.1.1.1:92
        -A -t 1.1.1.1:91 -f 3
        -a -t 1.1.1.1:77 -r 2.2.2.2 -g -m
        --set
        --set 1 2
        --set 1 2 3 4
        --set x 2 3 4
        --set 1 2 x
        --set -1 2 3
        --set -- -1 2 3
        --set 0 2678401 3
        --set 0 2678400 3
        1 --set 2 3
        --set 1 -n 2 3
        --set 0 0 0
      `),
    );
  });
});

describe('values', () => {
  const service = (words: string) => `-A -t 1.1.1.1:1 ${words}`;
  const server = (words: string) => `-a -t 1.1.1.1:77 -r 3.3.3.3 ${words}`;
  const numbers = [
    '',
    '5',
    ' 5',
    '+5',
    '-5',
    '010',
    '5 ',
    '0x10',
    '0',
    '1',
    '-1',
    'x',
    '1.5',
    '99999999999999999999',
  ];
  const atRanges: readonly (readonly [string, readonly (number | string)[]])[] = [
    ['-w', [2147483647, 2147483648]],
    ['-x', [2147483647, 2147483648]],
    ['-y', [2147483648]],
    ['--tun-port', [65535, 65536]],
  ];

  test('numbers of real servers, at both sides of their ranges', async () => {
    await both.load('-A -t 1.1.1.1:77');
    const cases = atRanges.flatMap(([option, bounds]) =>
      [...numbers, ...bounds.map(String)].flatMap((value) => [
        { words: [...server('-i --tun-type gue').split(' '), option, value] },
        {
          words: [
            ...server(option === '--tun-port' ? '-i --tun-type gue' : '-m').split(' '),
            option,
            value,
          ],
        },
        { words: '-d -t 1.1.1.1:77 -r 3.3.3.3'.split(' ') },
      ]),
    );
    await both.agree(cases);
  });

  test('seconds, marks, timeouts and numbers of daemons', async () => {
    await both.load('-A -t 1.1.1.1:77');
    const cases = [
      ...numbers,
      '2678400',
      '2678401',
      '4294967295',
      '4294967296',
      '255',
      '256',
      '65507',
      '65508',
      '65535',
      '65536',
    ].flatMap((value) => [
      { words: [...service('').trim().split(' '), `-p${value}`] },
      { words: ['-A', '-t', '1.1.1.1:2', '-p', value] },
      { words: ['-A', '-f', value] },
      { words: ['--set', '--', value, '0', '0'] },
      ...['--syncid', '--mcast-port', '--mcast-ttl', '--sync-maxlen'].map((option) => ({
        words: ['--start-daemon', 'master', '--mcast-interface', 'nosuch', option, value],
      })),
    ]);
    // A mark from 2³¹ on prints as negative in the genuine program: a deviation with a test of its own.
    await both.agree([
      ...cases.filter(({ words }) => !words.includes('4294967295')),
      { words: ['-C'] },
    ]);
  });

  test('addresses and ports of services', async () => {
    await both.load('-A -t 1.1.1.1:77');
    const addresses =
      `1.1.1.1 1.1.1.1: 1.1.1.1:0 1.1.1.1:65535 1.1.1.1:65536 1.1.1.1:-1 1.1.1.1:http 1.1.1.1:www 1.1.1.1:HTTP
      1.1.1.1:nosuch 1.1.1.1:80:80 10.1:80 0x0a000001:81 010.1:82 08.1:80 1.2.3.:80 1.2.3.256:80 1.2.65535:80 1.2.65536:80
      123 123:80 0:80 4294967295:80 4294967296:80 '' :80 : localhost localhost:80 LOCALHOST:83 nosuch.invalid:80 a_b:80 [::1]:80 [::1]
      [::1:80 [::1]80 [::1]: ::1 ::2 2001:db8::1 [2001:db8::1]:http 2001:db8::1:80 [fe80::1%lo]:80 fe80::1%lo [::1]:80:80 []:80 [ ]
      1::2::3 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7 [::ffff:1.2.3.4]:80 [::1.2.3.4]:81 [::1.2.3.256]:81 224.0.0.1:80 255.255.255.255:80 0.0.0.0:80 0.0.0.0:0`
        .split(/\s+/)
        .map((word) => (word === "''" ? '' : word));
    await both.agree([
      ...addresses.flatMap((address) => [
        { words: ['-A', '-t', address] },
        { words: ['-A', '-u', address, '-p'] },
        { words: ['-A', '--sctp-service', address, '-s', 'rr'] },
        { words: ['-a', '-t', '1.1.1.1:77', '-r', address, '-m'] },
        { words: ['-a', '-t', '1.1.1.1:77', '-r', address, '-i'] },
        { words: ['-d', '-t', '1.1.1.1:77', '-r', address] },
      ]),
      { words: ['-A', '-t', '1.2.3.4 x:80'] },
      // What is far apart is sorted by number, not by the sign of a difference: a deviation with a test of its own.
      { words: ['-C'] },
    ]);
  });

  test('masks, schedulers, engines, flags and one-packet scheduling', async () => {
    await both.load('');
    await both.agree(
      lines(`
        -A -t 1.1.1.1:1 -p -M 255.255.255.0
        -A -t 1.1.1.1:2 -p -M 24
        -A -t 1.1.1.1:3 -p -M 0
        -A -t 1.1.1.1:4 -p -M 10.1
        -A -t 1.1.1.1:5 -p -M localhost
        -A -t 1.1.1.1:6 -p -M zzz.invalid
        -A -t 1.1.1.1:6 -p -M ''
        -A -t 1.1.1.1:7 -p -M 0xffffff00
        -A -t [::1]:1 -p -M 64
        -A -t [::1]:2 -p -M 64abc
        -A -t [::1]:3 -p -M 0
        -A -t [::1]:4 -p -M 129
        -A -t [::1]:5 -p -M 128
        -A -t [::1]:6 -p -M 1
        -A -t [::1]:7 -p -M abc
        -A -t [::1]:8 -M 64
        -A -f 1 -p -M 255.255.0.0
        -A -f 2 -6 -p -M 64
        -A -f 3 -6 -p -M 0
        -A -t 1.1.1.1:10 -s ''
        -A -t 1.1.1.1:11 -s nosuch
        -A -t 1.1.1.1:12 -s averylongschedulername
        -A -t 1.1.1.1:13 --pe sip
        -A -u 1.1.1.1:13 --pe sip -p
        -A -u 1.1.1.1:14 --pe nosuch -p
        -A -u 1.1.1.1:15 --pe '' -p
        -A -t 1.1.1.1:16 -b foo
        -A -t 1.1.1.1:16 -b flag-1,,flag-2,
        -A -t 1.1.1.1:17 -b sh-port
        -A -t 1.1.1.1:18 -b sh-port -s sh
        -A -t 1.1.1.1:19 -s mh -b sh-port
        -A -t 1.1.1.1:20 -s mh -b mh-port,mh-fallback
        -A -t 1.1.1.1:21 -s sh -b flag-1,flag-1
        -D -t 1.1.1.1:21 -b foo
        -A -t 1.1.1.1:22 -o
        -A -u 1.1.1.1:22 -o
        -A -f 22 -o
        -A --sctp-service 1.1.1.1:22 -o
        -A -t 1.1.1.1:0 -o
        -A -t 1.1.1.1
        -A -t 1.1.1.1 -p
        -A -t 1.1.1.1:23 -6
        -A -6
      `),
    );
  });

  test('tunnels and mixed families', async () => {
    await both.load('-A -t 1.1.1.1:1\n-A -t [::1]:1\n-A -f 1\n-A -f 2 -6');
    const tunnels = ['', '--tun-type ipip', '--tun-type gue', '--tun-type gre', '--tun-type foo'];
    const options = [
      '',
      '--tun-port 5',
      '--tun-nocsum',
      '--tun-csum',
      '--tun-remcsum',
      '--tun-csum --tun-nocsum',
      '--tun-port 5 --tun-csum',
      '--tun-port 5 --tun-remcsum',
    ];
    const text = tunnels.flatMap((type) =>
      options.flatMap((option, index) => [
        `-a -t 1.1.1.1:1 -r 2.2.2.${index + 1} -i ${type} ${option}`,
        `-e -t 1.1.1.1:1 -r 2.2.2.${index + 1} -i ${type} ${option}`,
        `-a -t 1.1.1.1:1 -r 2.2.3.${index + 1} ${type} ${option}`,
      ]),
    );
    const families = ['-t 1.1.1.1:1', '-t [::1]:1', '-f 1', '-f 2 -6'].flatMap((service) =>
      ['2.2.2.200', '[2001:db8::5]:1'].flatMap((address) =>
        ['-g', '-m', '-i'].map((method) => `-a ${service} -r ${address} ${method}`),
      ),
    );
    await both.agree(lines([...text, ...families].join('\n')));
  });

  test('sync daemons', async () => {
    await both.load('');
    await both.agree(
      lines(`
        --start-daemon
        --start-daemon foo
        --stop-daemon foo
        --stop-daemon master
        --start-daemon master
        --start-daemon=master --mcast-interface ''
        --start-daemon master --mcast-interface averylonginterfacename
        --start-daemon master --mcast-group 1.2.3.4
        --start-daemon master --mcast-group ::1
        --start-daemon master --mcast-group foo
        --start-daemon master --mcast-group foo:
        --start-daemon master --mcast-group 224.1
        --start-daemon master --mcast-interface lo --syncid 7
        -L --daemon
        --start-daemon master --mcast-interface lo
        --start-daemon backup --mcast-interface lo --mcast-group 224.0.0.99 --mcast-port 9999 --mcast-ttl 5 --sync-maxlen 1000
        -L --daemon
        --stop-daemon master --syncid 7
        --stop-daemon backup
        -L --daemon
      `),
    );
  });
});

describe('what the kernel refuses', () => {
  test('says why, in the words scripts know', async () => {
    await both.load('-A -t 1.1.1.1:1\n-a -t 1.1.1.1:1 -r 2.2.2.2');
    await both.agree(
      lines(`
        -A -t 1.1.1.1:1
        -E -t 9.9.9.9:9
        -D -t 9.9.9.9:9
        -Z -t 9.9.9.9:9
        -L -t 9.9.9.9:9
        -Ln -f 9
        -a -t 9.9.9.9:9 -r 1.1.1.1
        -d -t 9.9.9.9:9 -r 1.1.1.1
        -e -t 9.9.9.9:9 -r 1.1.1.1
        -a -t 1.1.1.1:1 -r 2.2.2.2
        -e -t 1.1.1.1:1 -r 3.3.3.3
        -d -t 1.1.1.1:1 -r 3.3.3.3
        -a -t 1.1.1.1:1 -r 224.0.0.1
        -a -t 1.1.1.1:1 -r 3.3.3.3 -x 5 -y 10
        -e -t 1.1.1.1:1 -r 2.2.2.2 -y 10
        -E -t 1.1.1.1:1 -s nosuch
        -E -t 1.1.1.1:1 -s rr -p 30
        -e -t 1.1.1.1:1 -r 2.2.2.2 -w 7
        -e -t 1.1.1.1:1 -r 2.2.2.2
        -Z
        -Z -t 1.1.1.1:1
      `),
    );
  });
});

describe('restoring rules that are right', () => {
  const inputs = {
    'prefixes, tabs, CRLF, empty lines, no last newline':
      'ipvsadm -A -t 9.9.9.9:9 -s rr\n-a -t 9.9.9.9:9 -r 1.2.3.4\r\n\n\t -a -t  9.9.9.9:9\t-r 1.2.3.5 ipvsadm -w 3\n  \nipvsadm\n-a -t 9.9.9.9:9 -r 1.2.3.6',
    'other commands between them':
      '-A -t 9.9.9.9:9 -s rr\n-L -n -t 9.9.9.9:9\n--set 1 2 3\n-a -t 9.9.9.9:9 -r 1.2.3.4\n-S -n\n-E -t 9.9.9.9:9 -s wlc\n-Ln\n-Z\n-C\n-A -f 5',
    nothing: '',
    'empty lines': '\n\n \n',
    names: '-A -t localhost:http\n-a -t localhost:http -r localhost:http-alt -m',
  };
  for (const [what, stdin] of Object.entries(inputs)) {
    test(what, async () => {
      await both.load('-A -t 1.1.1.1:1');
      await both.agree([
        { words: ['-R'], stdin },
        { words: ['-C'] },
        { words: ['--restore'], stdin },
        { words: [], stdin, program: 'ipvsadm-restore' },
        { words: ['-x', 'foo'], stdin: `# a comment\n${stdin}`, program: 'ipvsadm-restore' },
      ]);
    });
  }
});

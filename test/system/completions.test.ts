/** What bash, zsh and fish offer when Tab is typed behind ipvsadm. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stage, bash, fish, zsh } from './shells.js';
import type { Shell } from './shells.js';

const RULES = `-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.0.3:8080 -m -w 1
-A -t [2001:db8::1]:80 -s rr -p 360
-a -t [2001:db8::1]:80 -r [2001:db8::a]:80 -g -w 1
-a -t [2001:db8::1]:80 -r [2001:db8::b]:80 -g -w 1
-A -u 192.0.2.1:80 -s rr -o
-a -u 192.0.2.1:80 -r 10.0.0.9:80 -m -w 1
-A --sctp-service 192.0.2.7:5060 -s rr
-a --sctp-service 192.0.2.7:5060 -r 10.0.0.7:5060 -m -w 1
-A -f 7 -s rr
-a -f 7 -r 10.0.0.4:0 -g -w 1
-A -f 7 -6 -s rr
-a -f 7 -6 -r [2001:db8::7]:0 -g -w 1
-A -f 18 -6 -s rr
`;

/** What would run, or colour the terminal, if rules were more than text. */
const HOSTILE = `-A -t $(touch\${IFS}x) -s rr
-A -t $(touch x):80 -s rr
-A -t \`touch\${IFS}x\`:80 -s rr
-A -t ';touch x;' -s rr
-A -t \u001b[31m192.0.2.66:80 -s rr
-A -t 192.0.2.66:80\u0007 -s rr
-A -t * -s rr
-A -t 192.0.2.1:80 -s rr
-A -t 192.0.2.2:80 -s rr
-a -t 192.0.2.1:80 -r $(touch\${IFS}x) -g -w 1
-a -t 192.0.2.1:80 -r \u001b[31m10.0.0.2:80 -g -w 1
-a -t 192.0.2.1:80 -r
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1
garb\u0000age
-A
`;

const commands =
  '-A --add-service -E --edit-service -D --delete-service -C --clear -L -l --list -a --add-server -d ' +
  '--delete-server -e --edit-server --set --start-daemon --stop-daemon -R --restore -S --save -Z --zero ' +
  '-h --help -v --version';
const services = '-t --tcp-service -u --udp-service --sctp-service -f --fwmark-service';
const ofServices = '-s --scheduler -p --persistent -M --netmask --pe -o --ops -b --sched-flags';
const ofServers =
  '-w --weight -x --u-threshold -y --l-threshold --tun-type --tun-port --tun-nocsum --tun-csum --tun-remcsum';
const ofLists = '--sort --nosort --tun-info -X --exact --syncid';
const schedulers = 'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh';
const flags = 'flag-1 flag-2 flag-3 sh-fallback sh-port mh-fallback mh-port';
const daemonFeatures =
  '--mcast-interface --syncid --mcast-group --mcast-port --mcast-ttl --sync-maxlen';
const interfaces = readdirSync('/sys/class/net', { withFileTypes: true })
  .filter((entry) => entry.isSymbolicLink())
  .map(({ name }) => name)
  .join(' ');

/** The line, and what is offered: '' is nothing. */
const offers: Readonly<Record<string, readonly (readonly [line: string, offered: string])[]>> = {
  'the command comes first': [
    ['ipvsadm ', commands],
    ['ipvsadm -', commands],
    ['ipvsadm --st', '--start-daemon --stop-daemon'],
    ['ipvsadm -n ', ''],
  ],
  'options that go with the command': [
    ['ipvsadm -A ', `${services} -6 --ipv6 ${ofServices}`],
    ['ipvsadm --add-service -', `${services} -6 --ipv6 ${ofServices}`],
    ['ipvsadm -D -', `${services} -6 --ipv6`],
    [
      'ipvsadm -L -',
      `${services} -6 --ipv6 -n --numeric -c --connection --timeout --daemon --stats --rate --thresholds ` +
        `--persistent-conn ${ofLists}`,
    ],
    [
      'ipvsadm -a -',
      `${services} -6 --ipv6 -r --real-server -g --gatewaying -i --ipip -m --masquerading ${ofServers}`,
    ],
    ['ipvsadm -d -f 7 -', '-6 --ipv6 -r --real-server'],
    ['ipvsadm --start-daemon master -', daemonFeatures],
    ['ipvsadm --start-daemon=backup ', daemonFeatures],
    ['ipvsadm --stop-daemon master ', '--syncid'],
    ['ipvsadm -S ', '-n --numeric'],
  ],
  'nothing where nothing is legal': [
    ['ipvsadm -C ', ''],
    ['ipvsadm -R ', ''],
    ['ipvsadm --set ', ''],
    ['ipvsadm -h -', ''],
    ['ipvsadm -a -t 192.0.2.1:80 -w ', ''],
    ['ipvsadm -A -- -', ''],
  ],
  'no option that excludes one on the line': [
    ['ipvsadm -A -t 192.0.2.9:80 -', ofServices],
    [
      'ipvsadm -A --udp-service=192.0.2.9:80 -op 60 -',
      '-s --scheduler -M --netmask --pe -b --sched-flags',
    ],
    ['ipvsadm -At 192.0.2.9:80 -p 60 -', ofServices.replace('-p --persistent ', '')],
    ['ipvsadm -At 192.0.2.9:80 -p --s', '--scheduler --sched-flags'],
    ['ipvsadm -At 192.0.2.9:80 -p --p', '--pe'],
    ['ipvsadm -Lc -', `-n --numeric --persistent-conn ${ofLists}`],
    ['ipvsadm -Ln --timeout -', ofLists],
    [
      'ipvsadm -Ln --stats -',
      `${services} -6 --ipv6 --rate --thresholds --persistent-conn ${ofLists}`,
    ],
    [
      'ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.2 -m -',
      '-w --weight -x --u-threshold -y --l-threshold',
    ],
    ['ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.2 -i -', ofServers],
    [
      'ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.2 -iw5 --tun-type gue --tun-csum -',
      '-x --u-threshold -y --l-threshold --tun-port',
    ],
    ['ipvsadm-save -n ', ''],
  ],
  schedulers: [
    ['ipvsadm -A -t 192.0.2.9:80 -s ', schedulers],
    ['ipvsadm -E -t 192.0.2.9:80 --scheduler ', schedulers],
    ['ipvsadm -E -t 192.0.2.9:80 --scheduler=w', 'wrr wlc'],
    ['ipvsadm -A -t 192.0.2.9:80 --pe ', 'sip'],
  ],
  "a scheduler's flags, also behind a comma": [
    ['ipvsadm -A -t 192.0.2.9:80 -b ', flags],
    ['ipvsadm -A -t 192.0.2.9:80 -s sh -b ', 'flag-1 flag-2 flag-3 sh-fallback sh-port'],
    ['ipvsadm -A -t 192.0.2.9:80 -s sh -b sh-port,', 'flag-1 flag-2 flag-3 sh-fallback'],
    ['ipvsadm -A -t 192.0.2.9:80 --scheduler=mh --sched-flags=flag-1,m', 'mh-fallback mh-port'],
  ],
  "tunnel types, a daemon's state and interface": [
    ['ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.4 -i --tun-type ', 'ipip gue gre'],
    ['ipvsadm --start-daemon ', 'master backup'],
    ['ipvsadm --stop-daemon b', 'backup'],
    ['ipvsadm --start-daemon master --mcast-interface ', interfaces],
  ],
  'virtual services of the protocol, unless one is added': [
    ['ipvsadm -D -t ', '192.0.2.1:80 [2001:db8::1]:80'],
    ['ipvsadm -E --tcp-service ', '192.0.2.1:80 [2001:db8::1]:80'],
    ['ipvsadm -Ln -u ', '192.0.2.1:80'],
    ['ipvsadm -Z --sctp-service ', '192.0.2.7:5060'],
    ['ipvsadm -a -t 19', '192.0.2.1:80'],
    ['ipvsadm -a -t ', '192.0.2.1:80 [2001:db8::1]:80'],
    ['ipvsadm -A -t ', ''],
    ['~/bin/ipvsadm -D -u ', '192.0.2.1:80'],
    ['true; LANG=C ipvsadm -D -u ', '192.0.2.1:80'],
  ],
  'firewall marks': [
    ['ipvsadm -D -f ', '7 18'],
    ['ipvsadm -d --fwmark-service=1', '18'],
    ['ipvsadm -A -f ', ''],
  ],
  'the real servers of the service on the line': [
    ['ipvsadm -d -t 192.0.2.1:80 -r ', '10.0.0.2:8080 10.0.0.3:8080'],
    ['ipvsadm -e --tcp-service=192.0.2.1:80 --real-server ', '10.0.0.2:8080 10.0.0.3:8080'],
    ['ipvsadm -du 192.0.2.1:80 -r ', '10.0.0.9:80'],
    ['ipvsadm -d --sctp-service 192.0.2.7:5060 -r ', '10.0.0.7:5060'],
    ['ipvsadm -d -f 7 -r ', '10.0.0.4:0'],
    ['ipvsadm -d -f 7 -6 -r ', '[2001:db8::7]:0'],
    ['ipvsadm -d -t 192.0.2.99:80 -r ', ''],
    ['ipvsadm -d -r ', ''],
    ['ipvsadm -a -t 192.0.2.1:80 -r ', ''],
    ['ipvsadm -d -t [2001:db8::1]:80 -r ', '[2001:db8::a]:80 [2001:db8::b]:80'],
    [String.raw`ipvsadm -d -t \[2001:db8::1\]:80 -r `, '[2001:db8::a]:80 [2001:db8::b]:80'],
    [`ipvsadm -d -t '[2001:db8::1]:80' -r `, '[2001:db8::a]:80 [2001:db8::b]:80'],
  ],
  'ipvsadm-save has one option, ipvsadm-restore reads standard input': [
    ['ipvsadm-save ', '-n'],
    ['ipvsadm-restore ', ''],
    ['ipvsadm-restore -', ''],
  ],
};

/** The line, and how the shell completes it where one thing fits. */
const insertions: readonly (readonly [line: string, completed: string])[] = [
  ['ipvsadm -A -t 192.0.2.9:80 --scheduler=wr', 'ipvsadm -A -t 192.0.2.9:80 --scheduler=wrr'],
  ['ipvsadm -A -t 192.0.2.9:80 -swr', 'ipvsadm -A -t 192.0.2.9:80 -swrr'],
  ['ipvsadm --start-daemon=m', 'ipvsadm --start-daemon=master'],
  ['ipvsadm -D -t 192.0.2.1:', 'ipvsadm -D -t 192.0.2.1:80'],
  ['ipvsadm -D --udp-service=192', 'ipvsadm -D --udp-service=192.0.2.1:80'],
  ['ipvsadm -d -f 7 -6 -r ', String.raw`ipvsadm -d -f 7 -6 -r \[2001:db8::7\]:0`],
  [String.raw`ipvsadm -D -t \[2`, String.raw`ipvsadm -D -t \[2001:db8::1\]:80`],
  [String.raw`ipvsadm -D -t \[2001:db8:`, String.raw`ipvsadm -D -t \[2001:db8::1\]:80`],
  [`ipvsadm -D -t '[2001:`, `ipvsadm -D -t '[2001:db8::1]:80'`],
  [`ipvsadm -D -t "[`, `ipvsadm -D -t "[2001:db8::1]:80"`],
  [
    String.raw`ipvsadm -d -t '[2001:db8::1]:80' -r \[2001:db8::b`,
    String.raw`ipvsadm -d -t '[2001:db8::1]:80' -r \[2001:db8::b\]:80`,
  ],
  ['ipvsadm-restore < ~/bin/ipvs', 'ipvsadm-restore < ~/bin/ipvsadm'],
  ['ipvsadm-save -n >~/bin/ipvs', 'ipvsadm-save -n >~/bin/ipvsadm'],
];

/** What is offered for the part that is missing: shells differ in whether they tell what stands before it. */
function bare(offered: readonly string[]): string[] {
  const parts = offered.map((word) => word.replace(/^--[a-z-]+=/, '').replace(/^.*,/, ''));
  return [...new Set(parts)].sort();
}

const sorted = (words: string) => words.split(' ').filter(Boolean).sort();

const shells = [
  { name: 'bash', file: 'ipvsadm.bash', open: bash },
  { name: 'zsh', file: '_ipvsadm', open: zsh },
  { name: 'fish', file: 'ipvsadm.fish', open: fish },
];

describe.each(shells)('$name', ({ name, file, open }) => {
  let stage: Stage;
  let shell: Shell;

  beforeAll(async () => {
    stage = new Stage(RULES);
    shell = await open(stage);
  });

  afterAll(async () => {
    await shell[Symbol.asyncDispose]();
    stage[Symbol.dispose]();
  });

  test('reads the script without complaint', () => {
    const { status, stderr } = spawnSync(name, ['-n', join(stage.folder, file)], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  describe.each(Object.keys(offers))('offers %s', (behaviour) => {
    test.each(offers[behaviour] ?? [])('%s', async (line, offered) => {
      const result = await shell.complete(line);
      expect(bare(result.offered)).toEqual(sorted(offered));
    });
  });

  test.each(insertions)('completes %s', async (line, completed) => {
    const result = await shell.complete(line);
    expect(result.line.trimEnd()).toBe(completed);
  });

  test('offers nothing, and says nothing, when ipvsadm fails', async () => {
    using broken = new Stage(undefined);
    await using other = await open(broken);
    for (const line of [
      'ipvsadm -D -t ',
      'ipvsadm -d -t 192.0.2.1:80 -r ',
      '/nowhere/ipvsadm -D -t ',
    ]) {
      const result = await other.complete(line, 2);
      expect(result.offered).toEqual([]);
      expect(result.line).toBe(line);
      expect(result.said).not.toMatch(
        /it does not work|ommand not found|o such file|Unknown command/,
      );
    }
  });

  test('neither runs nor shows what is hostile in rules or on the line', async () => {
    using hostile = new Stage(HOSTILE);
    await using other = await open(hostile);
    const results = [
      await other.complete('ipvsadm -D -t ', 2),
      await other.complete('ipvsadm -d -t 192.0.2.1:80 -r ', 2),
      await other.complete('ipvsadm -D -t $(touch x) -', 2),
      await other.complete('ipvsadm -D -t $(touch x) ', 2),
      await other.complete('$(touch x)/ipvsadm -D -t ', 2),
      await other.complete('`touch x`/ipvsadm -D -t ', 2),
    ];
    expect(bare(results[0]?.offered ?? [])).toEqual(['192.0.2.1:80', '192.0.2.2:80']);
    expect(bare(results[1]?.offered ?? [])).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    const said = results.map((result) => result.said).join('');
    expect(said).not.toContain('\u001b[31m');
    expect(said).not.toMatch(/null byte|garb|IFS/);
    expect(readdirSync(hostile.work)).toEqual([]);
  });
});

describe('bash with settings of its user', () => {
  test.each([
    'set -u; shopt -s failglob nullglob; IFS=:',
    'set -o posix -o noglob',
    'COMP_WORDBREAKS=${COMP_WORDBREAKS//:}',
  ])('%s', async (settings) => {
    using stage = new Stage(RULES);
    await using shell = await bash(stage, settings);
    const result = await shell.complete('ipvsadm -d -f 7 -6 -r ');
    expect(result.line).toBe(String.raw`ipvsadm -d -f 7 -6 -r \[2001:db8::7\]:0 `);
    const service = await shell.complete(String.raw`ipvsadm -D -t \[2001:`);
    expect(service.line).toBe(String.raw`ipvsadm -D -t \[2001:db8::1\]:80 `);
    const options = await shell.complete('ipvsadm --start-daemon master ');
    expect(bare(options.offered)).toEqual(sorted(daemonFeatures));
    const words = await shell.complete('ipvsadm --start-daemon master --mcast-interface ');
    expect(bare(words.offered)).toEqual(sorted(interfaces));
  });
});

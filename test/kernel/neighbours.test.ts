import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { CommandResult, Namespace } from '../lab/lab.js';
import { installOurCommands, ourCommands } from '../lab/our-commands.js';
import { useLab, useNamespace } from '../support/director.js';
import { stopKeepalived } from '../support/keepalived.js';
import { folderOf, read, start, stop, write } from '../support/programs.js';
import { PATIENCE_MS } from '../lab/patience.js';

/** Programs of others that fill the kernel's table: keepalived by netlink, ldirectord by calling ipvsadm. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };

const VIEWS = [
  '',
  '-L',
  '-Ln',
  '-Ln --stats',
  '-Ln --rate',
  '-Ln --thresholds',
  '-Ln --persistent-conn',
  '-Ln --tun-info',
  '-Ln --stats --exact',
  '-L -f 7',
  '-S',
  '-Sn',
  '-Lc',
  '-Lnc --persistent-conn',
  '-L --timeout',
  '-L --daemon',
];

function configuration(name: string): string {
  return readFileSync(join(import.meta.dirname, 'neighbours', name), 'utf8');
}

/** The rules of the namespace's table, as the genuine program saves them. */
async function rules(namespace: Namespace): Promise<string[]> {
  const { stdout } = await namespace.genuine(['-Sn']);
  return stdout.split('\n').slice(0, -1);
}

/** What a view shows, but for the seconds that a connection has left, and the thresholds that only ours saves. */
function steady(view: string, { code, stdout, stderr }: CommandResult): string {
  const text = stdout.replaceAll(/^(\S+ +)\d\d:\d\d /gm, '$1mm:ss ');
  const kept = view.startsWith('-S') ? text.replaceAll(/ -[xy] \d+/g, '') : text;
  return `# ipvsadm ${view}\n${kept}${stderr}${code}\n`;
}

/** Ours shows and saves the table as the genuine program does, and the rules it saves make an equal table. */
async function expectAgreement(namespace: Namespace, other: Namespace): Promise<void> {
  for (const view of VIEWS) {
    const words = view.split(' ').filter((word) => word !== '');
    // Rates, and the states of connections, may change between the two.
    await vi.waitFor(async () => {
      const ours = steady(view, await namespace.ipvsadm(words));
      expect(ours).toBe(steady(view, await namespace.genuine(words)));
    }, PATIENCE);
  }
  const saved = await namespace.ipvsadm(['-n'], { program: 'ipvsadm-save' });
  const restored = await other.ipvsadm([], { program: 'ipvsadm-restore', stdin: saved.stdout });
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  for (const view of ['-Sn', '-Ln --thresholds', '-Ln --tun-info']) {
    const there = await other.genuine(view.split(' '));
    const here = await namespace.genuine(view.split(' '));
    // Only here there are connections.
    expect(there.stdout).toBe(here.stdout.replaceAll(/\d+ +\d+ +$/gm, '0          0         '));
  }
}

describe('keepalived', () => {
  const director = useNamespace('keepalived');
  const restored = useNamespace('restored');
  const conf = configuration('keepalived.conf');

  beforeAll(async () => {
    const script = `ip link add eth0 type dummy && ip addr add 192.168.10.1/24 dev eth0
      ip link set eth0 up && ip addr add 192.0.2.1/32 dev lo
      exec busybox httpd -p 8000 -h /run/www >/dev/null 2>&1`;
    expect((await director().run(['sh', '-c', script])).code).toBe(0);
    await write(director(), 'conf', conf);
  });

  test('fills a table that ours lists, saves and edits as the genuine program does', async () => {
    const options = '-n -l -f conf -p main.pid -c checkers.pid -r vrrp.pid';
    const pid = await start(director(), `/usr/sbin/keepalived ${options}`);
    const table = () => rules(director());
    // It has added its last service, and has noticed that a server does not answer.
    const sorryServer = '-a -t 192.0.2.2:8080 -r 192.168.10.99:8000 -m -w 1';
    await expect.poll(table, PATIENCE).toContain(sorryServer);
    expect(await table()).toContain(
      '-a -t [2001:db8:2::11]:80 -r [2001:db8:10::2]:80 -i -w 1 --tun-type ipip',
    );
    // A client, for the table of connections: whether it is answered does not matter here.
    await director().run(['curl', '-s', '-m', '1', 'http://192.0.2.1/']);
    expect((await director().genuine(['-Lnc'])).stdout).toMatch(/^TCP .* 192\.0\.2\.1:80 /m);
    await expectAgreement(director(), restored());

    const edit = '-e -t 192.0.2.1:80 -r 192.168.10.3:80 -m -w 9';
    expect((await director().ipvsadm(edit.split(' '))).code).toBe(0);
    expect(await table()).toContain('-a -t 192.0.2.1:80 -r 192.168.10.3:80 -m -w 9');

    await write(director(), 'conf', conf.replace('weight 65535', 'weight 7'));
    await director().run(['kill', '-HUP', String(pid)]);
    await expect.poll(table, PATIENCE).toContain('-a -t 192.0.2.3:0 -r 192.168.10.2:0 -m -w 7');
    await expectAgreement(director(), restored());

    await stopKeepalived(director(), pid);
    expect(await table()).toEqual([]);
  });
});

describe('ldirectord', () => {
  const lab = useLab();
  const ours = useNamespace('ours');
  const genuine = useNamespace('genuine');
  const restored = useNamespace('restored');

  /** The rules for its configuration, when its real server is up or down. */
  const table = (up: boolean) => [
    '-A -t 192.0.2.2:8080 -s wrr -p 600 -M 255.255.255.0',
    ...(up ? [] : ['-a -t 192.0.2.2:8080 -r 127.0.0.1:9000 -m -w 1']),
    `-a -t 192.0.2.2:8080 -r 127.0.0.2:8000 -m -w ${up ? 3 : 0}`,
    '-A -f 8 -6 -s wlc',
  ];

  const serve = (namespace: Namespace) =>
    start(namespace, 'busybox httpd -f -p 127.0.0.2:8000 -h /run/www');

  /** What it and the commands it called said, without the times; Perl's own warnings left out. */
  async function log(namespace: Namespace): Promise<string[]> {
    const text = await read(namespace, 'log');
    return text
      .split('\n')
      .filter((line) => !line.startsWith('Use of uninitialized value'))
      .map((line) => line.replace(/^\[[^\]]*\] /, '').replace(/pid: \d+/, 'pid'))
      .map((line) => line.replaceAll(namespace.name, 'director'));
  }

  /** The real server comes, goes and comes back. Gives what the ipvsadm in use says of itself, and the log. */
  async function live(
    namespace: Namespace,
    before: string,
    whenUp?: () => Promise<void>,
  ): Promise<string[]> {
    const folder = folderOf(namespace);
    const file = `${namespace.name}.cf`;
    const rulesNow = () => rules(namespace);
    const toBe = (up: boolean) => expect.poll(rulesNow, PATIENCE).toEqual(table(up));
    await write(namespace, file, configuration('ldirectord.cf'));
    const server = await serve(namespace);
    // With this seed Perl walks its tables in the same order each time, so that logs can be compared.
    const environment = 'PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0';
    const line = `exec env ${environment} /usr/sbin/ldirectord ${folder}/${file} start`;
    const pid = await start(namespace, `{ ${before}; ipvsadm -v && ${line}; }`, 'log');
    await toBe(true);
    await whenUp?.();

    await stop(namespace, server);
    await toBe(false);
    const again = await serve(namespace);
    await toBe(true);

    await stop(namespace, pid);
    await stop(namespace, again);
    expect(await rulesNow()).toEqual([]);
    return await log(namespace);
  }

  // Some fifty processes, one after the other, by each of the two programs.
  const TIME = { timeout: 400_000, tags: 'long' };

  test(
    'adds, drains, removes and brings back real servers the same way with ours for its ipvsadm',
    TIME,
    async () => {
      await installOurCommands(lab());
      // Each process of `ip netns exec` has mounts of its own: nobody else sees this one.
      const drop = `mount --bind ${ourCommands}/ipvsadm /usr/sbin/ipvsadm`;
      const [version, ...said] = await live(genuine(), ':', () =>
        expectAgreement(genuine(), restored()),
      );
      const [ourVersion, ...done] = await live(ours(), drop);
      expect(version).toContain('compiled with popt');
      expect(ourVersion).toContain('package ipvs');
      expect(done).toEqual(said);
      expect(said).toContain(
        'Quiescent real server: 127.0.0.2:8000 (192.0.2.2:8080) (Weight set to 0)',
      );
    },
  );
});

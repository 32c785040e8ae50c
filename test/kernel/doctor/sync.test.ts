import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptVirtualAddress, buildFlatNetwork, type Network } from '../../lab/network.js';
import type { Namespace } from '../../lab/lab.js';
import { ask, hold, say, serve } from '../../lab/peers.js';
import { finding, findingsOf, fix, findAndFix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Two directors, the second of which is to take over from the first. */

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
const lab = useLab();
let network: Network;
let virtual: string;
let second: Namespace;

beforeAll(async () => {
  network = await buildFlatNetwork(lab(), { realServers: 2 });
  virtual = network.virtual.ipv4;
  const [realServer, other] = network.realServers;
  if (realServer === undefined || other === undefined) throw new Error('two machines');
  second = other.namespace;
  await acceptVirtualAddress(realServer.namespace, network.virtual);
  await serve(realServer.namespace, { name: 'rs1', tcp: [80] });
  await type(
    network.director,
    `
    -A -t ${virtual}:80 -s rr
    -a -t ${virtual}:80 -r ${realServer.addresses.ipv4} -g
    --start-daemon master --mcast-interface eth0 --syncid 5
  `,
  );
});

afterAll(async () => {
  await network.close();
});

/** Connections with enough packets to be synchronised, which the first director has done. */
async function talk(times = 1): Promise<readonly number[]> {
  const before = await toldBy(network.director);
  const ids: number[] = [];
  for (const { id } of await hold(network.client, { host: virtual, port: 80, times })) {
    ids.push(id);
    for (const line of ['a', 'b', 'c', 'd']) {
      expect(await say(network.client, id, line)).toBe(`rs1 ${line}`);
    }
  }
  await expect.poll(() => toldBy(network.director), PATIENCE).toBeGreaterThan(before);
  return ids;
}

/** How many messages a director has sent: the kernel keeps connections for up to 2 seconds to tell many at once. */
async function toldBy(director: Namespace): Promise<number> {
  const counters = await shell(director, 'cat /proc/net/snmp');
  return Number(/^Udp: (?:\d+ ){3}(\d+)/m.exec(counters)?.[1]);
}

async function known(): Promise<number> {
  const { stdout } = await second.ipvsadm(['-Lnc']);
  return stdout.match(/ESTABLISHED/g)?.length ?? 0;
}

test('sync-daemons-differ: two directors with the same settings get no connections from each other until the fix is typed', async () => {
  await type(
    second,
    `
    --start-daemon master --mcast-interface eth0 --syncid 5
    --start-daemon backup --mcast-interface eth0 --syncid 7 --sync-maxlen 1024 --mcast-port 8848
  `,
  );
  await talk();
  const before = (await findingsOf(second)).map(({ id }) => id);
  expect(before).toContain('sync-daemons-differ');
  expect(await findAndFix(second, 'sync-daemons-differ')).toEqual({
    severity: 'notice',
    occurrences: [
      {
        evidence: 'syncid: master 5, backup 7, maxlen: master 1472, backup 1024',
        fix: [
          'ipvsadm --stop-daemon backup',
          'ipvsadm --start-daemon backup --mcast-interface eth0 --syncid 5 --sync-maxlen 1472 ' +
            '--mcast-group 224.0.0.81 --mcast-port 8848 --mcast-ttl 1',
        ],
      },
    ],
  });
  // What was sent while it did not listen is not sent again.
  await talk();
  await expect.poll(known, PATIENCE).toBe(1);
});

test('sync-interface-down: connections arrive at the other director once the fix is typed', async () => {
  await type(second, '--stop-daemon master');
  const before = await known();
  await shell(second, 'ip link set dev eth0 down');
  expect(await findAndFix(second, 'sync-interface-down')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence: 'backup daemon on eth0: eth0 is down',
        fix: ['ip link set dev eth0 up'],
      },
    ],
  });
  await talk();
  await expect.poll(known, PATIENCE).toBe(before + 1);
});

test('sync-interface-down: an interface that has no address, and one that is gone', async () => {
  await shell(second, 'ip link add sync type dummy && ip link set dev sync up');
  await shell(second, 'ip address add 10.9.0.1/24 dev sync');
  await type(second, '--start-daemon master --mcast-interface sync --syncid 3');
  expect(await finding(second, 'sync-interface-down')).toBeUndefined();
  await shell(second, 'ip address del 10.9.0.1/24 dev sync');
  expect(await finding(second, 'sync-interface-down')).toMatchObject({
    occurrences: [
      {
        evidence: 'master daemon on sync: sync has no IPv4 address',
        fix: ['Give it one: ip address add ADDRESS/LENGTH dev sync'],
      },
    ],
  });
  await shell(second, 'ip link del sync');
  const gone = await finding(second, 'sync-interface-down');
  expect(gone).toMatchObject({
    occurrences: [
      {
        evidence: 'master daemon on sync: there is no sync',
        fix: [
          '# bring it back, then restart the daemon',
          'ipvsadm --stop-daemon master',
          'ipvsadm --start-daemon master --mcast-interface sync --syncid 3 --sync-maxlen 1472 ' +
            '--mcast-group 224.0.0.81 --mcast-port 8848 --mcast-ttl 1',
        ],
      },
    ],
  });
  await shell(second, 'ip link add sync type dummy && ip link set dev sync up');
  await shell(second, 'ip address add 10.9.0.1/24 dev sync');
  if (gone !== undefined) await fix(second, gone);
  expect(await finding(second, 'sync-interface-down')).toBeUndefined();
  await type(second, '--stop-daemon master');
});

test('sync-backup-without-rules: connections are lost when the second director takes over, with rules they are not', async () => {
  const { client, director } = network;
  const before = await known();
  const [lost = -1, kept = -1] = await talk(2);
  await expect.poll(known, PATIENCE).toBe(before + 2);
  expect(await finding(second, 'sync-backup-without-rules')).toMatchObject({
    severity: 'warning',
    occurrences: [
      {
        evidence: 'backup daemon on eth0, no services',
        fix: ['On the other director: ipvsadm-save -n >RULES. Here: ipvsadm-restore <RULES'],
      },
    ],
  });
  await shell(director, `ip address del ${virtual}/32 dev eth0`);
  await shell(second, `ip address add ${virtual}/32 dev eth0`);
  await shell(second, `arping -q -U -c 2 -w 1 -I eth0 ${virtual} || true`);
  const where = { host: virtual, port: 80 };
  expect(await say(client, lost, 'x')).toBe('failed: ECONNRESET');
  expect(await ask(client, where)).toEqual(['failed: ECONNREFUSED']);

  const { stdout: rules } = await director.ipvsadm(['-n'], { program: 'ipvsadm-save' });
  expect(await second.ipvsadm([], { program: 'ipvsadm-restore', stdin: rules })).toMatchObject({
    code: 0,
  });
  expect(await finding(second, 'sync-backup-without-rules')).toBeUndefined();
  expect(await say(client, kept, 'x')).toBe('rs1 x');
  expect(await ask(client, where)).toEqual(['rs1']);
});

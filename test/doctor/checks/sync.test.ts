import { expect, test } from 'vitest';
import {
  syncBackupWithoutRules,
  syncDaemonsDiffer,
  syncInterfaceDown,
} from '../../../src/doctor/checks/sync.js';
import type { SyncDaemonInput } from '../../../src/ipvs/model/daemon.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';

type Changes = Partial<SyncDaemonInput>;
const pair = (master: Changes, backup: Changes): readonly SyncDaemonInput[] => [
  { state: 'master', interface: 'eth0', ...master },
  { state: 'backup', interface: 'eth0', ...backup },
];

test('daemons are alike, or the backup listens to all', async () => {
  for (const daemons of [
    pair({}, {}),
    pair({ syncId: 5 }, { syncId: 5 }),
    pair({ syncId: 5 }, { syncId: 0 }),
    pair({ maximumLength: 1100 }, { maximumLength: 1400 }),
    pair({ syncId: 5 }, { syncId: 7 }).slice(0, 1),
    [],
  ]) {
    expect(await runCheck(syncDaemonsDiffer, { daemons })).toEqual([]);
  }
});

test.each<[string, Changes, Changes]>([
  ['syncid: master 0, backup 7', {}, { syncId: 7 }],
  ['port: master 8848, backup 8849', {}, { port: 8849 }],
  ['group: master 224.0.0.81, backup ff02::81', { group: '224.0.0.81' }, { group: 'ff02::81' }],
  ['maxlen: master 1400, backup 1100', { maximumLength: 1400 }, { maximumLength: 1100 }],
])('daemons differ: %s', async (words, master, backup) => {
  expect(await evidence(syncDaemonsDiffer, { daemons: pair(master, backup) })).toEqual([words]);
});

test('the backup is restarted on its own interface, with the settings of the master', async () => {
  const daemons = pair(
    { interface: 'eth0', syncId: 3, maximumLength: 1300, group: '224.0.0.99', port: 99, ttl: 2 },
    { interface: 'eth1', syncId: 4 },
  );
  expect(
    await runCheck(syncDaemonsDiffer, { daemons, interfaces: ['eth0', 'eth1'] }),
  ).toMatchObject([
    {
      fix: [
        'ipvsadm --stop-daemon backup',
        'ipvsadm --start-daemon backup --mcast-interface eth1 --syncid 3 --sync-maxlen 1300 --mcast-group 224.0.0.99 --mcast-port 99 --mcast-ttl 2',
      ],
    },
  ]);
});

const link = (flags: readonly string[], ...addresses: readonly [family: string, text: string][]) =>
  JSON.stringify([
    {
      ifname: 'eth0',
      flags,
      mtu: 1500,
      addr_info: addresses.map(([family, local]) => ({ family, local, prefixlen: 24 })),
    },
  ]);

test('an interface with an address of the group is well', async () => {
  const daemons = pair({ group: 'ff02::81' }, {});
  const run = () => link(['UP'], ['inet', '192.0.2.1'], ['inet6', '2001:db8::1']);
  expect(await runCheck(syncInterfaceDown, { daemons, run })).toEqual([]);
  const without6 = () => link(['UP'], ['inet', '192.0.2.1']);
  expect(await evidence(syncInterfaceDown, { daemons, run: without6 })).toEqual([
    'master daemon on eth0: eth0 has no IPv6 address',
  ]);
});

test('no daemon needs no interface, and no program that shows them', async () => {
  expect(await runCheck(syncInterfaceDown, {})).toEqual([]);
});

test('a name of an interface is no command', async () => {
  const name = 'a;reboot';
  const daemons = [{ state: 'master', interface: name } as const];
  const run = () => '[]';
  const [occurrence] = await runCheck(syncInterfaceDown, { daemons, interfaces: [name], run });
  expect(occurrence?.evidence).toBe('master daemon on a;reboot: there is no a;reboot');
  expect(occurrence?.fix.at(-1)).toContain(" --mcast-interface 'a;reboot' --syncid 0 ");
});

test('a backup with a service, and a master without, are well', async () => {
  const [master, backup] = pair({}, {});
  if (master === undefined || backup === undefined) throw new Error('a pair');
  expect(await runCheck(syncBackupWithoutRules, { daemons: [master] })).toEqual([]);
  const services = [{ service: { firewallMark: 1 } }] as const;
  expect(await runCheck(syncBackupWithoutRules, { daemons: [backup], services })).toEqual([]);
  expect(await runCheck(syncBackupWithoutRules, { daemons: [backup] })).toHaveLength(1);
});

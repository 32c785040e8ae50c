import { expect, test } from 'vitest';
import { connectionReuse, quiescentPersistence } from '../../../src/doctor/checks/draining.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import type { PresetDestination, PresetService } from '../../../src/testing/presets.js';

const TEMPLATES = 'net/ipv4/vs/expire_quiescent_template';
const REUSE = 'net/ipv4/vs/conn_reuse_mode';

function draining(server: Partial<PresetDestination>, persistent = true): Known {
  const service: PresetService = {
    service: { protocol: 'tcp', address: '2001:db8::1', port: 80 },
    settings: persistent ? { persistence: { timeoutSeconds: 60 } } : {},
    destinations: [
      {
        destination: { address: '2001:db8::11', port: 80 },
        settings: { weight: 0 },
        ...server,
      },
    ],
  };
  return { services: [service], settings: { [TEMPLATES]: 0, [REUSE]: 0 } };
}

test('persistent clients of a real server of weight 0 are counted', async () => {
  expect(await evidence(quiescentPersistence, draining({ persistentConnections: 1200 }))).toEqual([
    'tcp:[2001:db8::1]:80: [2001:db8::11]:80 has weight 0 and 1,200 persistent clients, net.ipv4.vs.expire_quiescent_template = 0',
  ]);
});

test('nothing is found without persistent clients, persistence, weight 0 or the setting', async () => {
  const clients = { persistentConnections: 1 };
  const passed: readonly Known[] = [
    draining({}),
    draining(clients, false),
    draining({ ...clients, settings: { weight: 1 } }),
    { ...draining(clients), settings: { [TEMPLATES]: 1 } },
    { ...draining(clients), settings: {} },
  ];
  for (const known of passed) expect(await runCheck(quiescentPersistence, known)).toEqual([]);
});

test('all connections of a real server of weight 0 count, in whatever state', async () => {
  const known = draining({ activeConnections: 2, inactiveConnections: 3 }, false);
  expect(await evidence(connectionReuse, known)).toEqual([
    'tcp:[2001:db8::1]:80: [2001:db8::11]:80 has weight 0 and 5 connections, net.ipv4.vs.conn_reuse_mode = 0',
  ]);
});

test('ports that are used again are no finding where the kernel looks at the weight', async () => {
  const known = draining({ inactiveConnections: 3 });
  for (const settings of [
    {},
    { [REUSE]: 1 },
    { [REUSE]: 0, 'net/ipv4/vs/expire_nodest_conn': 1 },
  ]) {
    expect(await runCheck(connectionReuse, { ...known, settings })).toEqual([]);
  }
  expect(await runCheck(connectionReuse, draining({}))).toEqual([]);
});

test.each([
  ['5.4.0-200-generic', 1, 0],
  ['4.19.0', 1, 0],
  ['5.4.0-200-generic', 0, 1],
  ['5.9.0', 1, 1],
  ['6.1.0-18-amd64', 1, 1],
  ['something else', 0, 1],
])('with kernel %s and conntrack = %i: %i', async (release, conntrack, count) => {
  const settings = {
    [REUSE]: 0,
    'kernel/osrelease': release,
    'net/ipv4/vs/conntrack': conntrack,
  };
  const known = { ...draining({ inactiveConnections: 3 }), settings };
  expect(await runCheck(connectionReuse, known)).toHaveLength(count);
});

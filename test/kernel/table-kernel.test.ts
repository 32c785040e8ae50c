/** The kernel of the unit tests answers as the real one does: the same calls, the same outcomes, the same table. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useNamespace } from '../support/director.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import { callOn } from './fixtures/client-calls.js';
import { IpvsClient } from '../../src/index.js';

const director = useNamespace();
const file = join(import.meta.dirname, 'fixtures/client-calls.ts');

type Call = readonly [method: keyof IpvsClient, ...args: unknown[]];

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 };
const mark6 = { firewallMark: 7, family: 'ipv6' };
const real = { address: '10.0.0.2', port: 8080 };
const other = { address: '10.0.0.3', port: 80 };
const real6 = { address: '2001:db8::2', port: 0 };
const tun = { forwardingMethod: 'tun' };
const master = { state: 'master', interface: 'eth0', syncId: 3 };

const calls: readonly Call[] = [
  ['info'],
  ['timeouts'],
  ['service', web],
  ['destinations', web],
  ['replaceService', web],
  ['deleteService', web],
  ['zero', { service: web }],
  ['addDestination', web, real],
  ['addService', web, { scheduler: 'unheard' }],
  ['addService', web, { persistenceEngine: 'unheard' }],
  [
    'addService',
    web,
    {
      scheduler: 'sh',
      schedulerFlags: [1],
      persistence: { timeoutSeconds: 9, netmask: '255.255.0.0' },
    },
  ],
  ['addService', web],
  ['addService', mark6, { onePacket: true, persistence: { timeoutSeconds: 1, prefixLength: 64 } }],
  ['services'],
  ['replaceDestination', web, real],
  ['deleteDestination', web, real],
  [
    'addDestination',
    web,
    real,
    { forwardingMethod: 'nat', weight: 5, upperThreshold: 9, lowerThreshold: 3 },
  ],
  ['addDestination', web, real],
  ['addDestination', web, other, { weight: -1 }],
  ['addDestination', web, other, { lowerThreshold: 1 }],
  ['addDestination', web, { ...other, address: '2001:db8::3' }],
  ['addDestination', web, other, { ...tun, tunnel: { type: 'gue' } }],
  [
    'addDestination',
    web,
    other,
    { ...tun, tunnel: { type: 'gue', port: 6080, checksum: 'remote' } },
  ],
  ['addDestination', web, { ...other, address: '2001:db8::3' }, tun],
  ['addDestination', mark6, real6],
  ['replaceDestination', web, real, { forwardingMethod: 'nat', weight: -1 }],
  ['replaceDestination', web, real, { forwardingMethod: 'nat', weight: 0 }],
  ['destinations', web],
  ['destinations', mark6],
  ['replaceService', web, { scheduler: 'unheard' }],
  ['replaceService', web, { scheduler: 'rr' }],
  ['service', web],
  ['zero', { service: web }],
  ['zero'],
  ['deleteDestination', web, real],
  ['deleteDestination', web, real],
  ['destinations', web],
  ['setTimeouts', { tcpSeconds: 4294967295 }],
  ['setTimeouts', { tcpSeconds: 600, udpSeconds: 30 }],
  ['timeouts'],
  ['syncDaemons'],
  ['stopSyncDaemon', 'master'],
  ['startSyncDaemon', master],
  ['deleteDestination', web, { ...other, address: '2001:db8::3' }],
  ['startSyncDaemon', { ...master, interface: 'eth9' }],
  ['startSyncDaemon', master],
  ['startSyncDaemon', master],
  ['startSyncDaemon', { ...master, interface: 'eth9' }],
  ['addDestination', web, { ...other, address: '2001:db8::3' }, tun],
  ['startSyncDaemon', { state: 'backup', interface: 'eth0' }],
  ['syncDaemons'],
  ['stopSyncDaemon', 'master'],
  ['stopSyncDaemon', 'backup'],
  ['syncDaemons'],
  ['deleteService', mark6],
  ['table'],
  ['flush'],
  ['services'],
];

beforeAll(async () => {
  const script =
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up';
  expect((await director().run(['sh', '-ec', script])).code).toBe(0);
});

test('the same calls have the same outcomes', async () => {
  const client = await IpvsClient.open({ socket: tableKernel() });
  for (const [method, ...args] of calls) {
    const actual = await director().call(file, 'call', method, ...args);
    expect([method, args, inOrder(await callOn(client, method, ...args))]).toEqual([
      method,
      args,
      inOrder(actual),
    ]);
  }
});

/** Lists are compared in any order: the real one's is that of its hash table. */
function inOrder(outcome: unknown): unknown {
  const { value } = outcome as { readonly value?: unknown };
  if (!Array.isArray(value)) return outcome;
  return value.map((one) => JSON.stringify(one)).sort();
}

import { expect, test } from 'vitest';
import { connectionTableSmall } from '../../../src/doctor/checks/connection-table.js';
import { runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';

function busy(connections: number, connectionTableSize: number): Known {
  return {
    connectionTableSize,
    services: [
      {
        service: { firewallMark: 1 },
        destinations: [
          {
            destination: { address: '10.0.0.11', port: 0 },
            activeConnections: connections - 2,
            inactiveConnections: 1,
            persistentConnections: 1,
          },
        ],
      },
    ],
    files: { '/proc/modules': 'ip_vs_rr 16384 1 - Live 0x0\nip_vs 180224 3 ip_vs_rr, Live 0x0\n' },
  };
}

test.each([
  [4097, 4096, 14],
  [40_000, 4096, 17],
  [300_000, 4096, 20],
  [5_000_000, 4096, 20],
  [65_536, 32_768, 17],
  [9, 8, 8],
])('%i connections in %i buckets want conn_tab_bits=%i', async (connections, buckets, bits) => {
  expect(await runCheck(connectionTableSmall, busy(connections, buckets))).toMatchObject([
    {
      fix: [
        `echo 'options ip_vs conn_tab_bits=${bits}' >>/etc/modprobe.d/ip_vs.conf`,
        '# then reboot: it takes effect when the module is next loaded',
      ],
    },
  ]);
});

test('the size is set on the kernel command line where IPVS is built in', async () => {
  const known = {
    ...busy(4097, 4096),
    files: { '/proc/modules': 'ip_vs_rr 16384 1 - Live 0x0\n' },
  };
  expect(await runCheck(connectionTableSmall, known)).toEqual([
    {
      evidence: '4,097 connections, 4,096 buckets (size=4096)',
      fix: ['Add ip_vs.conn_tab_bits=14 to the kernel command line, and reboot.'],
    },
  ]);
});

test('nothing is found where there is room, no larger table, or one that grows', async () => {
  expect(await runCheck(connectionTableSmall, busy(4096, 4096))).toEqual([]);
  expect(await runCheck(connectionTableSmall, busy(5_000_000, 2 ** 20))).toEqual([]);
  const settings = { 'net/ipv4/vs/conn_lfactor': -4 };
  expect(await runCheck(connectionTableSmall, { ...busy(9000, 4096), settings })).toEqual([]);
});

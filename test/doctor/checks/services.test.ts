import { expect, test } from 'vitest';
import {
  serviceAllQuiet,
  serviceFull,
  thresholdReached,
} from '../../../src/doctor/checks/services.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import type { PresetDestination } from '../../../src/testing/presets.js';

function known(...servers: readonly Omit<PresetDestination, 'destination'>[]): Known {
  return {
    services: [
      {
        service: { firewallMark: 7, family: 'ipv6' },
        destinations: servers.map((server, index) => ({
          destination: { address: `2001:db8::${index + 1}`, port: 0 },
          ...server,
        })),
      },
    ],
  };
}

const limited = (upperThreshold: number, activeConnections: number, weight = 1) => ({
  settings: { upperThreshold, weight },
  activeConnections,
});

test('a service by mark whose weights are 0 is reported with a fix for each real server', async () => {
  const tunnel = { type: 'gue', port: 6080, checksum: 'full' } as const;
  const quiet = { settings: { weight: 0 } };
  const tunnelled = { settings: { weight: 0, forwardingMethod: 'tun', tunnel } } as const;
  expect(await runCheck(serviceAllQuiet, known(quiet, tunnelled))).toEqual([
    {
      evidence: 'mark:7/ipv6: weight 0 at [2001:db8::1]:0, [2001:db8::2]:0',
      fix: [
        'ipvsadm -e -f 7 -6 -r [2001:db8::1]:0 -g -w 1',
        'ipvsadm -e -f 7 -6 -r [2001:db8::2]:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum',
      ],
    },
  ]);
});

test('a service without real servers is not quiet, nor is one with a weight', async () => {
  expect(await runCheck(serviceAllQuiet, known())).toEqual([]);
  expect(await runCheck(serviceAllQuiet, known({ settings: { weight: 0 } }, {}))).toEqual([]);
});

test('no threshold is none that can be reached', async () => {
  for (const check of [serviceFull, thresholdReached]) {
    expect(await runCheck(check, known(limited(0, 1000)))).toEqual([]);
    expect(await runCheck(check, known(limited(3, 2)))).toEqual([]);
    expect(await runCheck(check, known())).toEqual([]);
  }
});

test('inactive connections count, and what has weight 0 helps nobody', async () => {
  const full = { settings: { upperThreshold: 3 }, activeConnections: 1, inactiveConnections: 2 };
  const servers = known(full, limited(0, 0, 0));
  expect(await evidence(serviceFull, servers)).toEqual([
    'mark:7/ipv6: [2001:db8::1]:0 has 1 active and 2 inactive connections, its upper threshold is 3',
  ]);
  expect(await runCheck(thresholdReached, servers)).toEqual([]);
});

test('a full real server of weight 0 is none that misses connections', async () => {
  const servers = known(limited(2, 2, 0), limited(0, 0));
  for (const check of [serviceFull, thresholdReached]) {
    expect(await runCheck(check, servers)).toEqual([]);
  }
});

test('the threshold that is proposed is one that the kernel takes, and the lower one stays', async () => {
  const largest = 0xffff_fff0;
  const server = {
    settings: { upperThreshold: largest, lowerThreshold: 9 },
    activeConnections: largest,
  };
  expect(await runCheck(serviceFull, known(server))).toMatchObject([
    { fix: ['ipvsadm -e -f 7 -6 -r [2001:db8::1]:0 -g -w 1 -x 4294967295 -y 9'] },
  ]);
});

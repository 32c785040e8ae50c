import { describe, expect, test } from 'vitest';
import { answersMissing } from '../../../src/doctor/checks/answers.js';
import { connection, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import type { PresetDestination } from '../../../src/testing/presets.js';

const FORWARDING = { 'net/ipv4/ip_forward': 1, 'net/ipv6/conf/all/forwarding': 1 };
const SILENT = { incomingPackets: 9n, outgoingPackets: 0n };

const opening = (count: number, state = 'SYN_RECV', end = '10.0.0.11:8080') =>
  Array.from({ length: count }, (_, index) =>
    connection(`TCP ${state}`, `198.51.100.7:${index + 1024}`, '192.0.2.1:80', end),
  );

function nat(server: Partial<PresetDestination> = {}): Known {
  return {
    settings: FORWARDING,
    services: [
      {
        service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
        destinations: [
          {
            destination: { address: '10.0.0.11', port: 8080 },
            settings: { forwardingMethod: 'nat' },
            statistics: SILENT,
            ...server,
          },
        ],
      },
    ],
    connections: opening(5),
    run: (program) =>
      program === 'ip' ? '[{"dst":"10.0.0.11","dev":"eth1","prefsrc":"10.0.0.1"}]\n' : undefined,
  };
}

test('the gateway that is proposed is the address by which the director reaches the real server', async () => {
  expect(await runCheck(answersMissing, nat())).toEqual([
    {
      evidence:
        'tcp:192.0.2.1:80: 5 connections to 10.0.0.11:8080 in SYN_RECV, 9 packets in, 0 out',
      fix: ['On 10.0.0.11: ip route replace default via 10.0.0.1'],
    },
  ]);
});

test('answers that went out once, and do not now, are missing too', async () => {
  const statistics = {
    incomingPackets: 9000n,
    outgoingPackets: 9000n,
    rates: { incomingPacketsPerSecond: 3, outgoingPacketsPerSecond: 0 },
  };
  expect(await runCheck(answersMissing, nat({ statistics }))).toHaveLength(1);
});

test('IPv6 is proposed by its own command', async () => {
  const connections = opening(6).map((one) => ({
    ...one,
    ...connection('', '[2001:db8::7]:1024', '[2001:db8::1]:80', '[2001:db8:1::11]:80'),
    protocol: 'tcp',
    state: 'SYN_RECV',
  }));
  const known: Known = {
    settings: FORWARDING,
    services: [
      {
        service: { protocol: 'tcp', address: '2001:db8::1', port: 80 },
        destinations: [
          {
            destination: { address: '2001:db8:1::11', port: 80 },
            settings: { forwardingMethod: 'nat' },
            statistics: SILENT,
          },
        ],
      },
    ],
    connections,
    run: () => '[{"dst":"2001:db8:1::11","dev":"eth1","prefsrc":"2001:db8:1::1"}]\n',
  };
  expect(await runCheck(answersMissing, known)).toMatchObject([
    { fix: ['On 2001:db8:1::11: ip -6 route replace default via 2001:db8:1::1'] },
  ]);
});

describe('nothing is found', () => {
  test.each<[string, Known]>([
    ['of few connections', { ...nat(), connections: opening(4) }],
    [
      'where as many are further',
      { ...nat(), connections: [...opening(5), ...opening(5, 'ESTABLISHED')] },
    ],
    ['of another real server', { ...nat(), connections: opening(9, 'SYN_RECV', '10.0.0.12:80') }],
    ['where all has ended', nat({ statistics: { incomingPackets: 9n, outgoingPackets: 9n } })],
    [
      'in a flood that is answered',
      nat({
        statistics: {
          incomingPackets: 9n,
          outgoingPackets: 9n,
          rates: { incomingPacketsPerSecond: 1, outgoingPacketsPerSecond: 1 },
        },
      }),
    ],
    ['before the counters are', nat({ statistics: {} })],
    ['by direct routing', nat({ settings: { forwardingMethod: 'dr' } })],
    [
      'without forwarding, which is a finding of its own',
      { ...nat(), settings: { 'net/ipv4/ip_forward': 0 } },
    ],
  ])('%s', async (_, known) => {
    expect(await runCheck(answersMissing, known)).toEqual([]);
  });
});

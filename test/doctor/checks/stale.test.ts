import { describe, expect, test } from 'vitest';
import { staleConnections, staleUdp } from '../../../src/doctor/checks/stale.js';
import { connection, evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import type { PresetService } from '../../../src/testing/presets.js';

const settings = { 'net/ipv4/vs/expire_nodest_conn': 0 };
const CLIENT = '198.51.100.7:40000';

function service(protocol: 'tcp' | 'udp', port: number, ...servers: string[]): PresetService {
  return {
    service: { protocol, address: '192.0.2.1', port },
    settings: { persistence: { timeoutSeconds: 60 } },
    destinations: servers.map((address) => ({
      destination: { address, port },
      settings: { forwardingMethod: 'nat' },
    })),
  };
}

const web: Known = { settings, services: [service('tcp', 80, '10.0.0.11')] };
const established = (virtual: string, destination: string, source = CLIENT) =>
  connection('TCP ESTABLISHED', source, virtual, destination);

test('connections are counted for each service and real server', async () => {
  const connections = [1, 2, 3].map((port) =>
    established('192.0.2.1:80', '10.0.0.12:80', `198.51.100.7:${port}`),
  );
  connections.push(established('192.0.2.1:80', '10.0.0.13:80'));
  expect(await evidence(staleConnections, { ...web, connections })).toEqual([
    'tcp:192.0.2.1:80 to 10.0.0.12:80, which is not in the table: 3 connections, net.ipv4.vs.expire_nodest_conn = 0',
    'tcp:192.0.2.1:80 to 10.0.0.13:80, which is not in the table: 1 connection, net.ipv4.vs.expire_nodest_conn = 0',
  ]);
});

test('a real server that another service still has is gone from this one', async () => {
  const services = [service('tcp', 80, '10.0.0.11'), service('tcp', 443, '10.0.0.12')];
  const connections = [established('192.0.2.1:80', '10.0.0.12:80')];
  expect(await runCheck(staleConnections, { settings, services, connections })).toHaveLength(1);
});

test('what has no service any more is stale where no service has its real server', async () => {
  const connections = [established('192.0.2.9:80', '10.0.0.12:80')];
  expect(await runCheck(staleConnections, { ...web, connections })).toHaveLength(1);
});

test('UDP is reported separately', async () => {
  const services = [service('udp', 53, '10.0.0.11')];
  const connections = [connection('UDP UDP', CLIENT, '192.0.2.1:53', '10.0.0.12:53')];
  expect(await runCheck(staleConnections, { settings, services, connections })).toEqual([]);
  expect(await evidence(staleUdp, { settings, services, connections })).toEqual([
    'udp:192.0.2.1:53 to 10.0.0.12:53, which is not in the table: 1 connection, net.ipv4.vs.expire_nodest_conn = 0',
  ]);
});

test('IPv6 addresses are reported in brackets', async () => {
  const connections = [established('[2001:db8::1]:80', '[2001:db8::12]:80', '[2001:db8::7]:4000')];
  expect(await evidence(staleConnections, { ...web, connections })).toEqual([
    expect.stringMatching(/^tcp:\[2001:db8::1\]:80 to \[2001:db8::12\]:80, /),
  ]);
});

describe('nothing is found', () => {
  const connections = [established('192.0.2.1:80', '10.0.0.12:80')];

  test('when the setting is on, or this kernel has it not', async () => {
    const on = { 'net/ipv4/vs/expire_nodest_conn': 1 };
    expect(await runCheck(staleConnections, { ...web, connections, settings: on })).toEqual([]);
    expect(await runCheck(staleConnections, { ...web, connections, settings: {} })).toEqual([]);
  });

  test('where a backup daemon may have brought them', async () => {
    const daemons = [{ state: 'backup', interface: 'eth0' }] as const;
    expect(await runCheck(staleConnections, { ...web, connections, daemons })).toEqual([]);
    const master = [{ state: 'master', interface: 'eth0' }] as const;
    expect(await runCheck(staleConnections, { ...web, connections, daemons: master })).toHaveLength(
      1,
    );
  });

  test.each([
    ['to a real server in the table', established('192.0.2.1:80', '10.0.0.11:80')],
    [
      'that is closing, and goes by itself',
      connection('TCP FIN_WAIT', CLIENT, '192.0.2.1:80', '10.0.0.12:80'),
    ],
    ['that transfers a file', established('192.0.2.1:40123', '10.0.0.11:40123')],
    ['past a real server', established('192.0.2.1:80', '192.0.2.1:80')],
    ['template', connection('TCP ESTABLISHED', '198.51.100.7:0', '192.0.2.1:80', '10.0.0.12:80')],
  ])('of a connection %s', async (_, one) => {
    expect(await runCheck(staleConnections, { ...web, connections: [one] })).toEqual([]);
  });

  test('of a service of every port', async () => {
    const services = [service('tcp', 0, '10.0.0.12')];
    expect(await runCheck(staleConnections, { settings, services, connections })).toEqual([]);
  });

  test('where a mark may have brought it there', async () => {
    const marked: PresetService = {
      service: { firewallMark: 7 },
      destinations: [{ destination: { address: '10.0.0.12', port: 0 } }],
    };
    const services = [marked, ...(web.services ?? [])];
    expect(await runCheck(staleConnections, { settings, services, connections })).toEqual([]);
  });
});

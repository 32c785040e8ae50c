import { describe, expect, test } from 'vitest';
import { ftpModuleMissing, portMappingIgnored } from '../../../src/doctor/checks/ports.js';
import { runCheck } from '../../support/doctor-facts.js';
import type { PresetService } from '../../../src/testing/presets.js';

const address = '192.0.2.1';

describe('port-mapping-ignored', () => {
  const mapped = (port: number, ...servers: readonly number[]): PresetService => ({
    service: { protocol: 'udp', address, port },
    settings: { persistence: { timeoutSeconds: 60 } },
    destinations: servers.map((own) => ({
      destination: { address: '192.0.2.11', port: own },
      settings: { forwardingMethod: 'tun', weight: 5 },
    })),
  });

  test('where the right one is there already, the other goes', async () => {
    expect(await runCheck(portMappingIgnored, { services: [mapped(53, 5353, 53)] })).toEqual([
      {
        evidence: 'udp:192.0.2.1:53: 192.0.2.11:5353 by tun',
        fix: ['ipvsadm -d -u 192.0.2.1:53 -r 192.0.2.11:5353'],
      },
    ]);
  });

  test('is none with NAT, a mark, every port, or on this machine itself', async () => {
    const server = (forwardingMethod: 'nat' | 'dr' | 'local', port: number) => [
      { destination: { address: '192.0.2.11', port }, settings: { forwardingMethod } },
    ];
    const service = { protocol: 'tcp', address, port: 80 } as const;
    const services: readonly PresetService[] = [
      { service, destinations: server('nat', 8080) },
      { service: { ...service, port: 81 }, destinations: server('local', 8081) },
      { service: { firewallMark: 1 }, destinations: server('dr', 8080) },
      mapped(0, 53),
    ];
    expect(await runCheck(portMappingIgnored, { services })).toEqual([]);
  });
});

describe('ftp-module-missing', () => {
  const HEADING = 'prot port    usecnt name\n';
  const ftp = (port: number, forwardingMethod: 'nat' | 'dr' = 'nat'): PresetService => ({
    service: { protocol: 'tcp', address, port },
    settings: { persistence: { timeoutSeconds: 60 } },
    destinations: [
      { destination: { address: '192.0.2.11', port }, settings: { forwardingMethod } },
    ],
  });
  const none = { files: { '/proc/net/ip_vs_app': HEADING } };

  test('is reported for port 21 alone', async () => {
    expect(
      await runCheck(ftpModuleMissing, { ...none, services: [ftp(21), ftp(80)] }),
    ).toHaveLength(1);
    const other = { files: { '/proc/net/ip_vs_app': `${HEADING}TCP  2121   0      ftp\n` } };
    expect(await runCheck(ftpModuleMissing, { ...other, services: [ftp(21)] })).toHaveLength(1);
  });

  test('is none by direct routing, with a service for every port, or with the module', async () => {
    const there = { files: { '/proc/net/ip_vs_app': `${HEADING}TCP  21     3      ftp\n` } };
    expect(await runCheck(ftpModuleMissing, { ...there, services: [ftp(21)] })).toEqual([]);
    expect(await runCheck(ftpModuleMissing, { ...none, services: [ftp(21, 'dr')] })).toEqual([]);
    expect(await runCheck(ftpModuleMissing, { ...none, services: [ftp(0), ftp(21)] })).toEqual([]);
    expect(await runCheck(ftpModuleMissing, { services: [ftp(21)] })).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import type { AgentConfig, CheckConfig, ServiceConfig } from '../../../src/agent/config/config.js';
import { formatState } from '../../../src/state/file/format.js';
import { parseState } from '../../../src/state/file/parse.js';

const configOf = (text: string): AgentConfig => readAgentConfig(parseState(text));

function serviceOf(text: string): ServiceConfig {
  const [service] = configOf(text).services;
  if (service === undefined) throw new Error('there is no service');
  return service;
}

/** All checks of the first service. */
const checksOf = (text: string): readonly CheckConfig[] =>
  serviceOf(text).servers.flatMap(({ checks }) => checks);
const keysOf = (text: string): readonly string[] => checksOf(text).map(({ key }) => key);

const web = (lines: string, servers = '[10.0.0.2:80]', service = 'tcp:192.0.2.1:80'): string =>
  `services:\n  - service: ${service}\n    servers: ${servers}\n    ${lines}\n`;

describe('what is left out', () => {
  test('has the defaults of the file format', () => {
    const config = configOf(web('check: {type: tcp}'));
    expect(config).toMatchObject({ reconcileMs: 30_000, timeouts: undefined });
    expect(config.services).toMatchObject([
      {
        key: 'tcp:192.0.2.1:80',
        name: undefined,
        onFailure: 'quiet',
        slowStartMs: 0,
        sorryServer: undefined,
        quorum: { kind: 'servers', count: 1 },
        hysteresis: 0,
        failOpen: { kind: 'none-up' },
        initial: 'starting',
        drainMs: 30_000,
        servers: [
          {
            key: '10.0.0.2:80',
            checks: [
              {
                key: 'tcp 10.0.0.2:80',
                type: 'tcp',
                rules: {
                  ...{ intervalMs: 2000, fastIntervalMs: 1000, downIntervalMs: 5000 },
                  ...{ rise: 2, fall: 3 },
                },
                settings: { tls: false, verify: true },
                target: { port: 80, source: undefined, through: 'server', timeoutMs: 2000 },
              },
            ],
          },
        ],
      },
    ]);
  });

  test('a server that fails leaves a UDP service, which would keep its clients on it', () => {
    expect(serviceOf(web('name: dns', '[10.0.0.2:53]', 'udp:192.0.2.1:53')).onFailure).toBe(
      'remove',
    );
    expect(serviceOf(web('onFailure: quiet', '[10.0.0.2:53]', 'udp:192.0.2.1:53')).onFailure).toBe(
      'quiet',
    );
    expect(serviceOf(web('name: a', '[]', 'mark:1')).onFailure).toBe('quiet');
  });

  test('a service has no checks', () => {
    expect(checksOf(web('name: web'))).toEqual([]);
  });
});

test('what is written is read', () => {
  const text = `
reconcile: 5s
drain: 1m
services:
  - service: tcp:192.0.2.1:80
    name: web
    slowStart: 500ms
    quorum: 50%
    hysteresis: 1
    failOpen: 30%
    initial: up
    onFailure: remove
  - service: mark:7
    quorum: 3
    failOpen: never
    drain: 0s
`;
  expect(configOf(text)).toMatchObject({
    reconcileMs: 5000,
    services: [
      {
        name: 'web',
        slowStartMs: 500,
        quorum: { kind: 'share', percent: 50 },
        hysteresis: 1,
        failOpen: { kind: 'share', percent: 30 },
        initial: 'up',
        onFailure: 'remove',
        drainMs: 60_000,
      },
      { quorum: { kind: 'servers', count: 3 }, failOpen: { kind: 'never' }, drainMs: 0 },
    ],
  });
});

describe('the checks of a server', () => {
  test('are those of defaults, in whose place come those of its service, and then its own', () => {
    const text = `
defaults: {check: {type: tcp}}
services:
  - service: tcp:192.0.2.1:80
    servers: [10.0.0.1:80]
  - service: tcp:192.0.2.2:80
    check: {type: http}
    servers:
      - 10.0.0.2:80
      - {server: 10.0.0.3:80, check: [{type: ping}, {type: smtp}]}
      - {server: 10.0.0.4:80, check: none}
  - service: tcp:192.0.2.3:80
    check: none
    servers: [10.0.0.5:80, {server: 10.0.0.6:80, check: {type: tcp}}]
`;
    const types = configOf(text).services.map(({ servers }) =>
      servers.map(({ checks }) => checks.map(({ type }) => type)),
    );
    expect(types).toEqual([[['tcp']], [['http'], ['ping', 'smtp'], []], [[], ['tcp']]]);
  });

  test('ask the address and port of the server, unless they name others', () => {
    const [own, other, port] = checksOf(
      web(
        'check: [{type: tcp}, {type: tcp, address: "2001:db8::9", port: 99, source: "2001:db8::1"}, {type: http, port: 81}]',
      ),
    );
    expect(
      [own, other, port].map((check) => `${check?.target.address} ${check?.target.port}`),
    ).toEqual(['10.0.0.2 80', '2001:db8::9 99', '10.0.0.2 81']);
    expect(`${other?.target.source}`).toBe('2001:db8::1');
  });

  test('hold the settings of their type alone, with their defaults', () => {
    const [http] = checksOf(web('check: {type: http, host: www.example.com, interval: 1m}'));
    expect(http?.settings).toEqual({
      ...{ method: 'GET', path: '/', host: 'www.example.com', status: ['200-399'] },
      redirects: 'none',
    });
    expect(http?.rules.intervalMs).toBe(60_000);
  });
});

describe('checks are one', () => {
  test('for several services, when they ask the same in the same way', () => {
    const text = `
defaults: {check: {type: http, path: /healthz}}
services:
  - {service: "tcp:192.0.2.1:80", servers: ["10.0.0.2:80"]}
  - {service: "tcp:192.0.2.2:80", servers: ["10.0.0.2:80"]}
`;
    const keys = configOf(text).services.map(({ servers }) => servers[0]?.checks[0]?.key);
    expect(keys[0]).toBe('http 10.0.0.2:80 {"path":"/healthz"}');
    expect(keys[1]).toBe(keys[0]);
  });

  test.each([
    ['defaults that are written out', '{type: tcp, interval: 2s, rise: 2, verify: true}'],
    ['another way to write a time', '{type: tcp, timeout: 2000ms}'],
    ['the address and port of the server', '{type: tcp, address: 10.0.0.2, port: 80}'],
  ])('in spite of %s', (_what, check) => {
    expect(keysOf(web(`check: ${check}`))).toEqual(keysOf(web('check: {type: tcp}')));
  });

  test('in spite of the order of keys', () => {
    const one = '{type: http, path: /a, headers: {a: "1", b: "2"}}';
    const other = '{headers: {b: "2", a: "1"}, path: /a, type: http}';
    expect(keysOf(web(`check: ${one}`))).toEqual(keysOf(web(`check: ${other}`)));
  });

  test.each([
    '{type: http}',
    '{type: tcp, address: 10.0.0.3}',
    '{type: tcp, port: 81}',
    '{type: tcp, source: 10.0.0.9}',
    '{type: tcp, through: path}',
    '{type: tcp, timeout: 3s}',
    '{type: tcp, interval: 3s}',
    '{type: tcp, fastInterval: 3s}',
    '{type: tcp, downInterval: 3s}',
    '{type: tcp, rise: 1}',
    '{type: tcp, fall: 1}',
    '{type: tcp, send: a}',
    '{type: tcp, send: {hex: "61"}}',
    '{type: tcp, tls: true}',
  ])('but not %s and one without settings', (check) => {
    expect(keysOf(web(`check: ${check}`))).not.toEqual(keysOf(web('check: {type: tcp}')));
  });

  test('but not programs, which are told the service and the server', () => {
    const check = 'check: {type: exec, command: [/bin/true], address: 10.0.0.9, port: 1}';
    const [one, other] = keysOf(web(check, '[10.0.0.2:80, 10.0.0.3:80]'));
    expect(one).toContain('exec 10.0.0.9:1 tcp:192.0.2.1:80 10.0.0.2:80');
    expect(other).toContain('10.0.0.3:80');
  });

  test('and are told apart in a short text, however long their settings are', () => {
    const long = 'x'.repeat(100_000);
    const [one, other] = keysOf(
      web(`check: [{type: tcp, send: ${long}}, {type: tcp, send: ${long}y}]`),
    );
    expect(one).not.toBe(other);
    expect(one?.length).toBeLessThan(100);
  });
});

describe('a sorry server', () => {
  test('has weight 1 and the method of its service', () => {
    const text = `
defaults: {method: dr, weight: 7, sorryServer: "10.0.0.9:80"}
services:
  - {service: "tcp:192.0.2.1:80"}
  - {service: "tcp:192.0.2.2:80", method: nat, sorryServer: "127.0.0.1:8080"}
  - service: tcp:192.0.2.3:80
    sorryServer: {server: 10.0.0.8:80, weight: 3, method: tun}
`;
    const sorry = configOf(text).services.map(({ sorryServer }) => [
      sorryServer?.key,
      sorryServer?.settings.forwardingMethod,
      sorryServer?.settings.weight,
    ]);
    expect(sorry).toEqual([
      ['10.0.0.9:80', 'dr', 1],
      ['127.0.0.1:8080', 'nat', 1],
      ['10.0.0.8:80', 'tun', 3],
    ]);
  });

  test('of defaults must be one that each service could have', () => {
    const text =
      'defaults: {method: dr, sorryServer: "10.0.0.9:81"}\nservices: [{service: "tcp:192.0.2.1:80"}]';
    expect(() => configOf(text)).toThrow(
      'state:1:37: 10.0.0.9:81: with method dr the port must be',
    );
  });

  test.each(['yaml', 'json'] as const)('is the same after it was written as %s', (format) => {
    const text = `
defaults: {method: dr, sorryServer: "10.0.0.9:80"}
services:
  - {service: "tcp:192.0.2.1:80"}
  - {service: "tcp:192.0.2.2:80", servers: ["10.0.0.2:80"]}
  - {service: "tcp:192.0.2.3:80", sorryServer: {server: "10.0.0.8:80", weight: 3, method: tun}}
`;
    const state = parseState(text);
    const again = parseState(formatState(state, format));
    const sorryServers = readAgentConfig(again).services.map(({ sorryServer }) => sorryServer);
    expect(sorryServers).toEqual(configOf(text).services.map(({ sorryServer }) => sorryServer));
  });

  test('may have a port with a name', () => {
    const desired = parseState(web('sorryServer: 10.0.0.9:http'), { ports: () => 80 });
    expect(readAgentConfig(desired).services[0]?.sorryServer?.key).toBe('10.0.0.9:80');
  });
});

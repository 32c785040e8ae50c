import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { tableChanges } from '../../../src/state/diff.js';
import { formatState } from '../../../src/state/file/format.js';
import type { StateFormat } from '../../../src/state/file/format.js';
import { stateOfTable } from '../../../src/state/file/of-table.js';
import { parseState } from '../../../src/state/file/parse.js';
import { yamlEntry } from '../../../src/state/file/yaml-text.js';
import { asWanted } from '../../../src/state/table.js';
import type { WantedService } from '../../../src/state/table.js';
import { toWantedTable } from '../../../src/state/wanted-table.js';
import { arbitraryTable } from '../../support/arbitrary-table.js';
import { schemaErrors } from '../../support/schema.js';

const formats: readonly StateFormat[] = ['yaml', 'json', 'rules'];

/** The table after it was written and read. */
function readBack(table: readonly WantedService[], format: StateFormat): readonly WantedService[] {
  const { state, comments } = stateOfTable(table, format, () => undefined);
  return parseState(formatState(state, format, { comments })).services;
}

/** Runs a property often enough for every day, and at length. */
function holds(name: string, property: () => fc.IProperty<unknown>): void {
  test(name, () => {
    fc.assert(property(), { numRuns: 100 });
  });
  test(`${name}, at length`, { tags: 'long' }, () => {
    fc.assert(property(), { numRuns: 1000 });
  });
}

for (const format of formats) {
  holds(`any table is the same after it was written as ${format} and read`, () =>
    fc.property(arbitraryTable, (entries) => {
      const table = entries.map(asWanted);
      expect(tableChanges(table, readBack(table, format))).toEqual([]);
      expect(tableChanges(readBack(table, format), table)).toEqual([]);
    }),
  );
}

holds('whatever is written, the schema allows', () =>
  fc.property(arbitraryTable, (entries) => {
    const { state } = stateOfTable(entries.map(asWanted), 'yaml', () => undefined);
    expect(schemaErrors('stateFile', parse(formatState(state, 'yaml')))).toEqual([]);
    expect(schemaErrors('stateFile', JSON.parse(formatState(state, 'json')))).toEqual([]);
  }),
);

holds('any value that is written as YAML is read as it was', () =>
  fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
    const text = yamlEntry('key', value, '').join('\n');
    expect((parse(text) as { key: unknown }).key).toEqual(JSON.parse(JSON.stringify(value)));
  }),
);

test('words that other readers take for something else are quoted', () => {
  const words = [
    'yes',
    'NO',
    'null',
    '~',
    '12',
    '1:20',
    '0x1',
    '1e3',
    '',
    ' a',
    'a: b',
    'a #b',
    '- a',
  ];
  for (const word of words) {
    expect(yamlEntry('key', word, '')).toEqual([`key: ${JSON.stringify(word)}`]);
  }
  for (const word of ['tcp:192.0.2.1:80', '10.0.0.2:8080', '500ms', '50%', '200-299', '/healthz']) {
    expect(yamlEntry('key', word, '')).toEqual([`key: ${word}`]);
  }
});

describe('what the kernel can hold beyond the rules of ipvsadm', () => {
  const service = 'tcp:192.0.2.1:80';

  test.each([
    ['an engine without persistence', { persistenceEngine: 'sip' }],
    ['one-packet scheduling of TCP', { onePacket: true }],
    ['a timeout beyond that of ipvsadm', { persistence: { timeoutSeconds: 2 ** 32 - 1 } }],
    ['persistence of no time', { persistence: { timeoutSeconds: 0 } }],
    ['no scheduler', { scheduler: 'none' }],
    ['a netmask that is no prefix', { persistence: { timeoutSeconds: 1, netmask: '0.0.0.1' } }],
  ])('%s comes back from YAML and JSON', (_what, settings) => {
    const table = toWantedTable([{ service, settings }]);
    for (const format of ['yaml', 'json'] as const) {
      expect(tableChanges(table, readBack(table, format))).toEqual([]);
    }
  });

  test('port 0 without persistence, thresholds above 2³¹ and a method that the kernel chose', () => {
    const destinations = [
      { destination: '10.0.0.2:0', settings: { upperThreshold: 2 ** 32 - 1 } },
      { destination: '10.0.0.3:0', settings: { forwardingMethod: 'local' } },
    ] as const;
    const table = toWantedTable([{ service: 'tcp:192.0.2.1:0', destinations }]);
    expect(tableChanges(table, readBack(table, 'yaml'))).toEqual([]);
  });

  test('what a state file may not ask for is a comment, and is reported', () => {
    const destinations = [
      { destination: '10.0.0.2:80', settings: { forwardingMethod: 'bypass' } },
      { destination: '10.0.0.3:81', settings: { forwardingMethod: 'dr' } },
      { destination: '10.0.0.4:80' },
    ] as const;
    const table = toWantedTable([{ service, destinations }]);
    const { state, comments, lost } = stateOfTable(table, 'yaml', () => 'web');
    expect(lost).toHaveLength(2);
    expect(formatState(state, 'yaml', { comments })).toBe(`version: 1
services:
  # not exported: -a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1 (10.0.0.2:80: method bypass is the kernel's own)
  # not exported: -a -t 192.0.2.1:80 -r 10.0.0.3:81 -g -w 1 (10.0.0.3:81: with method dr the port must be that of the service, 80; only method nat has another)
  - name: web
    service: tcp:192.0.2.1:80
    scheduler: wlc
    method: dr
    servers:
      - 10.0.0.4:80
`);
  });
});

test('what a file says of health, timeouts and daemons comes back', () => {
  const text = `version: 1
timeouts: {tcpSeconds: 900, udpSeconds: 300}
syncDaemons: [{role: backup, interface: eth1, syncId: 1, group: 224.0.0.82, port: 8849}]
reconcile: 30s
services:
  - name: web
    service: "tcp:[2001:db8::1]:443"
    scheduler: mh
    schedulerFlags: [mh-fallback, mh-port]
    persistence: {timeoutSeconds: 60, prefixLength: 64, engine: sip}
    method: tun
    check: {type: https, path: /healthz, status: [200, 204-206], verify: false}
    quorum: 50%
    onChange: [/usr/local/bin/tell, "a b", "yes"]
    servers:
      - "[2001:db8::2]:443"
      - {server: 10.0.0.3:443, weight: 0, tunnel: {type: gue, port: 6080, checksum: remote}}
      - {server: "[2001:db8::4]:443", check: none}
`;
  const state = parseState(text);
  expect(formatState(state, 'yaml')).toBe(text);
  expect(parseState(formatState(state, 'json'))).toEqual(state);
});

test('comments stand at their place and end no line', () => {
  const state = parseState('services: [{service: "mark:1", servers: [10.0.0.2:80]}]');
  const comments = {
    head: ['made of\nkeepalived.conf'],
    services: new Map([['mark:1', ['before the service \u001b[31m']]]),
    servers: new Map([['mark:1', new Map([['10.0.0.2:80', ['before the server\r- x: y']]])]]),
    tail: ['the end'],
  };
  const text = formatState(state, 'yaml', { comments });
  expect(text.split('\n')).toEqual([
    '# made of',
    '# keepalived.conf',
    'version: 1',
    'services:',
    '  # before the service ?[31m',
    '  - service: mark:1',
    '    scheduler: wlc',
    '    method: nat',
    '    servers:',
    '      # before the server',
    '      # - x: y',
    '      - 10.0.0.2:80',
    '# the end',
    '',
  ]);
  expect(parseState(text)).toEqual(state);
  expect(parseState(formatState(state, 'rules', { comments })).services).toEqual(state.services);
});

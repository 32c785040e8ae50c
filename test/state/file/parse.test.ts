import { describe, expect, test } from 'vitest';
import { StateFileError } from '../../../src/state/file/desired.js';
import { parseState } from '../../../src/state/file/parse.js';
import { schemaErrors } from '../../support/schema.js';
import { brokenFiles } from './broken-files.js';

/** What is said of a text. */
function complaints(text: string): string {
  try {
    parseState(text, { file: 'web' });
  } catch (error) {
    if (error instanceof StateFileError) return error.message;
    throw error;
  }
  return '';
}

describe('a file that is wrong is refused, with the place and the reason', () => {
  test.each(brokenFiles)('%s', (_what, text, ...problems) => {
    const said = complaints(text);
    for (const problem of problems) {
      expect(said).toContain(/^\d+:/.test(problem) ? `web:${problem}` : problem);
    }
    // eslint-disable-next-line no-control-regex -- it must not reach a terminal
    expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('there are a hundred of them', () => {
    expect(brokenFiles.length).toBeGreaterThanOrEqual(100);
  });
});

describe('what would take too much is refused at once', () => {
  const deepest = 200_000;
  test.each([
    ['deep lists', `services: ${'['.repeat(deepest)}`, 'values are nested too deeply'],
    ['deep objects', '{a: '.repeat(deepest), 'values are nested too deeply'],
    ['deep lines', '- '.repeat(deepest), 'values are nested too deeply'],
    ['deep JSON', `{"a":${'['.repeat(deepest)}${']'.repeat(deepest)}}`, 'unknown key "a"'],
    ['50 MB of JSON', `{"a":"${'x'.repeat(50_000_000)}"}`, 'may have 32 MiB at most'],
    ['50 MB of YAML', `a: ${'x'.repeat(50_000_000)}`, 'may have 32 MiB at most'],
    ['9 MiB of YAML', `a: ${'x'.repeat(9 * 2 ** 20)}`, 'YAML may have 8 MiB'],
    ['a million lists of YAML', `a: [${'a,'.repeat(1_200_000)}]`, 'there is too much up to here'],
  ])('%s', (_what, text, message) => {
    const before = process.memoryUsage().rss;
    expect(complaints(text)).toContain(message);
    expect(process.memoryUsage().rss - before).toBeLessThan(700e6);
  });

  test('aliases that make billions of values of a few lines', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level <= 12; level += 1) {
      const items = Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ');
      lines.push(`a${level}: &a${level} [${items}]`);
    }
    expect(complaints(lines.join('\n'))).toContain('aliases make more than 1000000 values');
  });

  test('ten thousand mistakes are told as the first thousand', () => {
    const text = `services: [${'7, '.repeat(10_000)}]`;
    expect(complaints(text).split('\n')).toHaveLength(1000);
  });
});

describe('a file that is right', () => {
  test.each(['', '\n', '# nothing\n', '---\n', '{}', 'version: 1\n', 'services: []\n', '\ufeff'])(
    '%j asks for nothing',
    (text) => {
      expect(parseState(text)).toEqual({
        timeouts: undefined,
        syncDaemons: undefined,
        services: [],
        agent: {},
      });
    },
  );

  test('names of ports are looked up where that is possible', () => {
    const ports = (name: string, protocol: string | undefined) =>
      name === 'domain' && protocol !== 'tcp' ? 53 : undefined;
    const text = 'services: [{service: "udp:192.0.2.1:domain", servers: ["10.0.0.2:domain"]}]';
    const [dns] = parseState(text, { ports }).services;
    expect(dns).toMatchObject({ id: { port: 53 }, destinations: [{ id: { port: 53 } }] });
  });

  test('anchors and aliases stand for what they name', () => {
    const text = `
defaults: {check: &health {type: tcp, interval: 1s}}
services:
  - {service: "mark:1", servers: &all [10.0.0.2:80, 10.0.0.3:80]}
  - {service: "mark:2", servers: *all, check: [*health]}
`;
    const [one, two] = parseState(text).services;
    expect(two?.destinations).toEqual(one?.destinations);
    expect(two?.health).toEqual({ check: [one?.health['check']] });
  });

  test('a mistake behind an alias is where the anchor is', () => {
    const text =
      'services:\n  - {service: "mark:1", servers: &all [7]}\n  - {service: "mark:2", servers: *all}\n';
    expect(complaints(text)).toContain('web:2:40: servers: 7 is not a real server');
  });

  test('what a listing prints is read, with counters above 2⁵³, and what it has observed is not kept', () => {
    const listed = {
      schemaVersion: 1,
      services: [
        {
          service: 'tcp:192.0.2.1:80',
          scheduler: 'wrr',
          statistics: { connections: 1 },
          rates: {},
          servers: [
            {
              server: '10.0.0.2:8080',
              method: 'nat',
              weight: 3,
              connections: { active: 1, inactive: 0, persistent: 0 },
              overloaded: true,
            },
          ],
        },
      ],
    };
    const text = JSON.stringify(listed).replace(
      '"connections":1',
      '"connections":18446744073709551615',
    );
    const [web] = parseState(text).services;
    expect(web).toMatchObject({ settings: { scheduler: 'wrr' }, health: {} });
    expect(web?.destinations).toEqual([
      expect.objectContaining({ settings: expect.objectContaining({ weight: 3 }) as unknown }),
    ]);
  });

  test('defaults are those of the file, then of the service, then of the server', () => {
    const text = `
defaults: {method: nat, weight: 5, scheduler: rr, quorum: 2}
services:
  - {service: "mark:1", servers: [10.0.0.2:80, {server: 10.0.0.3:80, method: tun, weight: 1}]}
  - {service: "mark:2", scheduler: sh, method: dr, quorum: 1, servers: [10.0.0.2:0]}
`;
    const [one, two] = parseState(text).services;
    const methods = one?.destinations.map(({ settings }) => settings.forwardingMethod);
    expect([one?.settings.scheduler, methods, one?.health]).toEqual([
      'rr',
      ['nat', 'tun'],
      { quorum: 2 },
    ]);
    expect(one?.destinations.map(({ settings }) => settings.weight)).toEqual([5, 1]);
    expect(two?.destinations[0]?.settings).toMatchObject({ forwardingMethod: 'dr', weight: 5 });
    expect([two?.settings.scheduler, two?.health]).toEqual(['sh', { quorum: 1 }]);
  });

  test('rules may set timeouts and start daemons', () => {
    const state = parseState(
      'ipvsadm -A -t 192.0.2.1:80 -s rr\n--set 900 0 300\n--start-daemon master --mcast-interface eth1 --syncid 3\n',
    );
    expect(state.timeouts).toEqual({ tcpSeconds: 900, udpSeconds: 300 });
    expect(state.syncDaemons).toMatchObject([{ state: 'master', interface: 'eth1', syncId: 3 }]);
  });
});

test('the schema rejects keys that the parser rejects', () => {
  const service = { service: 'mark:1' };
  for (const value of [
    { schedular: 1 },
    { services: [{ ...service, schedular: 'rr' }] },
    { services: [{ ...service, servers: [{ server: '10.0.0.2:80', weigth: 1 }] }] },
    { services: [{ ...service, check: { type: 'tcp', path: '/' } }] },
    { services: [{ ...service, scheduler: 'wrrr' }] },
    { services: [{}] },
    { timeouts: { tcp: 1 } },
  ]) {
    expect(complaints(JSON.stringify(value))).not.toBe('');
    expect(schemaErrors('stateFile', value)).not.toEqual([]);
  }
});

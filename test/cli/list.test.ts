/** What `ipvs list` shows, of a kernel with a table of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { describe, expect, test } from 'vitest';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { formatServiceId } from '../../src/ipvs/model/service.js';
import type { PresetService } from '../../src/testing/presets.js';
import { lookingScene } from '../support/looking-scene.js';
import type { Viewer } from '../support/looking-scene.js';

const WEB = 'tcp:192.0.2.10:80';
const DNS = 'udp:192.0.2.9:53';
const SIX = 'tcp:[2001:db8::1]:443';
const MARK = 'mark:7';
/** In the order of listings: by the bytes of addresses, then those by mark. */
const ALL = [WEB, DNS, SIX, MARK];

const counted = {
  connections: 12_345n,
  incomingPackets: 99_999n,
  outgoingPackets: 1_000_000n,
  incomingBytes: 2n ** 60n + 1n,
  outgoingBytes: 0n,
  rates: { connectionsPerSecond: 5, incomingBytesPerSecond: 1500 },
};
const services: readonly PresetService[] = [
  { service: MARK, settings: { scheduler: 'rr' } },
  {
    service: WEB,
    settings: { scheduler: 'wrr' },
    statistics: counted,
    destinations: [
      {
        destination: '10.0.0.10:8080',
        settings: { forwardingMethod: 'nat', weight: 1, upperThreshold: 5, lowerThreshold: 2 },
        activeConnections: 4,
        inactiveConnections: 1,
      },
      {
        destination: '10.0.0.9:8080',
        settings: { forwardingMethod: 'nat', weight: 3 },
        activeConnections: 7,
        statistics: counted,
      },
    ],
  },
  {
    service: DNS,
    settings: { scheduler: 'sh', onePacket: true, schedulerFlags: [1] },
    destinations: [
      { destination: '10.0.0.8:53', settings: { forwardingMethod: 'dr', weight: 0 } },
      {
        destination: '10.0.1.7:53',
        settings: { forwardingMethod: 'dr', weight: 0 },
        activeConnections: 2,
      },
    ],
  },
  {
    service: SIX,
    settings: { scheduler: 'wlc', persistence: { timeoutSeconds: 600, prefixLength: 64 } },
    destinations: [
      {
        destination: '[2001:db8::2]:443',
        settings: { forwardingMethod: 'tun', tunnel: { type: 'gue', port: 6080 } },
        persistentConnections: 2,
      },
    ],
  },
];

const scene = () => lookingScene(services, { [WEB]: 'web' });
const list = (words = '', viewer: Viewer = {}) => scene().run(`list ${words}`.trim(), viewer);

interface Listed {
  readonly schemaVersion: number;
  readonly services: readonly {
    readonly service: string;
    readonly servers?: readonly { readonly server: string }[];
  }[];
}

async function listed(words: string): Promise<Listed['services']> {
  const { status, stdout, stderr } = await list(`${words} --json`.trim());
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return (JSON.parse(stdout) as Listed).services;
}

const namesOf = (found: Listed['services']) => found.map(({ service }) => service);
const serversOf = (found: Listed['services']) =>
  found.flatMap(({ servers = [] }) => servers.map(({ server }) => server));

describe('as a table', () => {
  test.each(['', '--stats', '--thresholds', '--persistent', '--rates --no-servers', '-o wide'])(
    'ipvs list %s is as it was looked at',
    async (words) => {
      const { status, stdout } = await list(words);
      expect(status).toBe(0);
      const name = `list ${words}`.trim().replaceAll(/\W+/g, '-');
      const file = join(import.meta.dirname, `../fixtures/screens/${name}.txt`);
      if (process.env['IPVS_CAPTURE'] === '1') writeFileSync(file, stdout);
      expect(stdout).toBe(readFileSync(file, 'utf8'));
    },
  );

  test('of IPv4 services without remarks fits a terminal of 80 columns, with all counters one of 160', async () => {
    const table = lookingScene([
      {
        service: 'tcp:203.0.113.100:65535',
        settings: { scheduler: 'lblcr' },
        destinations: [
          {
            destination: '203.0.113.101:65535',
            settings: { forwardingMethod: 'local', weight: 65535, upperThreshold: 1_000_000 },
            activeConnections: 999_990,
            inactiveConnections: 99_999,
          },
          { destination: '203.0.113.102:65535' },
        ],
      },
    ]);
    const widest = async (words: string) =>
      Math.max(...(await table.run(words)).stdout.split('\n').map(({ length }) => length));
    expect(await widest('list')).toBeLessThanOrEqual(80);
    expect(await widest('list --stats --rates')).toBeLessThanOrEqual(160);
  });

  test('columns are those that are named, in their order, with a line for each real server where that is one', async () => {
    expect((await list('--columns service,server,share,scheduler')).stdout).toBe(
      'SERVICE                SERVER             SHARE  SCHED\n' +
        'tcp:192.0.2.10:80      10.0.0.9:8080        75%  wrr\n' +
        'tcp:192.0.2.10:80      10.0.0.10:8080       25%  wrr\n' +
        'udp:192.0.2.9:53       10.0.0.8:53               sh\n' +
        'udp:192.0.2.9:53       10.0.1.7:53               sh\n' +
        'tcp:[2001:db8::1]:443  [2001:db8::2]:443   100%  wlc\n' +
        'mark:7                                           rr\n',
    );
  });

  test('counters and rates are shortened, unless all digits are wanted', async () => {
    const columns =
      '--columns incomingBytes,incomingPackets,incomingBytesPerSecond --no-servers web';
    expect((await list(columns)).stdout).toBe('INBYTES  INPKTS  INBPS\n  1.2EB    100k  1.5kB\n');
    expect((await list(`${columns} --exact`)).stdout).toBe(
      '            INBYTES  INPKTS  INBPS\n1152921504606846977   99999   1500\n',
    );
  });

  test('names are looked up on request', async () => {
    const resolver = {
      addressOf: () => Promise.reject(new Error('no')),
      nameOf: (address: string) =>
        address === '192.0.2.9'
          ? Promise.resolve('dns.example\u001B')
          : Promise.reject(new Error('no')),
    };
    const { stdout } = await list(`--names --columns service ${DNS}`, { resolver });
    expect(stdout).toBe('SERVICE\nudp:dns.example?:domain\n  10.0.0.8:domain\n  10.0.1.7:domain\n');
  });

  test('colours mark what gets no connections; without them the words say it', async () => {
    const { stdout } = await list('', { hasColours: true });
    expect(stdout).toContain('\u001B[31mmark:7\u001B[39m');
    expect(stdout).toContain('\u001B[33mdraining\u001B[39m');
    // eslint-disable-next-line no-control-regex -- colours are to be taken out
    expect(stdout.replaceAll(/\u001B\[\d+m/g, '')).toBe((await list()).stdout);
  });

  test('an empty one is a sentence on a terminal, and titles elsewhere', async () => {
    const empty = lookingScene([]);
    const screen = { columns: 80, rows: 24 };
    expect(await empty.run('list', { screen })).toEqual({
      status: 0,
      stdout: 'There is no virtual service to be shown.\n',
      stderr: '',
    });
    expect((await empty.run('list')).stdout).toMatch(/^SERVICE .*\n$/);
    expect((await empty.run('list --json')).stdout).toBe('{"schemaVersion":1,"services":[]}\n');
    expect((await empty.run('list -o ndjson')).stdout).toBe('');
  });
});

describe('for programs', () => {
  test('is the table: counters of full length, keys in a fixed order, a service a line', async () => {
    const { stdout } = await list(`--json ${WEB}`);
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stdout).toContain('"incomingBytes":1152921504606846977,');
    expect(stdout).toMatch(
      /^\{"schemaVersion":1,"services":\[\n\{"service":"tcp:192\.0\.2\.10:80","name":"web","scheduler":"wrr","statistics":\{"connections":12345,/,
    );
    expect(stdout).toContain(
      '{"server":"10.0.0.10:8080","method":"nat","weight":1,"upperThreshold":5,"lowerThreshold":2,"connections":{"active":4,"inactive":1,"persistent":0},"overloaded":true,"statistics":{"connections":0,',
    );
  });

  test('NDJSON and YAML have the same content', async () => {
    const found = await listed(DNS);
    const { stdout } = await list(`-o ndjson ${DNS}`);
    expect(JSON.parse(stdout)).toEqual({ type: 'service', ...found[0] });
    const yaml = (await list(`-o yaml ${DNS}`)).stdout;
    expect(parseYaml(yaml)).toEqual({ schemaVersion: 1, services: found });
    const exact = (await list(`-o yaml ${WEB}`)).stdout;
    expect(exact).toContain('incomingBytes: 1152921504606846977\n');
  });

  test('real servers are left out on request', async () => {
    expect((await listed('--no-servers')).some((service) => 'servers' in service)).toBe(false);
  });

  test('what is read back is what the kernel has', async () => {
    const weight = fc.integer({ min: 0, max: 65_535 });
    const counter = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n });
    const preset = fc.record({ mark: fc.integer({ min: 1, max: 0xffff_ffff }), weight, counter });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(preset, { selector: ({ mark }) => mark }),
        async (presets) => {
          const table = lookingScene(
            presets.map((one) => ({
              service: `mark:${one.mark}`,
              statistics: { incomingBytes: one.counter },
              destinations: [{ destination: '10.0.0.1:0', settings: { weight: one.weight } }],
            })),
          );
          const { services: found } = JSON.parse((await table.run('list --json')).stdout) as {
            services: {
              service: string;
              statistics: { incomingBytes: number };
              servers: { weight: number }[];
            }[];
          };
          await using client = await IpvsClient.open({ socket: table.kernel });
          const expected = [];
          for await (const { service, destinations } of client.table()) {
            expected.push([
              formatServiceId(service.id),
              Number(service.statistics.incomingBytes),
              destinations[0]?.settings.weight,
            ]);
          }
          const read = found.map((one) => [
            one.service,
            one.statistics.incomingBytes,
            one.servers[0]?.weight,
          ]);
          expect(read.sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('what is listed', () => {
  test.each([
    ['', ALL],
    ['web', [WEB]],
    [`${MARK} ${WEB}`, [WEB, MARK]],
    ['udp/192.0.2.9:domain', [DNS]],
    ['10.0.0.9', [WEB]],
    ['[2001:db8::2]:https', [SIX]],
    ['--protocol tcp', [WEB, SIX]],
    ['--scheduler rr', [MARK]],
    ['--address 192.0.2.0/24', [WEB, DNS]],
    ['--address 2001:db8::/32', [SIX]],
    ['--address 192.0.2.0/24 --protocol udp', [DNS]],
    ['--down --protocol udp', [DNS]],
  ])('ipvs list %s: %j', async (words, expected) => {
    expect(namesOf(await listed(words))).toEqual(expected);
  });

  test.each([
    ['10.0.0.9:8080', ['10.0.0.9:8080', '10.0.0.10:8080']],
    ['--method tun', ['[2001:db8::2]:443']],
    ['--server 10.0.0.0/24', ['10.0.0.9:8080', '10.0.0.10:8080', '10.0.0.8:53']],
    ['--server 10.0.0.0/24:53', ['10.0.0.8:53']],
    ['--server [2001:db8::/64]:443', ['[2001:db8::2]:443']],
    ['--down', ['10.0.0.10:8080', '10.0.0.8:53', '10.0.1.7:53']],
    ['--down --method nat', ['10.0.0.10:8080']],
  ])('of real servers: ipvs list %s: %j', async (words, expected) => {
    expect(serversOf(await listed(words))).toEqual(expected);
  });

  test('a service without a real server is down', async () => {
    expect(namesOf(await listed('--down'))).toEqual([WEB, DNS, MARK]);
  });

  test.each([
    ['service', ALL],
    ['service:desc', [...ALL].reverse()],
    ['scheduler', [MARK, DNS, SIX, WEB]],
    ['weight:desc', [WEB, SIX, DNS, MARK]],
    ['active:desc', [WEB, DNS, SIX, MARK]],
    ['incomingBytes:asc', [DNS, SIX, MARK, WEB]],
    ['name:desc', [WEB, DNS, SIX, MARK]],
  ])('--sort %s puts services in the order %j', async (key, expected) => {
    expect(namesOf(await listed(`--sort ${key}`))).toEqual(expected);
  });

  test.each([
    ['service', ['10.0.0.9:8080', '10.0.0.10:8080']],
    ['server:desc', ['10.0.0.10:8080', '10.0.0.9:8080']],
    ['weight', ['10.0.0.10:8080', '10.0.0.9:8080']],
    ['share:desc', ['10.0.0.9:8080', '10.0.0.10:8080']],
  ])('--sort %s puts the real servers of a service in the order %j', async (key, expected) => {
    expect(serversOf(await listed(`--sort ${key} ${WEB}`))).toEqual(expected);
  });

  test('what does not exist is named, and the rest is shown all the same', async () => {
    const { status, stdout, stderr } = await list(`nosuch ${DNS} 10.9.9.9 mark:8 --json`);
    expect(status).toBe(1);
    expect(namesOf((JSON.parse(stdout) as Listed).services)).toEqual([DNS]);
    expect(stderr.split('\n')).toEqual([
      'There is no virtual service with the name nosuch. To see what there is: ipvs list',
      'There is no real server 10.9.9.9. To see what there is: ipvs list',
      'There is no virtual service mark:8. To see what there is: ipvs list',
      '',
    ]);
  });

  test.each([
    ['--columns service,colour', '--columns "colour": no such column. Columns: service, server,'],
    ['--sort weight:up', '--sort "": no such column.'],
    ['--server 10.0.0.0/33', '"10.0.0.0/33" is not an address, alone'],
    ['--address x', '"x" is not an address, alone'],
    ['tcp:1', 'service: "tcp:1" is not of the form'],
    ['--watch web', 'Write selectors before --watch.'],
    ['--protocol icmp', 'Allowed choices are tcp, udp, sctp.'],
  ])('ipvs list %s is refused', async (words, complaint) => {
    const { status, stdout, stderr } = await list(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(complaint);
  });

  test('an address without a port that has several ports is ambiguous', async () => {
    const twice = lookingScene([
      {
        service: MARK,
        destinations: [{ destination: '10.0.0.2:1' }, { destination: '10.0.0.2:2' }],
      },
    ]);
    expect(await twice.run('list 10.0.0.2')).toEqual({
      status: 2,
      stdout: '',
      stderr: '10.0.0.2 is ambiguous: name one of 10.0.0.2:1, 10.0.0.2:2\n',
    });
  });
});

describe('watching', () => {
  const screen = { columns: 80, rows: 6 };

  test('redraws on a terminal, no longer than that is, until it is interrupted', async () => {
    const interrupt = (printed: string) => (printed.split('\u001B[H').length > 2 ? 130 : undefined);
    const { status, stdout } = await list('--watch 0.1', { screen, interrupt });
    expect(status).toBe(130);
    const frame = [
      '\u001B[HSERVICE                NAME  SCHED  METHOD  WEIGHT  SHARE  ACTIVE  INACT  STATUS',
      'tcp:192.0.2.10:80      web   wrr                               11      1',
      '  10.0.0.9:8080                     nat          3    75%       7      0',
      '  10.0.0.10:8080                    nat          1    25%       4      1  overloaded',
      '... 6 more lines',
      '\u001B[J',
    ].join('\u001B[K\n');
    expect(stdout).toBe(`\u001B[2J${frame}${frame}`);
  });

  test('prints table after table elsewhere', async () => {
    const interrupt = (printed: string) => (printed.split('\n\n').length > 1 ? 143 : undefined);
    const { status, stdout } = await list(`--watch 0.1 --no-servers --columns service ${MARK}`, {
      interrupt,
    });
    expect(status).toBe(143);
    expect(stdout).toBe('SERVICE\nmark:7\n\nSERVICE\nmark:7\n');
  });

  test('prints each change as a line of JSON, with what was before and after', async () => {
    const table = scene();
    await using client = await IpvsClient.open({ socket: table.kernel });
    const lines = 4;
    const running = table.run('list -o ndjson --watch 0.1', {
      interrupt: (printed) => (printed.split('\n').length > lines ? 130 : undefined),
    });
    await expect
      .poll(() => table.kernel.requests.some(({ command }) => command === 'GET_DEST'))
      .toBe(true);
    await new Promise(setImmediate);
    await client.batch([
      {
        type: 'replaceDestination',
        service: WEB,
        destination: '10.0.0.9:8080',
        settings: { forwardingMethod: 'nat', weight: 0 },
      },
      { type: 'addDestination', service: MARK, destination: '10.0.0.1:0' },
      { type: 'replaceService', service: DNS, settings: { scheduler: 'rr' } },
      { type: 'deleteService', service: SIX },
    ]);
    const { status, stdout } = await running;
    expect(status).toBe(130);
    const changes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(changes.slice(0, 4)).toEqual([
      {
        type: 'changed',
        service: WEB,
        name: 'web',
        server: '10.0.0.9:8080',
        from: { method: 'nat', weight: 3 },
        to: { method: 'nat', weight: 0 },
      },
      {
        type: 'changed',
        service: DNS,
        from: { scheduler: 'sh', schedulerFlags: ['sh-fallback'], onePacket: true },
        to: { scheduler: 'rr' },
      },
      { type: 'added', service: MARK, server: '10.0.0.1:0', to: { method: 'dr', weight: 1 } },
      expect.objectContaining({ type: 'removed', service: SIX }) as unknown,
    ]);
  });
});

/** What `ipvs stats` shows, of a kernel whose counters a test sets. */
import { describe, expect, test } from 'vitest';
import { currentSample, sampleBetween } from '../../src/cli/actions/stats.js';
import { parseServiceId } from '../../src/ipvs/model/selectors.js';
import type { Counters } from '../../src/state/counters.js';
import { noCounters } from '../../src/state/counters.js';
import type { PresetService } from '../../src/testing/presets.js';
import { lookingScene } from '../support/looking-scene.js';

const WEB = 'tcp:192.0.2.1:80';
const presets: readonly PresetService[] = [
  {
    service: 'mark:7',
    statistics: { connections: 1n, rates: { connectionsPerSecond: 2 } },
    destinations: [{ destination: '10.0.0.9:0' }],
  },
  {
    service: WEB,
    statistics: {
      connections: 10n,
      incomingBytes: 2n ** 60n + 1n,
      rates: { connectionsPerSecond: 3, incomingBytesPerSecond: 1500 },
    },
  },
];
const scene = () => lookingScene(presets, { [WEB]: 'web' });

describe('once', () => {
  test('shows the counters of each service, and of all', async () => {
    expect(await scene().run('stats')).toEqual({
      status: 0,
      stdout:
        'SERVICE           NAME  CONNS  INPKTS  OUTPKTS  INBYTES  OUTBYTES\n' +
        'tcp:192.0.2.1:80  web      10       0        0    1.2EB        0B\n' +
        'mark:7                      1       0        0       0B        0B\n' +
        'total                      11       0        0    1.2EB        0B\n',
      stderr: '',
    });
  });

  test('is exact for programs, with the rates of the kernel', async () => {
    const { stdout } = await scene().run('stats web --json');
    expect(stdout).toContain('"incomingBytes":1152921504606846977,');
    const { schemaVersion, statistics, total } = JSON.parse(stdout) as {
      schemaVersion: number;
      statistics: { service: string; name: string }[];
      total: { rates: object };
    };
    expect(schemaVersion).toBe(1);
    expect(statistics).toHaveLength(1);
    expect(statistics[0]).toMatchObject({ service: WEB, name: 'web' });
    expect(total.rates).toMatchObject({ connectionsPerSecond: 3, incomingBytesPerSecond: 1500 });
  });

  test('selects by real server too, and names what does not exist', async () => {
    const { status, stdout, stderr } = await scene().run('stats 10.0.0.9 mark:9 -o ndjson');
    expect(status).toBe(1);
    expect(stderr).toBe('There is no virtual service mark:9. To see what there is: ipvs list\n');
    const object = JSON.parse(stdout) as { type: string; time: string; statistics: object[] };
    expect(object.type).toBe('statistics');
    expect(new Date(object.time).toISOString()).toBe(object.time);
    expect(object.statistics).toMatchObject([{ service: 'mark:7' }]);
  });

  test('reads no real servers when none is asked for', async () => {
    const table = scene();
    await table.run('stats');
    expect(table.kernel.requests.map(({ command }) => command)).not.toContain('GET_DEST');
  });

  test.each([
    ['stats --count 3', '--count needs an interval: ipvs stats --interval 2'],
    ['stats --interval 0', 'It must be a number of seconds from 0.1 to 86400.'],
    ['stats --interval 1 --count 0', 'It must be a number from 1 to'],
  ])('ipvs %s is refused', async (words, complaint) => {
    const { status, stderr } = await scene().run(words);
    expect(status).toBe(2);
    expect(stderr).toContain(complaint);
  });
});

describe('with an interval', () => {
  test('prints a line per tick, and ends after so many', async () => {
    const { status, stdout } = await scene().run('stats --interval 0.1 --count 2');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^TIME {10}CPS {4}INPPS {3}OUTPPS {4}INBPS {3}OUTBPS\n(?:\d\d:\d\d:\d\d {8}0 {8}0 {8}0 {7}0B {7}0B\n){2}$/,
    );
  });

  test('prints a line for each selected service, and one for all of them', async () => {
    const { stdout } = await scene().run('stats web mark:7 --interval 0.1 --count 1');
    const names = stdout.split('\n').map((line) => line.split(/\s+/)[1]);
    expect(names).toEqual(['SERVICE', WEB, 'mark:7', 'total', undefined]);
  });

  test('prints an object a tick for programs', async () => {
    const { stdout } = await scene().run('stats --interval 0.1 --count 2 --json');
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(objects).toHaveLength(2);
    expect(Object.keys(objects[0] ?? {})).toEqual(['schemaVersion', 'time', 'statistics', 'total']);
  });

  test('ends with the status of the signal that interrupts it', async () => {
    const interrupt = (printed: string) => (printed === '' ? undefined : 130);
    const { status, stdout } = await scene().run('stats --interval 0.1 -o ndjson', { interrupt });
    expect(status).toBe(130);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('rates', () => {
  const reading = (atMs: number, counters: Readonly<Record<string, Partial<Counters>>>) => ({
    atMs,
    time: new Date(atMs),
    services: Object.entries(counters).map(([text, some]) => {
      const rates = {
        connectionsPerSecond: 9,
        incomingPacketsPerSecond: 9,
        outgoingPacketsPerSecond: 9,
        incomingBytesPerSecond: 9,
        outgoingBytesPerSecond: 9,
      };
      const statistics = { ...noCounters, ...some, rates, toJSON: () => ({}) as never };
      return { id: parseServiceId(text), settings: {} as never, statistics, destinations: [] };
    }),
  });
  const rateOf = (before: Partial<Counters>, now: Partial<Counters>, seconds: number) =>
    sampleBetween(reading(0, { [WEB]: before }), reading(1000 * seconds, { [WEB]: now }))
      .services[0]?.rates.incomingBytesPerSecond;

  test.each([
    ['are what was counted, over the time that has passed', 1000n, 4000n, 2, 1500],
    ['have hundredths', 0n, 1n, 3, 0.33],
    ['are exact where counters are above 2⁵³', 2n ** 60n, 2n ** 60n + 10n, 1, 10],
    ['count from 0 after a zeroing, and are never negative', 5000n, 100n, 1, 100],
    ['are 0 of counters that stand still', 7n, 7n, 1, 0],
  ])('%s', (_what, before, now, seconds, expected) => {
    expect(rateOf({ incomingBytes: before }, { incomingBytes: now }, seconds)).toBe(expected);
  });

  test('of all are those of the services: one that is new has counted from 0, one that is gone counts no more', () => {
    const before = reading(0, { 'mark:1': { connections: 10n }, 'mark:2': { connections: 50n } });
    const now = reading(2000, { 'mark:1': { connections: 12n }, 'mark:3': { connections: 4n } });
    const { services, total } = sampleBetween(before, now);
    expect(services.map(({ rates }) => rates.connectionsPerSecond)).toEqual([1, 2]);
    expect(total.rates.connectionsPerSecond).toBe(3);
    expect(total.statistics.connections).toBe(16n);
  });

  test('are those that the kernel estimates, at a single reading', () => {
    const { services, total } = currentSample(reading(0, { 'mark:1': {}, 'mark:2': {} }));
    expect(services[0]?.rates.incomingBytesPerSecond).toBe(9);
    expect(total.rates.incomingBytesPerSecond).toBe(18);
  });
});

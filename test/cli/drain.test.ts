import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatRecords, parseRecords } from '../../src/state/records.js';
import type { TableRecords } from '../../src/state/records.js';
import type { PresetService } from '../../src/testing/presets.js';
import type { IpvsOptions } from '../support/ipvs-command.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

/** The verbs drain and undrain. */

const web = 'tcp:192.0.2.1:80';
const tls = 'tcp:192.0.2.1:443';
const dns = 'udp:192.0.2.1:53';
const nat = { forwardingMethod: 'nat' } as const;
const services: readonly PresetService[] = [
  {
    service: web,
    destinations: [
      { destination: '10.0.0.2:80', settings: { ...nat, weight: 5 } },
      { destination: '10.0.0.3:80', settings: { ...nat, weight: 0 } },
      { destination: '10.0.0.4:80', settings: nat, activeConnections: 2, inactiveConnections: 1 },
    ],
  },
  {
    service: tls,
    settings: { persistence: { timeoutSeconds: 600 } },
    destinations: [
      { destination: '10.0.0.2:80', settings: { ...nat, weight: 6 } },
      { destination: '10.0.0.5:443', settings: nat, persistentConnections: 1 },
      { destination: '10.0.0.5:80', settings: nat },
    ],
  },
  {
    service: dns,
    destinations: [{ destination: '10.0.0.6:53', settings: nat, inactiveConnections: 1 }],
  },
];

const NAMESPACE = '4026531840';
const fileOf = ({ state }: SetupScene) => join(state, NAMESPACE, 'table.json');
const kept = (scene: SetupScene) => parseRecords(readFileSync(fileOf(scene), 'utf8'));

const records: TableRecords = {
  services: new Map([[web, { name: 'web' }]]),
  drained: new Map(),
};

function scene(drained: TableRecords['drained'] = new Map()): SetupScene {
  const made = setupScene(services);
  mkdirSync(join(made.state, NAMESPACE), { recursive: true });
  writeFileSync(fileOf(made), formatRecords({ ...records, drained }));
  return made;
}

const run = (on: SetupScene, line: string, options?: IpvsOptions) =>
  on.run(line.split(' '), options);

const weights = (on: SetupScene, address: string) =>
  on.kernel
    .table()
    .flatMap(({ destinations }) => destinations)
    .filter(({ id }) => id.address.toString() === address)
    .map(({ settings }) => settings.weight);

const QUIESCENT = '/proc/sys/net/ipv4/vs/expire_quiescent_template';

describe('ipvs drain', () => {
  test('sets the weight to 0 in all services of a server, and keeps what it was', async () => {
    const on = scene();
    expect(await run(on, 'drain 10.0.0.2')).toEqual({
      status: 0,
      stdout:
        `~ ${web} 10.0.0.2:80  weight 5 -> 0\n~ ${tls} 10.0.0.2:80  weight 6 -> 0\n` +
        `${web} 10.0.0.2:80 is drained, after 0 s.\n${tls} 10.0.0.2:80 is drained, after 0 s.\n`,
      stderr: '',
    });
    expect(weights(on, '10.0.0.2')).toEqual([0, 0]);
    expect(kept(on)?.drained).toEqual(
      new Map([
        [tls, new Map([['10.0.0.2:80', 6]])],
        [web, new Map([['10.0.0.2:80', 5]])],
      ]),
    );
  });

  test('does so in the named services alone', async () => {
    const on = scene();
    expect((await run(on, 'drain 10.0.0.2 --service web -q')).stdout).toBe('');
    expect(weights(on, '10.0.0.2')).toEqual([0, 6]);
  });

  test('keeps the weight before it writes 0', async () => {
    const on = scene();
    let seen: TableRecords | undefined;
    on.onChange = () => {
      seen = kept(on);
      return false;
    };
    await run(on, 'drain 10.0.0.2 --service web');
    expect(seen?.drained.get(web)?.get('10.0.0.2:80')).toBe(5);
  });

  test('has status 1 when the time is over, and says what is left', async () => {
    const on = scene();
    const { status, stderr } = await run(on, 'drain 10.0.0.4 --timeout 0');
    expect(status).toBe(1);
    expect(stderr).toBe(
      `${web} 10.0.0.4:80 is not drained after 0 s: it has 2 active and 1 inactive connection. Its weight stays 0.\n` +
        'To go on waiting: ipvs drain 10.0.0.4:80. To give its weight back: ipvs undrain 10.0.0.4:80\n',
    );
    expect(weights(on, '10.0.0.4')).toEqual([0]);
  });

  test('with --delete deletes what is drained, and forgets it', async () => {
    const on = scene();
    const { status, stdout } = await run(on, 'drain 10.0.0.2 10.0.0.4 --delete --timeout 0 --json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [
        { action: 'change', server: '10.0.0.2:80' },
        { action: 'change', server: '10.0.0.4:80', to: { weight: 0 } },
        { action: 'change', server: '10.0.0.2:80' },
        { action: 'remove', server: '10.0.0.2:80' },
        { action: 'remove', server: '10.0.0.2:80' },
      ],
      servers: [
        { service: web, drained: true },
        {
          server: '10.0.0.4:80',
          drained: false,
          connections: { active: 2, inactive: 1, persistent: 0 },
        },
        { service: tls, drained: true },
      ],
    });
    expect(weights(on, '10.0.0.2')).toEqual([]);
    expect(kept(on)?.drained).toEqual(new Map([[web, new Map([['10.0.0.4:80', 1]])]]));
  });

  test('prints an object for each look as NDJSON, and one at the end', async () => {
    const { stdout } = await run(scene(), 'drain 10.0.0.2 --service web -o ndjson');
    const server = {
      service: web,
      server: '10.0.0.2:80',
      drained: true,
      connections: { active: 0, inactive: 0, persistent: 0 },
    };
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { type: 'progress', elapsedSeconds: expect.any(Number) as number, servers: [server] },
      { type: 'result', changes: [{ action: 'change' }], failures: [], servers: [server] },
    ]);
  });

  test.each([
    [
      0,
      'so its clients keep coming',
      'because net.ipv4.vs.expire_quiescent_template is 0.\nTo send them to other servers: sysctl -w net.ipv4.vs.expire_quiescent_template=1',
    ],
    [
      1,
      'longer than is waited',
      `remembers which clients belong to 10.0.0.5:443 for 600 s, but --timeout is 0.\nTo wait long enough: ipvs drain 10.0.0.5:443 --timeout 660`,
    ],
  ])('with expire_quiescent_template %i warns of persistence: %s', async (value, _why, said) => {
    const on = scene();
    on.host.files.set(QUIESCENT, `${value}\n`);
    const { status, stderr } = await run(on, 'drain 10.0.0.5:443 --timeout 0');
    expect(status).toBe(1);
    expect(stderr).toContain('Warning: ');
    expect(stderr).toContain(said);
    expect(stderr).toContain('it has 1 persistent client.');
  });

  test('warns of UDP', async () => {
    const { stderr } = await run(scene(), 'drain 10.0.0.6 --timeout 0');
    expect(stderr).toContain(`Warning: ${dns}: UDP has no end of a connection.`);
    expect(stderr).toContain('has sent nothing for 300 s');
  });

  test('of a server of weight 0 says so, and keeps no weight', async () => {
    const on = scene();
    expect((await run(on, 'drain 10.0.0.3')).stdout).toBe(
      `The weight is 0 already.\n${web} 10.0.0.3:80 is drained, after 0 s.\n`,
    );
    expect(kept(on)?.drained.size).toBe(0);
  });

  test('keeps the first weight when it is drained again', async () => {
    const on = scene();
    await run(on, 'drain 10.0.0.2');
    await run(on, 'drain 10.0.0.2');
    expect(kept(on)?.drained.get(web)?.get('10.0.0.2:80')).toBe(5);
  });

  test.each([130, 143, 129])(
    'ended with %i gives the weight back, and forgets it',
    async (reason) => {
      const on = scene();
      const signal = AbortSignal.abort(reason);
      const { status, stderr } = await run(on, 'drain 10.0.0.4', { signal });
      expect([status, stderr]).toEqual([
        reason,
        'Interrupted. The weight from before was given back.\n',
      ]);
      expect(weights(on, '10.0.0.4')).toEqual([1]);
      expect(kept(on)?.drained.size).toBe(0);
    },
  );

  test('that is ended leaves a weight of 0 that was there before', async () => {
    const on = scene();
    const signal = AbortSignal.abort(130);
    const { status, stderr } = await run(on, 'drain 10.0.0.3', { signal });
    expect([status, stderr]).toEqual([130, 'Interrupted. The weight was 0 before, and stays 0.\n']);
  });

  test('has status 3 when the kernel refuses, and keeps no weight', async () => {
    const on = scene();
    on.onChange = (what) => what === 'SET_DEST';
    const { status } = await run(on, 'drain 10.0.0.2 --service web');
    expect(status).toBe(3);
    expect(weights(on, '10.0.0.2')).toEqual([5, 6]);
    expect(kept(on)?.drained.size).toBe(0);
  });

  test.each([
    [
      '10.9.9.9',
      'No virtual service has the real server 10.9.9.9. To see what there is: ipvs list',
    ],
    ['10.0.0.5', '10.0.0.5 is ambiguous: name one of 10.0.0.5:'],
    ['web', 'web is a virtual service. Name real servers, and the service with --service web.'],
    ['10.0.0.6 --service web', 'web does not have the real server 10.0.0.6.'],
    ['10.0.0.6 --service db', 'There is no virtual service db.'],
    ['10.0.0.6 --service 10.0.0.6', '--service 10.0.0.6 is a real server.'],
    ['10.0.0.2 --force', '--force is for --delete'],
    ['10.0.0.2 --timeout soon', 'It must be seconds from 0 to 604800'],
    ['10.0.0.2 --timeout 8000h', 'It must be seconds from 0 to 604800'],
    ['10.0.0.2:x:y', 'is neither a virtual service'],
  ])('%s is refused, and nothing is changed', async (line, said) => {
    const on = scene();
    const { status, stdout, stderr } = await run(on, `drain ${line}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(on.performed).toEqual([]);
    expect(kept(on)).toEqual(records);
  });
});

describe('ipvs undrain', () => {
  test('gives back what was kept, in all services, and forgets it', async () => {
    const on = scene();
    await run(on, 'drain 10.0.0.2');
    expect(await run(on, 'undrain 10.0.0.2')).toEqual({
      status: 0,
      stdout: `~ ${web} 10.0.0.2:80  weight 0 -> 5\n~ ${tls} 10.0.0.2:80  weight 0 -> 6\n`,
      stderr: '',
    });
    expect(kept(on)).toEqual(records);
  });

  test('leaves a weight alone that was 0 before the drain', async () => {
    const on = scene(new Map([[tls, new Map([['10.0.0.2:80', 6]])]]));
    await run(on, `set web 10.0.0.2 weight=0`);
    await run(on, `set ${tls} 10.0.0.2 weight=0`);
    await run(on, `set ${tls} 10.0.0.2 weight=6`);
    await run(on, `drain 10.0.0.2`);
    await run(on, 'undrain 10.0.0.2');
    expect(weights(on, '10.0.0.2')).toEqual([0, 6]);
  });

  test('says of a server with weight 0 and no record what to type, and changes nothing', async () => {
    const on = scene();
    const { status, stderr } = await run(on, 'undrain 10.0.0.2 10.0.0.3');
    expect([status, stderr]).toEqual([
      2,
      'Nothing was changed. It is not known which weight 10.0.0.3:80 had before it got 0. To give it one:\n' +
        `ipvs set ${web} 10.0.0.3:80 weight=1\n`,
    ]);
    expect(on.performed).toEqual([]);
  });

  test('says when a server is not drained, and drops what was kept of it', async () => {
    const on = scene(new Map([[web, new Map([['10.0.0.4:80', 9]])]]));
    expect(await run(on, 'undrain 10.0.0.4')).toEqual({
      status: 0,
      stdout: 'Nothing was changed.\n',
      stderr: `10.0.0.4:80 is not drained: its weight in ${web} is 1.\n`,
    });
    expect(kept(on)?.drained.size).toBe(0);
  });
});

import { mkdirSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatRecords, parseRecords } from '../../src/state/records.js';
import type { TableRecords } from '../../src/state/records.js';
import type { PresetService } from '../../src/testing/presets.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

/** The verbs set, add and delete. */

const web = 'tcp:192.0.2.1:80';
const other = '10.0.0.2:8080';
const services: readonly PresetService[] = [
  {
    service: web,
    settings: { scheduler: 'mh', schedulerFlags: [2] },
    destinations: [
      { destination: '10.0.0.2:80', settings: { forwardingMethod: 'dr', weight: 5 } },
      { destination: other, settings: { forwardingMethod: 'nat', weight: 1 } },
      { destination: '10.0.0.3:80', settings: { forwardingMethod: 'nat', weight: 0 } },
    ],
  },
  {
    service: 'tcp:[2001:db8::1]:80',
    settings: { persistence: { timeoutSeconds: 60 } },
    destinations: [{ destination: '10.0.0.9:80', settings: { forwardingMethod: 'tun' } }],
  },
];

const NAMESPACE = '4026531840';
const fileOf = ({ state }: SetupScene) => join(state, NAMESPACE, 'table.json');

function keep(scene: SetupScene, records: TableRecords): void {
  mkdirSync(join(scene.state, NAMESPACE), { recursive: true });
  writeFileSync(fileOf(scene), formatRecords(records));
}
const kept = (scene: SetupScene) => parseRecords(readFileSync(fileOf(scene), 'utf8'));

const records: TableRecords = {
  services: new Map([[web, { owner: 'ipvs', name: 'web' }]]),
  drained: new Map([[web, new Map([['10.0.0.3:80', 7]])]]),
};

function sceneWithRecords(): SetupScene {
  const scene = setupScene(services);
  keep(scene, records);
  return scene;
}

const run = (scene: SetupScene, line: string) => scene.run(line.split(' '));

const changed = (line: string) => ({ status: 0, stdout: `${line}\n`, stderr: '' });

describe('ipvs set', () => {
  test.each([
    [`${web} 10.0.0.2:80 weight=3`, `~ ${web} 10.0.0.2:80  weight 5 -> 3`],
    [`web 10.0.0.2:80 weight=50%`, `~ ${web} 10.0.0.2:80  weight 5 -> 3`],
    [`web ${other} weight=10%`, 'Nothing was changed.'],
    [`web ${other} weight=0%`, `~ ${web} ${other}  weight 1 -> 0`],
    [`web ${other} weight=+4`, `~ ${web} ${other}  weight 1 -> 5`],
    [`TCP/192.0.2.1:80 ${other} weight=-1`, `~ ${web} ${other}  weight 1 -> 0`],
    [
      `web 10.0.0.3 upperThreshold=9 lowerThreshold=4`,
      `~ ${web} 10.0.0.3:80  upperThreshold none -> 9, lowerThreshold none -> 4`,
    ],
    [
      'web scheduler=wrr schedulerFlags=none',
      `~ ${web}  scheduler mh -> wrr, schedulerFlags mh-port -> none`,
    ],
    [
      'web schedulerFlags=mh-fallback,mh-port',
      `~ ${web}  schedulerFlags mh-port -> mh-fallback+mh-port`,
    ],
    [
      'web persistence.netmask=255.255.255.0 persistence=600',
      `~ ${web}  persistence none -> (timeoutSeconds 600, netmask 255.255.255.0)`,
    ],
    ['web onePacket=true', `~ ${web}  onePacket none -> true`],
    ['web onePacket=false', 'Nothing was changed.'],
    [
      'tcp:[2001:db8::1]:80 persistence=none',
      '~ tcp:[2001:db8::1]:80  persistence (timeoutSeconds 60, prefixLength 128) -> none',
    ],
    [
      'tcp:[2001:db8::1]:80 persistence.prefixLength=64',
      '~ tcp:[2001:db8::1]:80  persistence (timeoutSeconds 60, prefixLength 128) -> (timeoutSeconds 60, prefixLength 64)',
    ],
    [
      'tcp:[2001:db8::1]:80 10.0.0.9 tunnel=gue:6080',
      '~ tcp:[2001:db8::1]:80 10.0.0.9:80  tunnel none -> (type gue, port 6080, checksum none)',
    ],
    [
      'tcp:[2001:db8::1]:80 10.0.0.9 tunnel.type=gre tunnel.checksum=full',
      '~ tcp:[2001:db8::1]:80 10.0.0.9:80  tunnel none -> (type gre, port 0, checksum full)',
    ],
  ])('%s changes that alone', async (line, said) => {
    expect(await run(sceneWithRecords(), `set ${line}`)).toEqual(changed(said));
  });

  test.each([
    ['web schedular=rr', 'Unknown key "schedular". Did you mean scheduler?'],
    ['web weight=3', 'weight is a setting of a real server.'],
    ['web 10.0.0.3 scheduler=rr', 'scheduler is a setting of the service.'],
    ['web', 'Name what to set, as weight=3.'],
    ['web weight', 'weight is neither a real server (10.0.0.2:8080) nor a setting (key=value).'],
    ['web 10.0.0.3 weight', '"weight" is not of the form key=value.'],
    ['web 10.0.0.3 weight=1 weight=2', 'weight is given twice.'],
    ['web 10.0.0.3 weight=x', 'weight must be a whole number, or a change of the present one'],
    ['web 10.0.0.3 weight=2147483648', 'weight must be from 0 to 2147483647.'],
    ['web 10.0.0.3 weight=-1', 'weight must be from 0 to 2147483647, and -1 of 0 is -1.'],
    ['web 10.0.0.3 weight=50%', 'weight is 0 now, and so is every share of it: name a number.'],
    ['web 10.0.0.3 tunnel=gre', 'tunnel is for method=tun, and this server has nat.'],
    ['web 10.0.0.3 tunnel.port=1', 'tunnel.port is for method=tun'],
    ['tcp:[2001:db8::1]:80 10.0.0.9 tunnel=gue', 'tunnel must be ipip, gre, or gue with its port'],
    [
      'tcp:[2001:db8::1]:80 10.0.0.9 tunnel=gre:1',
      'tunnel must be ipip, gre, or gue with its port',
    ],
    ['tcp:[2001:db8::1]:80 10.0.0.9 tunnel.type=gue', 'a gue tunnel needs a port'],
    ['web 10.0.0.3 method=bypass', 'method must be one of nat, dr, tun, local.'],
    [`web ${other} method=dr`, 'with method dr the port must be that of the service, 80'],
    ['web 10.0.0.3 lowerThreshold=4', 'lowerThreshold 4 is above upperThreshold 0'],
    ['web 10.0.0.3 upperThreshold=4294967296', 'upperThreshold must be a whole number from 0'],
    ['web scheduler=RR', 'scheduler must be a scheduler: rr, wrr'],
    [
      'web schedulerFlags=sh-port',
      'schedulerFlags must be none, or some of mh-fallback,mh-port with scheduler mh.',
    ],
    ['web persistence=0', 'persistence must be a whole number from 1 to 4294967295.'],
    ['web persistence.netmask=255.0.0.0', 'name persistence=SECONDS too'],
    ['web persistence=9 persistence.prefixLength=64', 'persistence.prefixLength is for IPv6'],
    ['tcp:[2001:db8::1]:80 persistence.netmask=255.0.0.0', 'persistence.netmask is for IPv4'],
    ['web onePacket=yes', 'onePacket must be one of true, false.'],
    ['web persistence.engine=h323', 'persistence.engine must be one of sip, none.'],
    ['web 10.0.0.2 weight=1', '10.0.0.2 is ambiguous: name one of 10.0.0.2:80, 10.0.0.2:8080'],
    ['web 10.9.9.9 weight=1', `${web} has no real server 10.9.9.9.`],
    [
      'db scheduler=rr',
      'There is no virtual service with the name db. To see what there is: ipvs list',
    ],
    ['mark:9 scheduler=rr', 'There is no virtual service mark:9. To see what there is: ipvs list'],
    [
      '10.0.0.3 weight=1',
      '10.0.0.3 is a real server. Name its service before it: SERVICE 10.0.0.3.',
    ],
  ])('%s is refused, and nothing is changed', async (line, said) => {
    const scene = sceneWithRecords();
    const before = scene.all();
    const { status, stdout, stderr } = await run(scene, `set ${line}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(scene.all()).toEqual(before);
    expect(scene.performed).toEqual([]);
    expect(kept(scene)).toEqual(records);
  });

  test('says all that is wrong with keys at once', async () => {
    const { stderr } = await run(sceneWithRecords(), 'set web schedular=rr weight=1 =');
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
  });

  test('shows no control characters of a word', async () => {
    const { stderr } = await sceneWithRecords().run(['set', 'web', '\u001b[2J=1']);
    expect(stderr).not.toContain('\u001b');
  });

  test('with -q says nothing, and with --json what was changed', async () => {
    expect(await run(sceneWithRecords(), `set web ${other} weight=2 -q`)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const { stdout } = await run(sceneWithRecords(), `set web ${other} weight=2 --json`);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      changes: [
        {
          action: 'change',
          service: web,
          server: other,
          from: { method: 'nat', weight: 1 },
          to: { method: 'nat', weight: 2 },
          cuts: 0,
        },
      ],
      failures: [],
    });
  });

  test('forgets the weight from before a drain when somebody chooses another', async () => {
    const scene = sceneWithRecords();
    await run(scene, 'set web 10.0.0.3 upperThreshold=5');
    expect(kept(scene)?.drained.size).toBe(1);
    await run(scene, 'set web 10.0.0.3 weight=2');
    expect(kept(scene)).toEqual({ ...records, drained: new Map() });
  });

  test('has status 3 when the kernel refuses', async () => {
    const scene = sceneWithRecords();
    scene.onChange = (what) => what === 'SET_DEST';
    const { status, stdout, stderr } = await run(scene, 'set web 10.0.0.3 weight=2');
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain('10.0.0.3:80');
    expect(kept(scene)).toEqual(records);
  });
});

describe('ipvs add', () => {
  test.each([
    ['mark:7 scheduler=rr', '+ mark:7  scheduler rr'],
    ['udp:192.0.2.1:53 onePacket=true', '+ udp:192.0.2.1:53  scheduler wlc, onePacket true'],
    ['web 10.0.0.4', `+ ${web} 10.0.0.4:80  method nat, weight 1`],
    ['web 10.0.0.4:81 method=nat weight=0', `+ ${web} 10.0.0.4:81  method nat, weight 0`],
  ])('%s adds that', async (line, said) => {
    expect(await run(sceneWithRecords(), `add ${line}`)).toEqual(changed(said));
  });

  test.each([
    [`${web} scheduler=rr`, `${web} exists already. To change it: ipvs set ${web} scheduler=wrr`],
    [
      `web ${other}`,
      `${web} has ${other} already. To change it: ipvs set ${web} ${other} weight=3`,
    ],
    ['mark:7 10.0.0.4', 'There is no virtual service mark:7. To add it: ipvs add mark:7'],
    ['db', 'A new service is named by its address'],
    ['web 10.0.0.4:81 method=dr', 'with method dr the port must be that of the service, 80'],
    ['web 10.0.0.4 weight=+1', 'weight of a new real server must be a number'],
    ['tcp:192.0.2.9:0', 'port 0, which is every port, needs persistence=SECONDS.'],
    ['web 2001:db8::9', 'is not of the address family of its service'],
  ])('%s is refused, and nothing is added', async (line, said) => {
    const scene = sceneWithRecords();
    const { status, stdout, stderr } = await run(scene, `add ${line}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(scene.performed).toEqual([]);
  });

  test('does not take a new service for an older one of which records are left', async () => {
    const scene = setupScene();
    keep(scene, records);
    expect((await run(scene, `add ${web}`)).status).toBe(0);
    expect(kept(scene)).toEqual({ services: new Map(), drained: new Map() });
  });
});

describe('ipvs delete', () => {
  test('deletes a real server, and forgets its weight', async () => {
    const scene = sceneWithRecords();
    expect(await run(scene, 'delete web 10.0.0.3')).toEqual(changed(`- ${web} 10.0.0.3:80`));
    expect(kept(scene)).toEqual({ ...records, drained: new Map() });
  });

  test('deletes a service, lists its real servers, and forgets its name and owner', async () => {
    const scene = sceneWithRecords();
    expect(await run(scene, 'delete web')).toEqual(
      changed(`- ${web}\n    10.0.0.2:80\n    ${other}\n    10.0.0.3:80`),
    );
    expect(kept(scene)).toEqual({ services: new Map(), drained: new Map() });
    expect((await run(scene, 'delete web')).status).toBe(2);
  });

  test('has the real servers of a service in JSON', async () => {
    const { stdout } = await run(sceneWithRecords(), 'delete web --json');
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [{ action: 'remove', service: web, cuts: 0 }],
      servers: [{ server: '10.0.0.2:80', cuts: 0 }, { server: other }, { server: '10.0.0.3:80' }],
    });
  });

  test.each([
    ['mark:9', 'There is no virtual service mark:9.'],
    ['web 10.9.9.9', `${web} has no real server 10.9.9.9.`],
    ['web 10.0.0.2', '10.0.0.2 is ambiguous'],
  ])('%s is refused, and nothing is deleted', async (line, said) => {
    const scene = sceneWithRecords();
    const { status, stdout, stderr } = await run(scene, `delete ${line}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(scene.performed).toEqual([]);
  });
});

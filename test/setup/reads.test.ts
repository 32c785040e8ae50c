import { expect, test } from 'vitest';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

/** What one run costs: `up` and the others read each part of the machine once, however many steps need it. */

const RULES = [
  '--set 900 120 300',
  '--start-daemon master --mcast-interface eth0',
  '-A -t 192.0.2.80:80 -s rr',
  '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2',
  '-A -t 192.0.2.81:80 -s rr',
  '-a -t 192.0.2.81:80 -r 10.0.0.12:80 -m -w 2',
];

/** What is read twice in a run: a file, or an `ip` with its input, or a request to the kernel. */
async function readTwice(scene: SetupScene, words: readonly string[]): Promise<string[]> {
  const { host, kernel } = scene;
  const [reads, deeds, requests] = [host.reads.length, host.deeds.length, kernel.requests.length];
  const { status, stderr } = await scene.run(words);
  expect([status, stderr]).toEqual([0, '']);
  const all = [
    ...host.reads.slice(reads),
    ...host.deeds.slice(deeds).filter((deed) => deed.startsWith('ip ')),
    ...kernel.requests.slice(requests).map(
      // The header has a sequence number.
      ({ command, bytes }) => `${command} ${Buffer.from(bytes.subarray(16)).toString('hex')}`,
    ),
  ];
  return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))];
}

test('a run of a director that finds everything as it should be reads nothing twice', async () => {
  const scene = setupScene();
  const file = scene.rules(RULES);
  expect(await scene.run(['director', 'up', file])).toMatchObject({ status: 0, stderr: '' });
  expect(await readTwice(scene, ['director', 'up', file])).toEqual([]);
  expect(await readTwice(scene, ['director', 'up', file, '--dry-run'])).toEqual([]);
  expect(await readTwice(scene, ['director', 'status', file])).toEqual([]);
});

test('a run of a real server that finds everything as it should be reads nothing twice', async () => {
  const scene = setupScene();
  const words = ['--method', 'dr', '--vip', '192.0.2.80', '--vip', '198.51.100.80'];
  expect((await scene.run(['realserver', 'up', ...words])).status).toBe(0);
  expect(await readTwice(scene, ['realserver', 'up', ...words])).toEqual([]);
  expect(await readTwice(scene, ['realserver', 'status'])).toEqual([]);
});

test('a run that changes addresses reads them once', async () => {
  const scene = setupScene();
  const shown = () => scene.host.deeds.filter((deed) => deed.endsWith('address show')).length;
  expect((await scene.run(['director', 'up', scene.rules(RULES)])).status).toBe(0);
  expect(shown()).toBe(1);
});

test.each(['status', 'up --dry-run'])(
  'director %s does not load IPVS to ask for timeouts and daemons',
  async (verb) => {
    const scene = setupScene();
    const file = scene.rules(RULES);
    scene.host.files.delete('/proc/net/ip_vs');
    const { stdout } = await scene.run(['director', ...verb.split(' '), file]);
    expect(stdout).toContain(verb === 'status' ? 'timeouts 900 120 300 (not there)' : '--set 900');
    expect(scene.kernel.sockets).toBe(0);
  },
);

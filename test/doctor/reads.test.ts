import { expect, test } from 'vitest';
import { setupScene } from '../support/setup-scene.js';

test('the doctor reads each file once, and starts no program twice with the same words', async () => {
  const scene = setupScene();
  const file = scene.rules([
    '-A -t 192.0.2.80:80 -s rr',
    '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2',
    '-A -t 192.0.2.81:21 -s sh',
    '-a -t 192.0.2.81:21 -r 10.0.0.12:21 -w 2',
  ]);
  expect(await scene.run(['director', 'up', file])).toMatchObject({ status: 0, stderr: '' });
  const [reads, deeds] = [scene.host.reads.length, scene.host.deeds.length];
  const { stderr } = await scene.run(['doctor', '--passive', '--rules', file]);
  expect(stderr).toBe('');
  const all = [...scene.host.reads.slice(reads), ...scene.host.deeds.slice(deeds)];
  const isLookup = (one: string) => one === 'ip -json -force -batch -';
  const others = all.filter((one) => !isLookup(one));
  expect(others.filter((one, index) => others.indexOf(one) !== index)).toEqual([]);
  // Route lookups: those of the virtual addresses, and of the real servers.
  expect(all.filter(isLookup).length).toBeLessThanOrEqual(2);
});

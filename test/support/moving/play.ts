import { expect } from 'vitest';
import { savedRules } from '../agent.js';
import type { Guide, Section } from './guide.js';
import type { MovingScene } from './scene.js';

/** Plays a guide from its beginning to its end under traffic, with servers that fail on the way. */

const SERVICE = '-A -t 192.168.1.200:80 -s wrr';
const rule = (last: number, weight: number) =>
  `-a -t 192.168.1.200:80 -r 192.168.1.${last}:80 -g -w ${weight}`;
/** What each guide begins with: both servers are up. */
export const WHOLE = [SERVICE, rule(191, 2), rule(192, 1)];
const SECOND_OUT = [SERVICE, rule(191, 2), rule(192, 0)];

/** Of the section for the dry run, the block at whose end the second server is out. */
const OUT_AT = 1;

export async function play(scene: MovingScene, guide: Guide): Promise<void> {
  await scene.becomes(WHOLE);
  for (const section of guide.sections) {
    expect(await scene.underTraffic(section.title, () => typeSection(scene, section))).toEqual([]);
    if (section.title.startsWith('6.')) {
      expect(await scene.writes()).toEqual([]);
      await failsAndRecovers(scene, 'then the agent takes a server out and in');
    }
  }
  expect(await savedRules(scene.director)).toEqual(WHOLE);
  const written = await scene.writes();
  await failsAndRecovers(scene, 'then the other program takes a server out and in');
  expect(await scene.writes()).toEqual(written);
}

async function typeSection(scene: MovingScene, { title, blocks }: Section): Promise<void> {
  for (const [index, steps] of blocks.entries()) {
    await scene.type(steps);
    if (!title.startsWith('4.') || index !== OUT_AT) continue;
    // It is out: that it dies now is nobody's business but its own.
    await scene.shut(1);
    await scene.open(1);
  }
}

/** The health page of the second server goes and comes back. */
async function failsAndRecovers(scene: MovingScene, part: string): Promise<void> {
  const failed = await scene.underTraffic(part, async () => {
    await scene.run('ssh 192.168.1.192 rm /srv/healthz');
    await scene.becomes(SECOND_OUT);
    await scene.run('ssh 192.168.1.192 "echo ok >/srv/healthz"');
    await scene.becomes(WHOLE);
  });
  expect(failed).toEqual([]);
}

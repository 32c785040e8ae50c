import { expect } from 'vitest';
import type { Guide, Section } from './guide.js';
import type { MovingScene } from './scene.js';

/** Plays a guide from its beginning to its end under traffic, with a server that fails on the way. */

const SERVICE = '-A -t 192.168.1.200:80 -s wrr';
const rule = (last: number, weight: number) =>
  `-a -t 192.168.1.200:80 -r 192.168.1.${last}:80 -g -w ${weight}`;
/** What each guide begins with: both servers are up. */
export const WHOLE = [SERVICE, rule(191, 2), rule(192, 1)];
const SECOND_OUT = [SERVICE, rule(191, 2), rule(192, 0)];

/** Of the section for the dry run, the block at whose end the other program has taken the second server out. */
const OUT_AT = 1;

const isBeside = (title: string): boolean => title.startsWith('4.');
const isCheck = (title: string): boolean => title.startsWith('6.');

export async function play(scene: MovingScene, guide: Guide): Promise<void> {
  const { shell, requests } = scene;
  expect(guide.sections.map(({ title }) => parseInt(title))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  await scene.becomes(WHOLE);
  for (const section of guide.sections) {
    const { title } = section;
    expect(await requests.during(title, () => typeSection(scene, section))).toEqual([]);
    if (isBeside(title)) expect(await shell.dryWrites()).toEqual([]);
    if (!isCheck(title)) continue;
    expect(await shell.writes()).toEqual([]);
    await failsAndRecovers(scene, 'A server goes and comes, by the agent');
    expect(await shell.writes()).toEqual(['SET_DEST', 'SET_DEST']);
  }
  await failsAndRecovers(scene, 'A server goes and comes, by the other program');
  expect(await shell.writes()).toHaveLength(2);
}

async function typeSection(scene: MovingScene, { title, blocks }: Section): Promise<void> {
  for (const [index, steps] of blocks.entries()) {
    await scene.shell.type(steps);
    // Now that it is out, its process can end without a request that fails.
    if (isBeside(title) && index === OUT_AT) await scene.restartSecond();
  }
}

/** The health page of the second server goes and comes back. */
async function failsAndRecovers(scene: MovingScene, part: string): Promise<void> {
  const failed = await scene.requests.during(part, async () => {
    await scene.shell.run('ssh 192.168.1.192 rm /srv/healthz');
    await scene.becomes(SECOND_OUT);
    await scene.shell.run('ssh 192.168.1.192 "echo ok >/srv/healthz"');
    await scene.becomes(WHOLE);
  });
  expect(failed).toEqual([]);
}

import { expect } from 'vitest';
import type { Guide, Section } from './guide.js';
import type { MovingScene } from './scene.js';

/** Plays a guide from its beginning to its end under traffic, with a server that fails on the way. */

const SERVICE = '-A -t 192.168.1.200:80 -s wrr';
const rule = (last: number, weight: number) =>
  `-a -t 192.168.1.200:80 -r 192.168.1.${last}:80 -g -w ${weight}`;
/** What each guide begins with: both servers are up. */
export const WHOLE = [SERVICE, rule(191, 2), rule(192, 1)];
/** What it is while the second server fails: quiet, or removed. */
const SECOND_OUT = {
  quiet: [SERVICE, rule(191, 2), rule(192, 0)],
  remove: [SERVICE, rule(191, 2)],
};
/** How the agent takes a server out, and in again. */
const WRITES = { quiet: ['SET_DEST', 'SET_DEST'], remove: ['DEL_DEST', 'NEW_DEST'] };

type OnFailure = keyof typeof SECOND_OUT;

/** Of the section for the dry run, the block at whose end the other program has taken the second server out. */
const OUT_AT = 1;

/** @param onFailure with `remove`, no client asks while a server fails: requests under way at that instant are lost. */
export async function play(
  scene: MovingScene,
  guide: Guide,
  onFailure: OnFailure = 'quiet',
): Promise<void> {
  const { shell } = scene;
  expect(guide.sections.map(({ title }) => parseInt(title))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  await scene.becomes(WHOLE);
  for (const section of guide.sections) {
    const { title } = section;
    const isBeside = title.startsWith('4.');
    const act = () => typeSection(scene, section);
    if (isBeside && onFailure === 'remove') await act();
    else expect(await scene.requests.during(title, act)).toEqual([]);
    if (isBeside) expect(await shell.dryWrites()).toEqual([]);
    if (!title.startsWith('6.')) continue;
    expect(await shell.writes()).toEqual([]);
    await failsAndRecovers(scene, onFailure, 'by the agent');
    expect(await shell.writes()).toEqual(WRITES[onFailure]);
  }
  await failsAndRecovers(scene, onFailure, 'by the other program');
  expect(await shell.writes()).toHaveLength(2);
}

async function typeSection(scene: MovingScene, { title, blocks }: Section): Promise<void> {
  for (const [index, steps] of blocks.entries()) {
    await scene.shell.type(steps);
    // Now that it is out, its process can end without a request that fails.
    if (title.startsWith('4.') && index === OUT_AT) await scene.restartSecond();
  }
}

/** The health page of the second server goes and comes back. */
async function failsAndRecovers(
  scene: MovingScene,
  onFailure: OnFailure,
  byWhom: string,
): Promise<void> {
  const act = async () => {
    await scene.shell.run('ssh 192.168.1.192 rm /srv/healthz');
    await scene.becomes(SECOND_OUT[onFailure]);
    await scene.shell.run('ssh 192.168.1.192 "echo ok >/srv/healthz"');
    await scene.becomes(WHOLE);
  };
  if (onFailure === 'remove') await act();
  else expect(await scene.requests.during(`A server goes and comes, ${byWhom}`, act)).toEqual([]);
}

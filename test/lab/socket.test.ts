import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backend } from './backend.js';
import { connect, serve } from './socket.js';
import type { ServedLab } from './socket.js';

let folder: string;
let end: () => void;
let ended: Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labs-'));
  ended = new Promise((resolve) => (end = resolve));
});
afterEach(async () => {
  end();
  await rm(folder, { recursive: true });
});

/** A lab whose fresh number tells which it is. */
async function labNumbered(number: number): Promise<ServedLab> {
  const refuse = () => Promise.reject(new Error('not asked for here'));
  const lab: Backend = {
    cpu: number,
    run: refuse,
    call: refuse,
    end: refuse,
    accept: () => Promise.resolve(number),
    close: () => Promise.resolve(),
  };
  const path = join(folder, `${number}.sock`);
  await serve(lab, path, ended);
  return { path, cpu: number };
}

test('no two have the same lab at once, and one that all are waiting for goes to one of them', async () => {
  const labs = [await labNumbered(1), await labNumbered(2)];
  const first = await connect(labs);
  const second = await connect(labs);
  const numbers = [await first.accept(), await second.accept()];
  expect([...numbers].sort()).toEqual([1, 2]);

  let served = 0;
  const [third, fourth] = [connect(labs), connect(labs)];
  for (const waiting of [third, fourth]) void waiting.then(() => (served += 1));
  await first.accept();
  expect(served).toBe(0);
  await second.close();
  const next = await Promise.race([third, fourth]);
  expect(await next.accept()).toBe(numbers[1]);
  await first.close();
  const [one, other] = await Promise.all([third, fourth]);
  expect([await one.accept(), await other.accept()].sort()).toEqual([1, 2]);
  await Promise.all([one.close(), other.close()]);
});

test('a lab that has gone is passed over, and nothing is waited for when all have', async () => {
  const lab = await labNumbered(1);
  const gone = { path: join(folder, 'gone.sock'), cpu: 0 };
  const user = await connect([gone, lab]);
  expect([await user.accept(), user.cpu]).toEqual([1, 1]);
  await user.close();
  await expect(connect([gone])).rejects.toThrow('none of 1 labs can be used');
});

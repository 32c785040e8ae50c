/** Runs every example of the documentation on the real kernel: what it prints is what it says. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useNamespace } from '../support/director.js';
import { examples, moduleOf } from '../support/examples.js';

const director = useNamespace();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-examples-'));
  const script =
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up';
  expect((await director().run(['sh', '-ec', script])).code).toBe(0);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await director().genuine(['-C']);
});

test.each(examples())('$place $subject', async (example) => {
  const file = join(folder, `${example.place.replaceAll(/\W/g, '-')}.ts`);
  await writeFile(file, moduleOf(example));
  expect(await director().call(file, 'example')).toEqual(example.printed);
});

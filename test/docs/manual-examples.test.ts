/** The commands that the manual of ipvs gives as examples, against a kernel that is a function. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';
import { commandsInManual } from './markdown.js';

const web = [
  {
    service: 'tcp:192.0.2.1:80',
    destinations: [{ destination: '10.0.0.2:8080', settings: { forwardingMethod: 'nat' } }],
  },
] as const;

/** What a shell would do with a line: a file named web.yaml is one of the scene's. */
async function statusOf(scene: SetupScene, line: string): Promise<number> {
  const [command = '', target] = line.split(' > ');
  const fileOf = (word: string) => (word.endsWith('.yaml') ? join(scene.state, word) : word);
  const { status, stdout } = await scene.run(command.split(' ').slice(1).map(fileOf));
  if (target !== undefined) {
    mkdirSync(scene.state, { recursive: true });
    writeFileSync(fileOf(target), stdout);
  }
  return status;
}

/** The connection table is a file of a kernel that balances, which is seldom the one here: 3 then. */
function isDone({ line, status }: { readonly line: string; readonly status: number }): boolean {
  return status === 0 || (status === 3 && line.startsWith('ipvs connections '));
}

describe.each([
  { page: 'man/ipvs-list.8', services: web },
  { page: 'man/ipvs-apply.8', services: [] },
])('$page', ({ page, services }) => {
  test('has only examples that succeed, from above to below', async () => {
    const scene = setupScene(services);
    const lines = commandsInManual(page);
    expect(lines.length).toBeGreaterThan(6);
    const statuses: { line: string; status: number }[] = [];
    for (const line of lines) statuses.push({ line, status: await statusOf(scene, line) });
    expect(statuses.filter((one) => !isDone(one))).toEqual([]);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { command } from '../support/command.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

const OPTIONS = ['-m -w 1', '-m -w 3', '-g -w 0 -x 9', '-i -w 1', '-i -w 2 --tun-type gre'];

/** Rules of one virtual service with some of three real servers; no rules: no service. */
const service = (mark: number) =>
  fc
    .record({
      scheduler: fc.constantFrom('rr', 'wlc -p 30', 'sh -b sh-port'),
      servers: fc.dictionary(
        fc.constantFrom('10.0.0.2', '10.0.0.3', '10.0.0.4'),
        fc.constantFrom(...OPTIONS),
      ),
    })
    .map(({ scheduler, servers }) => [
      `-A -f ${mark} -s ${scheduler}`,
      ...Object.entries(servers).map(([address, set]) => `-a -f ${mark} -r ${address} ${set}`),
    ]);
const table = fc
  .tuple(fc.option(service(7), { nil: [] }), fc.option(service(8), { nil: [] }))
  .map((lines) => lines.flat());
const config = table.filter((lines) => lines.length > 0);

async function sceneWith(rules: readonly string[]): Promise<SetupScene> {
  const context = setupScene();
  for (const rule of rules) await command(rule, { kernel: context.kernel });
  return context;
}

const saved = async ({ kernel }: SetupScene) => (await command('-Sn', { kernel })).stdout;

/** How often the table was changed. */
const changesOf = ({ performed }: SetupScene): number =>
  performed.filter((change) => !change.startsWith('write ')).length;

async function up(context: SetupScene, lines: readonly string[]): Promise<void> {
  const done = await context.run(['director', 'up', context.rules(lines)]);
  expect(done.status).toBe(0);
}

test('down brings back any table, after one up or two', async () => {
  await fc.assert(
    fc.asyncProperty(table, config, config, async (original, first, second) => {
      const context = await sceneWith(original);
      const before = await saved(context);
      await up(context, first);
      await up(context, second);
      expect((await context.run(['director', 'down'])).status).toBe(0);
      expect(await saved(context)).toBe(before);
    }),
    { numRuns: 25 },
  );
});

test('the second of two equal ups changes nothing, and what it wants is there', async () => {
  await fc.assert(
    fc.asyncProperty(table, config, async (original, lines) => {
      const context = await sceneWith(original);
      await up(context, lines);
      const [after, count] = [await saved(context), changesOf(context)];
      for (const line of (await saved(await sceneWith(lines))).trim().split('\n')) {
        expect(after).toContain(line);
      }
      await up(context, lines);
      expect([await saved(context), changesOf(context)]).toEqual([after, count]);
    }),
    { numRuns: 25 },
  );
});

test('a refused change leaves the table as it was', async () => {
  await fc.assert(
    fc.asyncProperty(config, config, fc.nat({ max: 6 }), async (first, second, at) => {
      const context = setupScene();
      await up(context, first);
      const before = await saved(context);
      const count = context.performed.length;
      context.onChange = () => context.performed.length === count + at + 1;
      const { status } = await context.run(['director', 'up', context.rules(second)]);
      const isRefused = context.performed.length > count + at;
      expect(status).toBe(isRefused ? 3 : 0);
      if (isRefused) expect(await saved(context)).toBe(before);
    }),
    { numRuns: 25 },
  );
});

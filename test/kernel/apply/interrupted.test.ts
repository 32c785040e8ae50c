/** An apply that is killed, that has company, or that finds another table than it planned for. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { folderOf, write } from '../../support/programs.js';
import type { Watched } from './guest/tables.js';
import { PATIENCE_MS } from '../../lab/patience.js';

const director = useNamespace();
const guest = join(import.meta.dirname, 'guest/tables.ts');

const SERVICES = 30;
const SERVERS = 10;
/** Moments at which it is killed: in `npm test`, and in all. */
const KILLS = 3;
const MANY_KILLS = 20;

/** A table whose real servers are all others than those of another generation. */
function rules(generation: number): string {
  const lines: string[] = [];
  for (let service = 0; service < SERVICES; service += 1) {
    const end = `192.0.2.1:${1000 + service}`;
    lines.push(`-A -t ${end} -s ${generation % 2 === 0 ? 'rr' : 'wlc'}`);
    for (let server = 1; server <= SERVERS; server += 1) {
      lines.push(`-a -t ${end} -r 10.${generation}.${service}.${server}:80 -m -w ${server}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const apply = (file: string) =>
  `${ourCommandLine('ipvs')} apply -q -f ${folderOf(director())}/${file}`;

async function shell(script: string) {
  return director().run(['sh', '-c', script], { deadlineMs: PATIENCE_MS });
}

async function expectSame(file: string): Promise<void> {
  const { stdout } = await director().ipvs(['diff', '-f', `${folderOf(director())}/${file}`]);
  expect(stdout).toBe('Same: there is nothing to change.\n');
}

async function expectSurvival(kills: number): Promise<void> {
  await write(director(), 'one', rules(1));
  await write(director(), 'two', rules(2));
  expect((await shell(apply('one'))).code).toBe(0);
  const timed = async (file: string): Promise<number> => {
    const started = performance.now();
    expect((await shell(apply(file))).code).toBe(0);
    return performance.now() - started;
  };
  let whole = await timed('two');
  expect(await director().call(guest, 'watchServed')).toBe(SERVICES);
  let killed = 0;
  for (let round = 0; round < kills; round += 1) {
    const file = round % 2 === 0 ? 'one' : 'two';
    // Of the last whole run: the speed of a machine changes.
    const moment = (0.2 + 0.7 * Math.random()) * whole;
    const { code } = await shell(`timeout -s KILL ${(moment / 1000).toFixed(3)} ${apply(file)}`);
    if (code !== 0) killed += 1;
    whole = await timed(file);
    await expectSame(file);
  }
  const { samples, empty } = (await director().call(guest, 'stopWatching')) as Watched;
  console.log(`killed ${killed} of ${kills} applies; ${samples} looks at services`);
  expect(empty).toEqual([]);
  if (kills === MANY_KILLS) expect(killed).toBeGreaterThan(0);
  expect(samples).toBeGreaterThan(SERVICES);
}

test(`${KILLS} applies that are killed leave a table that the next one completes, and no service without a server`, () =>
  expectSurvival(KILLS));
test(
  `${MANY_KILLS} applies that are killed leave a table that the next one completes, and no service without a server`,
  { tags: 'long', timeout: 1_200_000 },
  () => expectSurvival(MANY_KILLS),
);

test('two at once take turns: the table is that of one of the two files', async () => {
  await write(director(), 'one', rules(1));
  await write(director(), 'two', rules(2));
  const { code } = await shell(
    `${apply('one')} & first=$!; ${apply('two')}; second=$?; wait $first && exit $second`,
  );
  expect(code).toBe(0);
  const file = `${folderOf(director())}/one`;
  const { code: isOne } = await director().ipvs(['diff', '-f', file]);
  await expectSame(isOne === 0 ? 'one' : 'two');
});

test('beside rules that ipvsadm restores meanwhile, it arrives at what its file says', async () => {
  await write(director(), 'one', rules(1));
  await write(director(), 'other', rules(3).replaceAll('192.0.2.1:', '192.0.2.3:'));
  await write(director(), 'same', rules(2));
  const { code } = await shell(
    `cd ${folderOf(director())}
    { /sbin/ipvsadm -R <other; /sbin/ipvsadm -R <same 2>/dev/null; } & other=$!
    ${apply('one')}; status=$?; wait $other; exit $status`,
  );
  expect([0, 4]).toContain(code);
  expect((await shell(apply('one'))).code).toBe(0);
  await expectSame('one');
  const listing = await director().genuine(['-Sn']);
  expect(listing.stdout).toContain('-A -t 192.0.2.3:1000');
});

/** `ipvs list --watch` as a process that others change the table under. */
import { expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { folderOf, read, write } from '../../support/programs.js';
import { schemaErrors } from '../../support/schema.js';
import { PATIENCE_MS } from '../../lab/patience.js';

const PATIENCE = { timeout: PATIENCE_MS, interval: 200 };
const director = useNamespace();
const ipvs = ourCommandLine('ipvs');

async function adm(line: string): Promise<void> {
  expect(await director().ipvsadm(line.split(' '))).toEqual({ code: 0, stdout: '', stderr: '' });
}

interface Change {
  readonly type: string;
  readonly service: string;
  readonly server?: string;
  readonly from?: Readonly<Record<string, unknown>>;
  readonly to?: Readonly<Record<string, unknown>>;
}

/** What has been printed so far. */
async function changes(): Promise<Change[]> {
  const lines = (await read(director(), 'changes')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Change);
}

test('--watch -o ndjson prints a line for what is added, changed and removed, until SIGINT', async () => {
  await write(director(), 'changes', '');
  await adm('-A -t 192.0.2.1:80 -s rr');
  const script = `cd ${folderOf(director())}
    ${ipvs} list --watch 0.2 -o ndjson >changes 2>&1 & pid=$!; echo $pid >pid; wait $pid; echo $?`;
  const watching = director().run(['sh', '-c', script], { deadlineMs: PATIENCE_MS });
  let weight = 1;
  await adm('-a -t 192.0.2.1:80 -r 10.0.0.2 -g -w 1');
  // It is slow to start: what is there by then is no change.
  await expect
    .poll(async () => {
      weight += 1;
      await adm(`-e -t 192.0.2.1:80 -r 10.0.0.2 -g -w ${weight}`);
      return (await changes()).length;
    }, PATIENCE)
    .toBeGreaterThan(0);
  await adm('-A -f 7 -s wrr');
  await expect.poll(changes, PATIENCE).toContainEqual({
    type: 'added',
    service: 'mark:7',
    to: { scheduler: 'wrr' },
  });
  await adm('-E -f 7 -s wlc');
  await expect.poll(changes, PATIENCE).toContainEqual({
    type: 'changed',
    service: 'mark:7',
    from: { scheduler: 'wrr' },
    to: { scheduler: 'wlc' },
  });
  await adm('-d -t 192.0.2.1:80 -r 10.0.0.2');
  await expect.poll(changes, PATIENCE).toContainEqual({
    type: 'removed',
    service: 'tcp:192.0.2.1:80',
    server: '10.0.0.2:80',
    from: { method: 'dr', weight },
  });
  await director().run(['sh', '-c', `kill -INT $(cat ${folderOf(director())}/pid)`]);
  expect((await watching).stdout).toBe('130\n');
  for (const change of await changes()) {
    expect({ change, errors: schemaErrors('listLine', change) }).toEqual({ change, errors: [] });
  }
});

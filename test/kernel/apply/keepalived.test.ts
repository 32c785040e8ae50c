/** State files are applied beside a keepalived, whose services they never touch. */
import { expect, test } from 'vitest';
import { useNamespace } from '../../support/director.js';
import { startKeepalived } from '../../support/keepalived.js';
import { folderOf, write } from '../../support/programs.js';
import { PATIENCE_MS } from '../../lab/patience.js';

const PATIENCE = { timeout: PATIENCE_MS, interval: 200 };
const ROUNDS = 10;

/** Its real servers have no check: they are there from the start. */
const CONFIGURATION = [10, 11]
  .map(
    (last) => `virtual_server 192.0.2.${last} 80 {
    lvs_sched wrr
    lvs_method NAT
    protocol TCP
    real_server 192.168.10.3 80 {
        weight 3
    }
    real_server 192.168.10.4 8080 {
        weight 5
    }
}
`,
  )
  .join('');

const director = useNamespace();
/** The rules of services at an address. */
async function rules(address: string): Promise<string[]> {
  const { stdout } = await director().genuine(['-Sn']);
  return stdout.split('\n').filter((line) => new RegExp(`-t ${address}:`).test(line));
}

async function apply(text: string, ...words: string[]) {
  await write(director(), 'wanted', text);
  return director().ipvs(['apply', '-f', `${folderOf(director())}/wanted`, ...words]);
}

test(`${ROUNDS} applies that add and remove services leave those of keepalived as they are`, async () => {
  await director().run(['ip', 'link', 'set', 'lo', 'up']);
  // It ends with the namespace.
  await startKeepalived(director(), CONFIGURATION);
  await expect.poll(async () => (await rules('192.0.2.1[01]')).length, PATIENCE).toBe(6);
  const before = await rules('192.0.2.1[01]');
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = [0, 1, 2]
      .filter((service) => (service + round) % 3 !== 0)
      .flatMap((service) => [
        `-A -t 192.0.2.20:${80 + service} -s rr`,
        `-a -t 192.0.2.20:${80 + service} -r 10.0.0.${1 + (round % 4)}:80 -m -w 1`,
      ]);
    const { code, stderr } = await apply(`${lines.join('\n')}\n`, '--prune', 'owned');
    expect([code, stderr]).toEqual([0, '']);
    expect(await rules('192.0.2.20')).toHaveLength(lines.length);
    expect(await rules('192.0.2.1[01]')).toEqual(before);
  }
  const last = '-A -t 192.0.2.20:90 -s rr\n';
  expect((await apply(last, '--owner', 'other')).code).toBe(0);
  expect(await rules('192.0.2.20')).toHaveLength(5);
  expect((await apply('-A -t 192.0.2.20:91 -s rr\n')).code).toBe(0);
  expect((await rules('192.0.2.20')).sort()).toEqual([
    '-A -t 192.0.2.20:90 -s rr',
    '-A -t 192.0.2.20:91 -s rr',
  ]);
  expect(await rules('192.0.2.1[01]')).toEqual(before);
});

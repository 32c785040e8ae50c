import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from '../support/command.js';
import { setupScene } from '../support/setup-scene.js';

/** A journal as the versions before values of the table wrote it: rules are lines, under these keys. */
const JOURNAL = {
  version: 1,
  boot: 'this-boot',
  links: ['eth0 02:00:00:00:00:01'],
  request: { config: 'rules', vip: [] },
  records: [
    {
      step: {
        kind: 'service',
        name: '-t 192.0.2.80:80',
        wanted: ['-A -t 192.0.2.80:80 -s rr', '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2'],
      },
      found: [
        '-A -t 192.0.2.80:80 -s wrr',
        '-a -t 192.0.2.80:80 -r 10.0.0.77:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum',
        '-a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 5',
      ],
      set: [
        '-A -t 192.0.2.80:80 -s rr',
        '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2',
        '-a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 5',
      ],
    },
  ],
};

test('down brings back the service that a journal of an earlier version has as lines', async () => {
  const context = setupScene();
  const folder = join(context.state, '4026531840');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'director.json'), JSON.stringify(JOURNAL));
  for (const rule of [
    '-A -t 192.0.2.80:80 -s rr',
    '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2',
    // What somebody has changed and added since.
    '-a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 9',
    '-a -t 192.0.2.80:80 -r 10.0.0.55:80 -m -w 1',
  ]) {
    await command(rule, { kernel: context.kernel });
  }
  expect((await context.run(['director', 'down', '--dry-run'])).stdout).toBe(
    `ipvsadm -E -t 192.0.2.80:80 -s wrr
ipvsadm -a -t 192.0.2.80:80 -r 10.0.0.77:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
ipvsadm -d -t 192.0.2.80:80 -r 10.0.0.11:80
`,
  );
  expect(await context.run(['director', 'down'])).toMatchObject({
    status: 0,
    stderr:
      'Left as it is, because it was changed since: -a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 9\n',
  });
  expect((await command('-Sn', { kernel: context.kernel })).stdout).toBe(`-A -t 192.0.2.80:80 -s wrr
-a -t 192.0.2.80:80 -r 10.0.0.55:80 -m -w 1
-a -t 192.0.2.80:80 -r 10.0.0.77:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
-a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 9
`);
  expect(context.kept()).toEqual([]);
});

test('up writes the journal in the form that earlier versions read', async () => {
  const context = setupScene();
  const file = context.rules(['-A -f 7 -s rr', '-a -f 7 -r 10.0.0.2 -i']);
  expect((await context.run(['director', 'up', file])).status).toBe(0);
  const { records } = JSON.parse(context.journal()) as { records: unknown[] };
  const lines = ['-A -f 7 -s rr', '-a -f 7 -r 10.0.0.2:0 -i -w 1 --tun-type ipip'];
  expect(records).toEqual([
    { step: { kind: 'service', name: '-f 7', wanted: lines }, found: [], set: lines },
  ]);
});

test('an up after a journal of lines deletes the real server that an earlier up has added', async () => {
  const context = setupScene();
  const rules = (...servers: string[]) =>
    context.rules(['-A -f 7 -s rr', ...servers.map((one) => `-a -f 7 -r ${one}`)]);
  await context.run(['director', 'up', rules('10.0.0.2', '10.0.0.3')]);
  await command('-a -f 7 -r 10.0.0.9', { kernel: context.kernel });
  const dry = await context.run(['director', 'up', rules('10.0.0.3', '10.0.0.4'), '--dry-run']);
  expect(dry.stdout).toBe('ipvsadm -a -f 7 -r 10.0.0.4:0 -g -w 1\nipvsadm -d -f 7 -r 10.0.0.2:0\n');
});

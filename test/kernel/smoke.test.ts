/** A little of everything: what each supported Node is tried with. See scripts/nodes.js. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useNamespace } from '../support/director.js';

const director = useNamespace();
const calls = join(import.meta.dirname, 'fixtures/client-calls.ts');
const ok = (stdout = '') => ({ code: 0, stdout, stderr: '' });

const rules = `\
-A -t 192.0.2.1:80 -s wrr -p 90
-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
-A -f 7 -6 -s rr
`;

test('rules are restored, saved and listed by the programs', async () => {
  const ours = director();
  expect(await ours.binary([], { program: 'ipvsadm-restore', stdin: rules })).toEqual(ok());
  expect(await ours.binary(['-A', '-t', '[2001:db8::1]:443'])).toEqual(ok());
  expect(await ours.binary(['-a', '-t', '[2001:db8::1]:443', '-r', '[2001:db8::2]:443'])).toEqual(
    ok(),
  );
  expect(await ours.binary(['-a', '-f', '9', '-r', '10.0.0.9'])).toMatchObject({
    code: 255,
    stderr: 'Service not defined\n',
  });
  for (const line of ['-Ln', '-Ln --stats', '-Lnc', '-Sn', '-L --timeout']) {
    const words = line.split(' ');
    expect([line, await ours.binary(words)]).toEqual([line, await ours.genuine(words)]);
  }
  const saved = await ours.binary(['-n'], { program: 'ipvsadm-save' });
  expect(saved.stdout).toContain('-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3\n');
  expect(await ours.binary(['-R'], { stdin: `-C\n${saved.stdout}` })).toEqual(ok());
  expect(await ours.binary(['-Sn'])).toEqual(saved);
  expect((await ours.binary(['--help'])).code).toBe(0);
});

test('a client makes changes, alone, in a batch and at once, and walks the table', async () => {
  expect(await director().call(calls, 'largeBatch')).toMatchObject({
    applied: 1980,
    services: 1980,
    codes: ['EEXIST'],
  });
  const [queried, walked] = (await director().call(calls, 'parallelCalls')) as number[][];
  expect([queried?.length, walked]).toEqual([50, [50]]);
  expect(await director().call(calls, 'call', 'connections')).toEqual({ value: [] });
});

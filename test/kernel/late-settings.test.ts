/** What some kernels are too old for, on one that is not: it is set, and the kernel is asked once what it knows. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useNamespace } from '../support/director.js';

const director = useNamespace();
const file = join(import.meta.dirname, 'fixtures/late-settings.ts');

beforeAll(async () => {
  const script =
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up; ip -6 addr add 2001:db8::9/64 dev eth0 nodad';
  expect((await director().run(['sh', '-ec', script])).code).toBe(0);
});

test('tunnels, families and the choices of daemons are not taken for lost', async () => {
  expect(await director().call(file, 'useLateSettings')).toEqual({
    // The first tunnel and the first daemon are looked at, and nothing after them.
    datagrams: [1, 2, 1, 1, 2, 1],
    daemons: [
      expect.objectContaining({ state: 'master', ttl: 2, port: 9000, maximumLength: 1200 }),
      expect.objectContaining({ state: 'backup', ttl: 1 }),
    ],
  });
  const { stdout } = await director().genuine(['-Sn']);
  expect(stdout.split('\n').sort().slice(1)).toEqual([
    '-A -t 192.0.2.1:80 -s wlc',
    '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -i -w 1 --tun-type gre --tun-csum',
    '-a -t 192.0.2.1:80 -r 10.0.0.3:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum',
  ]);
});

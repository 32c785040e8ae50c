import { describe, expect, test } from 'vitest';
import { setupScene } from '../support/setup-scene.js';

/** `ipvs realserver` on a machine that is a table. */

const DR = ['--method', 'dr', '--vip', '192.0.2.80'];

test('a dry run for each method prints its commands in order', async () => {
  const context = setupScene();
  const tried = async (...words: string[]) =>
    (await context.run(['realserver', 'up', '--dry-run', ...words])).stdout;
  const quiet = `sysctl -w net.ipv4.conf.all.arp_ignore=1
sysctl -w net.ipv4.conf.all.arp_announce=2
`;
  expect(await tried(...DR, '--vip', '2001:db8::80'))
    .toBe(`${quiet}ip address add 192.0.2.80/32 dev lo
ip -4 route add 192.0.2.80 dev lo scope link
ip address add 2001:db8::80/128 dev lo preferred_lft 0 nodad
`);
  expect(await tried('--method', 'tun', '--vip', '192.0.2.80')).toBe(`modprobe ipip
${quiet}sysctl -w net.ipv4.conf.tunl0.rp_filter=0
ip link set tunl0 up
ip address add 192.0.2.80/32 dev tunl0
ip -4 route add 192.0.2.80 dev tunl0 scope link
`);
  context.ip.routes = ['default via 192.0.2.254 dev eth0'];
  expect(await tried('--method', 'nat', '--gateway', '192.0.2.2')).toBe(
    'ip -4 route replace default via 192.0.2.2 dev eth0\n',
  );
  expect(context.performed).toEqual([]);
});

test('down brings the gateway back, and says so as JSON', async () => {
  const context = setupScene();
  context.ip.routes = ['default via 192.0.2.254 dev eth0'];
  const before = context.all();
  await context.run(['realserver', 'up', '--method', 'nat', '--gateway', '192.0.2.2']);
  const { stdout } = await context.run(['realserver', 'down', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    role: 'realserver',
    changed: [
      {
        kind: 'route',
        name: '-4 default',
        from: ['default via 192.0.2.2 dev eth0'],
        to: ['default via 192.0.2.254 dev eth0'],
      },
    ],
    left: [],
    failures: [],
  });
  expect(context.all()).toEqual(before);
});

describe('status', () => {
  test('without options is that of what up was asked for; nothing is not running', async () => {
    const context = setupScene();
    expect(await context.run(['realserver', 'status'])).toEqual({
      status: 3,
      stdout: 'not running\n',
      stderr: '',
    });
    await context.run(['realserver', 'up', ...DR]);
    const status = async (...words: string[]) =>
      (await context.run(['realserver', 'status', ...words])).status;
    expect([await status(), await status(...DR)]).toEqual([0, 0]);
    expect(await status('--method', 'dr', '--vip', '192.0.2.81')).toBe(3);
    await context.run(['realserver', 'down']);
    expect([await status(), await status(...DR)]).toEqual([3, 3]);
  });

  test('wants the method with any other option', async () => {
    const context = setupScene();
    expect(await context.run(['realserver', 'status', '--vip', '192.0.2.80'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'Name the method too: --method nat|dr|tun\n',
    });
  });
});

test.each(['up', 'down', 'status'])('%s -h has examples', async (verb) => {
  for (const role of ['realserver', 'director']) {
    const { stdout } = await setupScene().run([role, verb, '-h']);
    expect(stdout).toContain(`Examples:\n  ipvs ${role} ${verb}`);
  }
});

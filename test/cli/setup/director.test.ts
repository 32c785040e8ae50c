import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command } from '../../support/command.js';
import { setupScene, stat } from '../../support/setup-scene.js';
import type { SetupScene } from '../../support/setup-scene.js';

/** `ipvs director` on a machine that is a table: order, undoing, what is kept, what is said. */

const RULES = [
  '-A -t 192.0.2.80:80 -s rr',
  '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2',
  '-a -t 192.0.2.80:80 -r 10.0.0.12:80 -m -w 1',
];
/** What makes a director of the scene's machine. */
const COMMANDS = [
  'sysctl -w net.ipv4.ip_forward=1',
  'sysctl -w net.ipv4.conf.all.send_redirects=0',
  'sysctl -w net.ipv4.conf.eth0.send_redirects=0',
  'sysctl -w net.ipv4.conf.eth1.send_redirects=0',
  'ipvsadm -A -t 192.0.2.80:80 -s rr',
  'ipvsadm -a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2',
  'ipvsadm -a -t 192.0.2.80:80 -r 10.0.0.12:80 -m -w 1',
  'ip address add 192.0.2.80/32 dev eth0',
];
const CHANGES = 8;

/** In the place of the kernel, which sets forwarding on every interface when it is set for all. */
function forwards(scene: SetupScene): void {
  const write = scene.machine.write.bind(scene.machine);
  Object.assign(scene.machine, {
    write: async (path: string, text: string) => {
      await write(path, text);
      if (!path.endsWith('/ip_forward')) return;
      for (const one of scene.machine.files.keys()) {
        if (one.endsWith('/forwarding')) scene.machine.files.set(one, `${text}\n`);
      }
      scene.machine.files.set(
        '/proc/sys/net/ipv4/conf/all/accept_redirects',
        text === '1' ? '0\n' : '1\n',
      );
    },
  });
}

function natScene(): SetupScene & { readonly file: string } {
  const scene = setupScene();
  forwards(scene);
  return Object.assign(scene, { file: scene.rules(RULES) });
}

const up = (scene: SetupScene & { readonly file: string }, ...words: string[]) =>
  scene.run(['director', 'up', scene.file, ...words]);

describe('ipvs director up', () => {
  test('starts a few programs for hundreds of addresses, and names the one that is refused', async () => {
    const scene = setupScene();
    const addresses = Array.from({ length: 249 }, (_, index) => `192.0.2.${index + 2}`);
    const file = scene.rules(addresses.map((address) => `-A -t ${address}:80`));
    const before = scene.all();
    scene.onDeed = (deed) => deed === 'address add 192.0.2.77/32 dev eth0';
    const refused = await scene.run(['director', 'up', file]);
    expect(refused).toMatchObject({
      status: 1,
      stderr:
        '192.0.2.77/32 dev eth0\n' +
        '  ip address add 192.0.2.77/32 dev eth0: RTNETLINK answers: refused\n' +
        'Nothing is changed: what was done before has been undone.\n',
    });
    expect(scene.all()).toEqual(before);

    scene.onDeed = () => false;
    const started = () => scene.machine.deeds.filter((deed) => deed.startsWith('ip ')).length;
    const earlier = started();
    expect((await scene.run(['director', 'up', file])).status).toBe(0);
    expect((await scene.run(['director', 'down'])).status).toBe(0);
    expect(scene.all()).toEqual(before);
    expect(started() - earlier).toBeLessThan(20);
  });

  test('sets, then makes rules, then adds addresses; a dry run prints the same as commands and does nothing', async () => {
    const scene = natScene();
    const before = scene.all();
    expect(await up(scene, '--dry-run')).toEqual({
      status: 0,
      stdout: COMMANDS.map((line) => `${line}\n`).join(''),
      stderr: '',
    });
    expect(scene.all()).toEqual(before);
    expect([scene.deeds, scene.kept()]).toEqual([[], []]);

    expect((await up(scene)).status).toBe(0);
    expect(scene.deeds).toEqual([
      'write /proc/sys/net/ipv4/ip_forward',
      'write /proc/sys/net/ipv4/conf/all/send_redirects',
      'write /proc/sys/net/ipv4/conf/eth0/send_redirects',
      'write /proc/sys/net/ipv4/conf/eth1/send_redirects',
      'NEW_SERVICE',
      'NEW_DEST',
      'NEW_DEST',
      'address add 192.0.2.80/32 dev eth0',
    ]);
  });

  test('only looking does not load IPVS', async () => {
    const scene = natScene();
    scene.machine.files.delete('/proc/net/ip_vs');
    expect((await up(scene, '--dry-run')).stdout).toContain('ipvsadm -A -t 192.0.2.80:80 -s rr\n');
    expect((await scene.run(['director', 'status', scene.file])).status).toBe(3);
    expect(scene.kernel.requests).toEqual([]);
  });

  test('done twice changes nothing, and says so', async () => {
    const scene = natScene();
    await up(scene);
    const [state, deeds] = [scene.all(), scene.deeds.length];
    const { stdout } = await up(scene);
    expect(stdout).toMatch(
      /^192\.0\.2\.80\/32 dev eth0: is there already\nNothing was changed\.\n$/m,
    );
    expect([scene.all(), scene.deeds.length]).toEqual([state, deeds]);
  });

  test.each(Array.from({ length: CHANGES }, (_, at) => at))(
    'undoes all when change %i of it fails, and keeps no record',
    async (at) => {
      const scene = natScene();
      const before = scene.all();
      scene.onDeed = () => scene.deeds.length === at + 1;
      const { status, stdout, stderr } = await up(scene);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`  ${COMMANDS[at] ?? ''}: `);
      expect(stderr).toMatch(/\nNothing is changed: what was done before has been undone\.\n$/);
      expect(scene.all()).toEqual(before);
      expect(scene.kept()).toEqual([]);
    },
  );

  test.each(Array.from({ length: CHANGES - 2 }, (_, at) => at))(
    'undoes all when it is interrupted at change %i',
    async (at) => {
      const scene = natScene();
      const before = scene.all();
      const controller = new AbortController();
      scene.onDeed = () => {
        if (scene.deeds.length === at + 1) controller.abort(130);
        return false;
      };
      const words = ['director', 'up', scene.file];
      const { status, stderr } = await scene.run(words, { signal: controller.signal });
      expect({ status, stderr }).toEqual({
        status: 130,
        stderr: 'Interrupted.\nNothing is changed: what was done before has been undone.\n',
      });
      expect(scene.all()).toEqual(before);
    },
  );

  test('tells what could not be undone, and down does it later', async () => {
    const scene = natScene();
    const before = scene.all();
    scene.onDeed = (deed) =>
      deed === 'NEW_SERVICE' || (scene.deeds.length > 5 && deed.endsWith('/ip_forward'));
    const { status, stderr } = await up(scene);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /has been undone, except:\n {2}net\.ipv4\.ip_forward = 1: sysctl -w net\.ipv4\.ip_forward=0: refused\n$/,
    );
    scene.onDeed = () => false;
    expect((await scene.run(['director', 'down'])).status).toBe(0);
    expect(scene.all()).toEqual(before);
  });

  test('what was found is on record before the first change, for root alone', async () => {
    const scene = natScene();
    let kept = '';
    scene.onDeed = () => {
      kept ||= scene.journal();
      return false;
    };
    await up(scene);
    expect(kept).toContain('"net/ipv4/conf/all/accept_redirects=1"');
    expect(scene.kept()).toEqual(['director.json']);
    const modes = [
      scene.state,
      join(scene.state, '4026531840'),
      join(scene.state, '4026531840/director.json'),
    ];
    expect(modes.map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
  });

  test.each([
    [['-A -t 192.0.2.80:80', '-x'], 2, 'Nothing was changed. Mend '],
    [['-A -t 192.0.2.80:80', '-A -t 192.0.2.80:80'], 2, 'line 2: Service already exists'],
    [
      ['# none'],
      2,
      ' has no virtual services. To write one with those of the kernel: ipvsadm-save -n >',
    ],
    [['-A -t 192.0.2.80:80', '-Z'], 2, 'line 2: this is no part of a set-up'],
    [['-A -t 203.0.113.80:80'], 1, 'No interface has a net that holds 203.0.113.80'],
  ])('changes nothing for the rules %j', async (lines, status, text) => {
    const scene = setupScene();
    const done = await scene.run(['director', 'up', scene.rules(lines)]);
    expect(done).toMatchObject({ status, stdout: '' });
    expect(done.stderr).toContain(text);
    expect(scene.deeds).toEqual([]);
  });

  test('says who may, and what is missing', async () => {
    const scene = natScene();
    const words = ['director', 'up', scene.file];
    expect((await scene.run(words, { superuser: false })).stderr).toBe(
      'Only root may do this: try again with sudo.\n',
    );
    expect((await scene.run([...words, '--interface', 'eth7'])).stderr).toBe(
      'There is no interface "eth7". There are: lo eth0 eth1\n',
    );
    Object.assign(scene.machine, { run: () => Promise.resolve(undefined) });
    expect((await scene.run(words)).stderr).toBe(
      'The program ip is not there: install the package iproute2\n',
    );
    expect(scene.deeds).toEqual([]);
  });

  test('one at a time; who is gone holds nobody up', async () => {
    const scene = natScene();
    const folder = join(scene.state, '4026531840');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'director.lock'), '77 12');
    scene.machine.files.set('/proc/77/stat', stat(77, 12));
    expect(await up(scene)).toMatchObject({
      status: 1,
      stderr: 'Another ipvs (PID 77) is setting this machine up. Wait for it, and try again.\n',
    });
    expect(scene.deeds).toEqual([]);
    // Another process has its number now.
    scene.machine.files.set('/proc/77/stat', stat(77, 13));
    expect((await up(scene)).status).toBe(0);
    expect(scene.kept()).toEqual(['director.json']);
  });

  test.each([
    ['{"version":1', 'is damaged'],
    ['{"version":1,"boot":"this-boot","request":{},"records":[{"step":{}}]}', 'is damaged'],
    [
      '{"version":1,"boot":"this-boot","links":["eth9 02:00:00:00:00:99"],"request":{},"records":[]}',
      'is of a network namespace that had',
    ],
  ])('a record that cannot be trusted is an error: %s', async (text, words) => {
    const scene = natScene();
    const file = join(scene.state, '4026531840', 'director.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    for (const verb of [['up', scene.file], ['down']]) {
      const done = await scene.run(['director', ...verb]);
      expect(done).toMatchObject({ status: 1, stdout: '' });
      expect(done.stderr).toContain(`Nothing was changed. ${file}`);
      expect(done.stderr).toContain(words);
    }
    expect(scene.deeds).toEqual([]);
  });

  test('what was recorded before the machine was started anew counts no more', async () => {
    const scene = natScene();
    await up(scene);
    scene.machine.files.set('/proc/sys/kernel/random/boot_id', 'the-next\n');
    expect((await scene.run(['director', 'down'])).stdout).toMatch(/^Nothing to do/);
  });
});

test('an address that up has added moves to another interface; one of somebody else stays', async () => {
  const scene = natScene();
  await up(scene);
  expect((await up(scene, '--interface', 'eth1')).stdout).toMatch(
    /^192\.0\.2\.80\/32 dev eth1: done\n192\.0\.2\.80\/32 dev eth0: undone\n/m,
  );
  await scene.run(['director', 'down']);
  scene.ip.run(['-batch', '-'], 'address add 192.0.2.80/24 dev eth0\n');
  const before = scene.all();
  expect((await up(scene, '--interface', 'eth1')).stdout).toContain(
    '192.0.2.80/24 dev eth0: is there already\n',
  );
  await scene.run(['director', 'down']);
  expect(scene.all()).toEqual(before);
});

describe('ipvs director down', () => {
  test('restores what the kernel has changed besides, and deletes its record', async () => {
    const scene = natScene();
    scene.machine.files.set('/proc/sys/net/ipv4/conf/eth1/forwarding', '1\n');
    const before = scene.all();
    await up(scene);
    expect(await scene.run(['director', 'down', scene.file, '--dry-run'])).toMatchObject({
      stdout: `ip address del 192.0.2.80/32 dev eth0
ipvsadm -D -t 192.0.2.80:80
sysctl -w net.ipv4.conf.eth1.send_redirects=1
sysctl -w net.ipv4.conf.eth0.send_redirects=1
sysctl -w net.ipv4.conf.all.send_redirects=1
sysctl -w net.ipv4.ip_forward=0
sysctl -w net.ipv4.conf.eth1.forwarding=1
`,
    });
    await scene.run(['director', 'down']);
    expect(scene.all()).toEqual(before);
    expect(scene.kept()).toEqual([]);
    // No client meets the address once its rules go.
    expect(scene.deeds.slice(CHANGES)).toEqual([
      'address del 192.0.2.80/32 dev eth0',
      'DEL_SERVICE',
      'write /proc/sys/net/ipv4/conf/eth1/send_redirects',
      'write /proc/sys/net/ipv4/conf/eth0/send_redirects',
      'write /proc/sys/net/ipv4/conf/all/send_redirects',
      'write /proc/sys/net/ipv4/ip_forward',
      'write /proc/sys/net/ipv4/conf/eth1/forwarding',
    ]);
  });

  test('leaves a value that somebody has changed since, and tells it', async () => {
    const scene = natScene();
    await up(scene);
    scene.machine.files.set('/proc/sys/net/ipv4/conf/eth0/send_redirects', '7\n');
    const { status, stderr } = await scene.run(['director', 'down']);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'Left as it is, for somebody has changed it since: net/ipv4/conf/eth0/send_redirects=7\n',
    });
    expect(scene.machine.files.get('/proc/sys/net/ipv4/conf/eth0/send_redirects')).toBe('7\n');
  });

  test('goes on behind what fails, and does the rest when it is called again', async () => {
    const scene = natScene();
    const before = scene.all();
    await up(scene);
    scene.onDeed = (deed) => deed === 'address del 192.0.2.80/32 dev eth0';
    const { status, stderr } = await scene.run(['director', 'down']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        '192.0.2.80/32 dev eth0: ip address del 192.0.2.80/32 dev eth0: RTNETLINK answers: refused\n' +
        'The rest is on record: ipvs director down\n',
    });
    expect(scene.kernel.table()).toEqual([]);
    scene.onDeed = () => false;
    await scene.run(['director', 'down']);
    expect(scene.all()).toEqual(before);
  });

  test('a real server that up has added goes with the next CONFIG; one that others have added stays', async () => {
    const scene = natScene();
    await up(scene);
    await command('-a -t 192.0.2.80:80 -r 10.0.0.99 -m', { kernel: scene.kernel });
    scene.rules(RULES.slice(0, 2));
    expect((await up(scene)).stderr).toBe(
      'Left as it is, for others have added it: -a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 1\n',
    );
    expect((await command('-Sn', { kernel: scene.kernel })).stdout).toBe(`-A -t 192.0.2.80:80 -s rr
-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2
-a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 1
`);
  });
});

describe('as JSON', () => {
  test('up and down say what they have changed, a dry run its commands too', async () => {
    const scene = natScene();
    const tried = JSON.parse((await up(scene, '--dry-run', '--json')).stdout) as Record<
      string,
      unknown
    >;
    expect(Object.keys(tried)).toEqual(['role', 'changed', 'left', 'failures', 'commands']);
    expect(tried['commands']).toEqual(COMMANDS);
    const done = JSON.parse((await up(scene, '--json')).stdout) as Record<string, unknown>;
    expect(done).toMatchObject({ role: 'director', left: [], failures: [] });
    expect(done['changed']).toContainEqual({
      kind: 'address',
      name: '192.0.2.80/32 dev eth0',
      from: [],
      to: ['192.0.2.80/32 dev eth0'],
    });
    expect(JSON.parse((await up(scene, '--json')).stdout)).toMatchObject({ changed: [] });
  });

  test('status says each step; half of the real servers will do, and no address will not', async () => {
    const scene = natScene();
    await up(scene);
    await command('-d -t 192.0.2.80:80 -r 10.0.0.11', { kernel: scene.kernel });
    const running = await scene.run(['director', 'status', scene.file, '--json']);
    expect(running.status).toBe(0);
    const { steps, ...rest } = JSON.parse(running.stdout) as { steps: Record<string, unknown>[] };
    expect(rest).toEqual({ role: 'director', running: true });
    expect(steps.find(({ kind }) => kind === 'service')).toMatchObject({
      kind: 'service',
      name: '-t 192.0.2.80:80',
      right: true,
      note: '1 of 2 real servers',
    });
    scene.ip.run(['-batch', '-'], 'address del 192.0.2.80/32 dev eth0\n');
    const { status, stdout } = await scene.run(['director', 'status', scene.file]);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^not ok {2}192\.0\.2\.80\/32 dev eth0 \(not there\)\nnot running\n$/m);
  });
});

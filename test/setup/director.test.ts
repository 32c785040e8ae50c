import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command } from '../support/command.js';
import { setupScene, stat } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

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
function forwards(context: SetupScene): void {
  const write = context.host.write.bind(context.host);
  Object.assign(context.host, {
    write: async (path: string, text: string) => {
      await write(path, text);
      if (!path.endsWith('/ip_forward')) return;
      for (const one of context.host.files.keys()) {
        if (one.endsWith('/forwarding')) context.host.files.set(one, `${text}\n`);
      }
      context.host.files.set(
        '/proc/sys/net/ipv4/conf/all/accept_redirects',
        text === '1' ? '0\n' : '1\n',
      );
    },
  });
}

function natScene(): SetupScene & { readonly file: string } {
  const context = setupScene();
  forwards(context);
  return Object.assign(context, { file: context.rules(RULES) });
}

const up = (context: SetupScene & { readonly file: string }, ...words: string[]) =>
  context.run(['director', 'up', context.file, ...words]);

describe('ipvs director up', () => {
  test('starts a few programs for hundreds of addresses, and names the one that is refused', async () => {
    const context = setupScene();
    const addresses = Array.from({ length: 249 }, (_, index) => `192.0.2.${index + 2}`);
    const file = context.rules(addresses.map((address) => `-A -t ${address}:80`));
    const before = context.all();
    context.onChange = (handler) => handler === 'address add 192.0.2.77/32 dev eth0';
    const refused = await context.run(['director', 'up', file]);
    expect(refused).toMatchObject({
      status: 3,
      stderr:
        '192.0.2.77/32 dev eth0\n' +
        '  ip address add 192.0.2.77/32 dev eth0: RTNETLINK answers: refused\n' +
        'Nothing was changed: the steps before it were rolled back.\n',
    });
    expect(context.all()).toEqual(before);

    context.onChange = () => false;
    const started = () => context.host.deeds.filter((handler) => handler.startsWith('ip ')).length;
    const earlier = started();
    expect((await context.run(['director', 'up', file])).status).toBe(0);
    expect((await context.run(['director', 'down'])).status).toBe(0);
    expect(context.all()).toEqual(before);
    expect(started() - earlier).toBeLessThan(20);
  });

  test('sets, then makes rules, then adds addresses; a dry run prints the same as commands and does nothing', async () => {
    const context = natScene();
    const before = context.all();
    expect(await up(context, '--dry-run')).toEqual({
      status: 0,
      stdout: COMMANDS.map((line) => `${line}\n`).join(''),
      stderr: '',
    });
    expect(context.all()).toEqual(before);
    expect([context.performed, context.kept()]).toEqual([[], []]);

    expect((await up(context)).status).toBe(0);
    expect(context.performed).toEqual([
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
    const context = natScene();
    context.host.files.delete('/proc/net/ip_vs');
    expect((await up(context, '--dry-run')).stdout).toContain(
      'ipvsadm -A -t 192.0.2.80:80 -s rr\n',
    );
    expect((await context.run(['director', 'status', context.file])).status).toBe(3);
    expect(context.kernel.requests).toEqual([]);
  });

  test('done twice changes nothing, and says so', async () => {
    const context = natScene();
    await up(context);
    const [state, deeds] = [context.all(), context.performed.length];
    const { stdout } = await up(context);
    expect(stdout).toMatch(/^192\.0\.2\.80\/32 dev eth0: unchanged\nNothing was changed\.\n$/m);
    expect([context.all(), context.performed.length]).toEqual([state, deeds]);
  });

  test.each(Array.from({ length: CHANGES }, (_, at) => at))(
    'undoes all when change %i of it fails, and keeps no record',
    async (at) => {
      const context = natScene();
      const before = context.all();
      context.onChange = () => context.performed.length === at + 1;
      const { status, stdout, stderr } = await up(context);
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr).toContain(`  ${COMMANDS[at] ?? ''}: `);
      expect(stderr).toMatch(/\nNothing was changed: the steps before it were rolled back\.\n$/);
      expect(context.all()).toEqual(before);
      expect(context.kept()).toEqual([]);
    },
  );

  test.each(Array.from({ length: CHANGES - 2 }, (_, at) => at))(
    'undoes all when it is interrupted at change %i',
    async (at) => {
      const context = natScene();
      const before = context.all();
      const controller = new AbortController();
      context.onChange = () => {
        if (context.performed.length === at + 1) controller.abort(130);
        return false;
      };
      const words = ['director', 'up', context.file];
      const { status, stderr } = await context.run(words, { signal: controller.signal });
      expect({ status, stderr }).toEqual({
        status: 130,
        stderr: 'Interrupted.\nNothing was changed: the steps before it were rolled back.\n',
      });
      expect(context.all()).toEqual(before);
    },
  );

  test('says what could not be undone, and down does it later', async () => {
    const context = natScene();
    const before = context.all();
    context.onChange = (handler) =>
      handler === 'NEW_SERVICE' ||
      (context.performed.length > 5 && handler.endsWith('/ip_forward'));
    const { status, stderr } = await up(context);
    expect(status).toBe(4);
    expect(stderr).toMatch(
      /has been undone, except:\n {2}net\.ipv4\.ip_forward = 1: sysctl -w net\.ipv4\.ip_forward=0: refused\n$/,
    );
    context.onChange = () => false;
    expect((await context.run(['director', 'down'])).status).toBe(0);
    expect(context.all()).toEqual(before);
  });

  test('the original state is on record before the first change, for root alone', async () => {
    const context = natScene();
    let kept = '';
    context.onChange = () => {
      kept ||= context.journal();
      return false;
    };
    await up(context);
    expect(kept).toContain('"net/ipv4/conf/all/accept_redirects=1"');
    expect(context.kept()).toEqual(['director.json']);
    const modes = [
      context.state,
      join(context.state, '4026531840'),
      join(context.state, '4026531840/director.json'),
    ];
    expect(modes.map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
  });

  test.each([
    [['-A -t 192.0.2.80:80', '-x'], 2, 'Nothing was changed. Fix '],
    [['-A -t 192.0.2.80:80', '-A -t 192.0.2.80:80'], 2, 'line 2: cannot add the service '],
    [
      ['# none'],
      2,
      ' has no virtual services. To write one with those of the kernel: ipvsadm-save -n >',
    ],
    [['-A -t 192.0.2.80:80', '-Z'], 2, 'line 2: this is no part of a set-up'],
    [['-A -t 203.0.113.80:80'], 3, 'No interface has a net that holds 203.0.113.80'],
  ])('changes nothing for the rules %j', async (lines, status, text) => {
    const context = setupScene();
    const done = await context.run(['director', 'up', context.rules(lines)]);
    expect(done).toMatchObject({ status, stdout: '' });
    expect(done.stderr).toContain(text);
    expect(context.performed).toEqual([]);
  });

  test('says who may, and what is missing', async () => {
    const context = natScene();
    const words = ['director', 'up', context.file];
    expect((await context.run(words, { superuser: false })).stderr).toBe(
      'Only root may do this: try again with sudo.\n',
    );
    expect((await context.run([...words, '--interface', 'eth7'])).stderr).toBe(
      'There is no interface "eth7". There are: lo eth0 eth1\n',
    );
    Object.assign(context.host, { run: () => Promise.resolve(undefined) });
    expect((await context.run(words)).stderr).toBe(
      'The program ip is not installed: install the package iproute2\n',
    );
    expect(context.performed).toEqual([]);
  });

  test('one at a time; who is gone holds nobody up', async () => {
    const context = natScene();
    const folder = join(context.state, '4026531840');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'director.lock'), '77 12');
    context.host.files.set('/proc/77/stat', stat(77, 12));
    expect(await up(context)).toMatchObject({
      status: 3,
      stderr: 'Another ipvs (PID 77) is changing this machine. Wait for it, and try again.\n',
    });
    expect(context.performed).toEqual([]);
    // Another process has its number now.
    context.host.files.set('/proc/77/stat', stat(77, 13));
    expect((await up(context)).status).toBe(0);
    expect(context.kept()).toEqual(['director.json']);
  });

  test.each([
    ['{"version":1', 'is damaged'],
    ['{"version":1,"boot":"this-boot","request":{},"records":[{"step":{}}]}', 'is damaged'],
    [
      '{"version":1,"boot":"this-boot","links":["eth9 02:00:00:00:00:99"],"request":{},"records":[]}',
      'is of a network namespace that had',
    ],
  ])('a record that cannot be trusted is an error: %s', async (text, words) => {
    const context = natScene();
    const file = join(context.state, '4026531840', 'director.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    for (const verb of [['up', context.file], ['down']]) {
      const done = await context.run(['director', ...verb]);
      expect(done).toMatchObject({ status: 3, stdout: '' });
      expect(done.stderr).toContain(`Nothing was changed. ${file}`);
      expect(done.stderr).toContain(words);
    }
    expect(context.performed).toEqual([]);
  });

  describe('the record of an earlier network namespace with the number of this one', () => {
    const OLD =
      '{"version":1,"boot":"this-boot","links":["eth9 02:00:00:00:00:99"],"request":{},"records":[]}';

    function oldRecord(context: SetupScene): string {
      const file = join(context.state, '4026531840', 'director.json');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, OLD);
      return file;
    }

    test('is moved aside with --forget, and up goes on', async () => {
      const context = natScene();
      const file = oldRecord(context);
      const refused = await up(context);
      expect(refused.stderr).toMatch(/: ipvs director down --forget\n$/);
      expect((await up(context, '--forget', '--dry-run')).status).toBe(0);
      expect(context.kept()).toEqual(['director.json']);
      const { status, stderr } = await up(context, '--forget');
      expect(status).toBe(0);
      expect(stderr).toMatch(
        /^Set aside the journal of an earlier network namespace: \S+\.stale-\d{8}T\d{6}Z\n$/,
      );
      const [journal, aside = ''] = context.kept();
      expect(journal).toBe('director.json');
      expect(readFileSync(join(dirname(file), aside), 'utf8')).toBe(OLD);
    });

    test('is moved aside by down --forget, which brings nothing back', async () => {
      const context = natScene();
      oldRecord(context);
      const { status, stdout } = await context.run(['director', 'down', '--forget']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^Nothing to do/);
      expect(context.kept().join()).toMatch(/^director\.json\.stale-[^,]+$/);
      expect(context.performed).toEqual([]);
    });

    test('is the only one that --forget touches', async () => {
      const context = natScene();
      const before = context.all();
      await up(context);
      expect(await context.run(['director', 'down', '--forget'])).toMatchObject({
        status: 0,
        stderr: '',
      });
      expect(context.all()).toEqual(before);
      expect(context.kept()).toEqual([]);
    });
  });

  test('what was recorded before the machine was restarted is ignored', async () => {
    const context = natScene();
    await up(context);
    context.host.files.set('/proc/sys/kernel/random/boot_id', 'the-next\n');
    expect((await context.run(['director', 'down'])).stdout).toMatch(/^Nothing to do/);
  });
});

test('an address that up has added moves to another interface; one of somebody else stays', async () => {
  const context = natScene();
  await up(context);
  expect((await up(context, '--interface', 'eth1')).stdout).toMatch(
    /^192\.0\.2\.80\/32 dev eth1: done\n192\.0\.2\.80\/32 dev eth0: undone\n/m,
  );
  await context.run(['director', 'down']);
  context.ip.run(['-batch', '-'], 'address add 192.0.2.80/24 dev eth0\n');
  const before = context.all();
  expect((await up(context, '--interface', 'eth1')).stdout).toContain(
    '192.0.2.80/24 dev eth0: unchanged\n',
  );
  await context.run(['director', 'down']);
  expect(context.all()).toEqual(before);
});

test('keeps the old real server of a service while the kernel refuses the new one', async () => {
  const context = setupScene();
  forwards(context);
  const service = '-A -t 192.0.2.80:80 -s rr';
  const file = context.rules([service, '-a -t 192.0.2.80:80 -r 10.0.0.2:80 -m']);
  await context.run(['director', 'up', file]);
  const [before, deeds] = [context.all(), context.performed.length];
  context.rules([service, '-a -t 192.0.2.80:80 -r 10.0.0.3:80 -m']);
  context.onChange = (handler) => handler === 'NEW_DEST';
  expect(await context.run(['director', 'up', file])).toMatchObject({
    status: 3,
    stderr:
      'service -t 192.0.2.80:80, 1 real server\n' +
      '  ipvsadm -a -t 192.0.2.80:80 -r 10.0.0.3:80 -m -w 1: cannot add the real server 10.0.0.3:80 ' +
      'to the service tcp:192.0.2.80:80: the kernel is out of memory (ENOMEM)\n' +
      'Nothing was changed: the steps before it were rolled back.\n',
  });
  expect(context.performed.slice(deeds)).toEqual(['NEW_DEST']);
  expect(context.all()).toEqual(before);
});

describe('ipvs director down', () => {
  test('restores what the kernel has changed besides, and deletes its record', async () => {
    const context = natScene();
    context.host.files.set('/proc/sys/net/ipv4/conf/eth1/forwarding', '1\n');
    const before = context.all();
    await up(context);
    expect(await context.run(['director', 'down', context.file, '--dry-run'])).toMatchObject({
      stdout: `ip address del 192.0.2.80/32 dev eth0
ipvsadm -D -t 192.0.2.80:80
sysctl -w net.ipv4.conf.eth1.send_redirects=1
sysctl -w net.ipv4.conf.eth0.send_redirects=1
sysctl -w net.ipv4.conf.all.send_redirects=1
sysctl -w net.ipv4.ip_forward=0
sysctl -w net.ipv4.conf.eth1.forwarding=1
`,
    });
    await context.run(['director', 'down']);
    expect(context.all()).toEqual(before);
    expect(context.kept()).toEqual([]);
    // No client meets the address once its rules go.
    expect(context.performed.slice(CHANGES)).toEqual([
      'address del 192.0.2.80/32 dev eth0',
      'DEL_SERVICE',
      'write /proc/sys/net/ipv4/conf/eth1/send_redirects',
      'write /proc/sys/net/ipv4/conf/eth0/send_redirects',
      'write /proc/sys/net/ipv4/conf/all/send_redirects',
      'write /proc/sys/net/ipv4/ip_forward',
      'write /proc/sys/net/ipv4/conf/eth1/forwarding',
    ]);
  });

  test('leaves a value that somebody has changed since, and says so', async () => {
    const context = natScene();
    await up(context);
    context.host.files.set('/proc/sys/net/ipv4/conf/eth0/send_redirects', '7\n');
    const { status, stderr } = await context.run(['director', 'down']);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'Left as it is, because it was changed since: net/ipv4/conf/eth0/send_redirects=7\n',
    });
    expect(context.host.files.get('/proc/sys/net/ipv4/conf/eth0/send_redirects')).toBe('7\n');
  });

  test('goes on behind what fails, and does the rest when it is called again', async () => {
    const context = natScene();
    const before = context.all();
    await up(context);
    context.onChange = (handler) => handler === 'address del 192.0.2.80/32 dev eth0';
    const { status, stderr } = await context.run(['director', 'down']);
    expect({ status, stderr }).toEqual({
      status: 4,
      stderr:
        '192.0.2.80/32 dev eth0: ip address del 192.0.2.80/32 dev eth0: RTNETLINK answers: refused\n' +
        'To undo the rest, run again: ipvs director down\n',
    });
    expect(context.kernel.table()).toEqual([]);
    context.onChange = () => false;
    await context.run(['director', 'down']);
    expect(context.all()).toEqual(before);
  });

  test('a real server that up has added goes with the next CONFIG; one that others have added stays', async () => {
    const context = natScene();
    await up(context);
    await command('-a -t 192.0.2.80:80 -r 10.0.0.99 -m', { kernel: context.kernel });
    context.rules(RULES.slice(0, 2));
    expect((await up(context)).stderr).toBe(
      'Left as it is, because others added it: -a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 1\n',
    );
    expect((await command('-Sn', { kernel: context.kernel })).stdout)
      .toBe(`-A -t 192.0.2.80:80 -s rr
-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 2
-a -t 192.0.2.80:80 -r 10.0.0.99:80 -m -w 1
`);
  });
});

describe('as JSON', () => {
  test('up and down say what they have changed, a dry run its commands too', async () => {
    const context = natScene();
    const tried = JSON.parse((await up(context, '--dry-run', '--json')).stdout) as Record<
      string,
      unknown
    >;
    expect(Object.keys(tried)).toEqual([
      'schemaVersion',
      'role',
      'changed',
      'left',
      'failures',
      'commands',
    ]);
    expect(tried['commands']).toEqual(COMMANDS);
    const done = JSON.parse((await up(context, '--json')).stdout) as Record<string, unknown>;
    expect(done).toMatchObject({ role: 'director', left: [], failures: [] });
    expect(done['changed']).toContainEqual({
      kind: 'address',
      name: '192.0.2.80/32 dev eth0',
      from: [],
      to: ['192.0.2.80/32 dev eth0'],
    });
    expect(JSON.parse((await up(context, '--json')).stdout)).toMatchObject({ changed: [] });
  });

  test('status says each step; half of the real servers will do, and no address will not', async () => {
    const context = natScene();
    await up(context);
    await command('-d -t 192.0.2.80:80 -r 10.0.0.11', { kernel: context.kernel });
    const running = await context.run(['director', 'status', context.file, '--json']);
    expect(running.status).toBe(0);
    const { steps, ...rest } = JSON.parse(running.stdout) as { steps: Record<string, unknown>[] };
    expect(rest).toEqual({ schemaVersion: 1, role: 'director', running: true });
    expect(steps.find(({ kind }) => kind === 'service')).toMatchObject({
      kind: 'service',
      name: '-t 192.0.2.80:80',
      right: true,
      note: '1 of 2 real servers',
    });
    context.ip.run(['-batch', '-'], 'address del 192.0.2.80/32 dev eth0\n');
    const { status, stdout } = await context.run(['director', 'status', context.file]);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^not ok {2}192\.0\.2\.80\/32 dev eth0 \(not there\)\nnot running\n$/m);
  });
});

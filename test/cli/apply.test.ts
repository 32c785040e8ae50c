/** `ipvs diff` and `ipvs apply`: the table beside a state file, here one of rules. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tableKernel } from '../../src/testing/table-kernel.js';
import { command } from '../support/command.js';
import { setupScene, stat } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

const WEB = '-A -t 192.0.2.1:80 -s rr';
const server = (host: number, weight = 1) =>
  `-a -t 192.0.2.1:80 -r 10.0.0.${host}:80 -m -w ${weight}`;
const MAIL = ['-A -t 192.0.2.1:25 -s rr', '-a -t 192.0.2.1:25 -r 10.0.0.9:25 -m -w 1'];

const run = (scene: SetupScene, verb: string, rules: readonly string[], ...words: string[]) =>
  scene.run([verb, '-f', scene.rules(rules), ...words]);
/** What was sent that changes something. */
const writes = (scene: SetupScene) => scene.performed.splice(0);
const records = (scene: SetupScene): unknown =>
  JSON.parse(readFileSync(join(scene.state, '4026531840', 'table.json'), 'utf8'));

describe('ipvs diff', () => {
  test('says what apply would do, with old and new values, and has status 1', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2), server(3)]);
    const { status, stdout } = await run(scene, 'diff', [
      '-A -t 192.0.2.1:80 -s wlc',
      server(2, 5),
      server(4),
      ...MAIL,
    ]);
    expect([status, stdout]).toEqual([
      1,
      [
        '~ tcp:192.0.2.1:80  scheduler rr -> wlc',
        '~ tcp:192.0.2.1:80 10.0.0.2:80  weight 1 -> 5',
        '+ tcp:192.0.2.1:80 10.0.0.4:80  method nat, weight 1',
        '+ tcp:192.0.2.1:25  scheduler rr',
        '+ tcp:192.0.2.1:25 10.0.0.9:25  method nat, weight 1',
        '- tcp:192.0.2.1:80 10.0.0.3:80',
        '6 changes, no connection is cut.',
        '',
      ].join('\n'),
    ]);
  });

  test('says that nothing differs, with status 0, and changes nothing either way', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2)]);
    writes(scene);
    expect(await run(scene, 'diff', [WEB, server(2)])).toEqual({
      status: 0,
      stdout: 'Same: there is nothing to change.\n',
      stderr: '',
    });
    expect((await run(scene, 'diff', MAIL)).status).toBe(1);
    expect(writes(scene)).toEqual([]);
  });

  test('prints JSON, and the command lines of ipvsadm', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2)]);
    const { stdout } = await run(scene, 'diff', [WEB, server(2, 3)], '--json');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      changes: 1,
      cuts: 0,
      steps: [
        {
          action: 'change',
          service: 'tcp:192.0.2.1:80',
          server: '10.0.0.2:80',
          from: { method: 'nat', weight: 1 },
          to: { method: 'nat', weight: 3 },
          cuts: 0,
        },
      ],
    });
    const commands = await run(scene, 'diff', [WEB, server(2, 3)], '-o', 'commands');
    expect(commands.stdout).toBe('ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 3\n');
  });
});

describe('ipvs apply', () => {
  test('sends the least: a changed weight is one edit, and once more nothing', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2), server(3)]);
    writes(scene);
    const { status, stdout } = await run(scene, 'apply', [WEB, server(2), server(3, 7)]);
    expect([status, stdout]).toEqual([0, '~ tcp:192.0.2.1:80 10.0.0.3:80  weight 1 -> 7\n']);
    expect(writes(scene)).toEqual(['SET_DEST']);
    expect((await run(scene, 'apply', [WEB, server(2), server(3, 7)])).stdout).toBe(
      'Nothing was changed.\n',
    );
    expect(writes(scene)).toEqual([]);
  });

  test('adds before it removes', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2)]);
    writes(scene);
    await run(scene, 'apply', [WEB, server(3)]);
    expect(writes(scene)).toEqual(['NEW_DEST', 'DEL_DEST']);
  });

  test('with -q prints nothing, and with --json the changes', async () => {
    const scene = setupScene();
    expect((await run(scene, 'apply', [WEB], '-q')).stdout).toBe('');
    const { stdout } = await run(scene, 'apply', [WEB, server(2)], '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      changes: [{ action: 'add', server: '10.0.0.2:80' }],
      failures: [],
    });
  });

  test('--dry-run is diff', async () => {
    const scene = setupScene();
    const dry = await run(scene, 'apply', [WEB], '--dry-run');
    expect(dry).toEqual(await run(scene, 'diff', [WEB]));
    expect(writes(scene)).toEqual([]);
  });

  test('--keep-weights leaves the weights that servers have', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2, 9)]);
    writes(scene);
    await run(scene, 'apply', [WEB, server(2), server(3)], '--keep-weights');
    expect(writes(scene)).toEqual(['NEW_DEST']);
  });
});

describe('which services go', () => {
  test('are those that an apply with this owner has made, and no others', async () => {
    const scene = setupScene([{ service: 'tcp:192.0.2.9:80' }]);
    await run(scene, 'apply', [WEB, server(2)]);
    await run(scene, 'apply', MAIL, '--owner', 'mail');
    await run(scene, 'apply', ['-A -t 192.0.2.5:80 -s rr']);
    expect(scene.kernel.table().length).toBe(3);
    const services = records(scene);
    expect(services).toMatchObject({
      services: [
        { service: 'tcp:192.0.2.1:25', owner: 'mail' },
        { service: 'tcp:192.0.2.5:80', owner: 'ipvs' },
      ],
    });
  });

  test('are none of those that were there before a file named them', async () => {
    const scene = setupScene([{ service: 'tcp:192.0.2.1:80', settings: { scheduler: 'rr' } }]);
    await run(scene, 'apply', [WEB, server(2)]);
    await run(scene, 'apply', MAIL);
    expect(scene.kernel.table().length).toBe(2);
  });

  test('are none with an empty file, and all with --prune all', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2)]);
    expect(await run(scene, 'apply', [])).toMatchObject({ status: 0 });
    expect(scene.kernel.table().length).toBe(1);
    await run(scene, 'apply', [], '--prune', 'all');
    expect(scene.kernel.table()).toEqual([]);
  });

  test('are none with --prune none', async () => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB]);
    await run(scene, 'apply', MAIL, '--prune', 'none');
    expect(scene.kernel.table().length).toBe(2);
  });
});

test('a service of another owner is changed if the file names it, with a warning', async () => {
  const scene = setupScene();
  await run(scene, 'apply', [WEB, server(2)], '--owner', 'web');
  const { status, stderr } = await run(scene, 'apply', [WEB, server(3)]);
  expect([status, stderr]).toEqual([0, expect.stringContaining('tcp:192.0.2.1:80 (web)')]);
});

test('a record of a service that is gone is no warning: whoever makes it again owns it', async () => {
  const scene = setupScene();
  await run(scene, 'apply', [WEB, server(2)], '--owner', 'web');
  await command('-C', { kernel: scene.kernel });
  expect(await run(scene, 'apply', [WEB, server(3)], '-q')).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  expect(records(scene)).toMatchObject({
    services: [{ service: 'tcp:192.0.2.1:80', owner: 'ipvs' }],
  });
});

describe('what the kernel refuses', () => {
  const refusing = async (nth: number) => {
    const scene = setupScene();
    await run(scene, 'apply', [WEB, server(2)]);
    let seen = 0;
    scene.onChange = (handler) => handler === 'NEW_DEST' && (seen += 1) === nth;
    return scene;
  };

  test('leaves the table as it was: status 3, and the reason', async () => {
    const scene = await refusing(2);
    const before = scene.kernel.table();
    const outcome = await run(scene, 'apply', [WEB, server(3), server(4)]);
    expect(outcome.status).toBe(3);
    expect(outcome.stderr).toContain('cannot add the real server 10.0.0.4:80');
    expect(outcome.stderr).toContain('Undone because of that: 1 change.');
    expect(scene.kernel.table()).toEqual(before);
  });
});

test('what somebody else adds meanwhile is planned for again, and not reported as left undone', async () => {
  const scene = setupScene();
  await run(scene, 'apply', [WEB, server(2)]);
  let refused = 0;
  const kernel = tableKernel({
    services: [{ service: 'tcp:192.0.2.1:80', destinations: [{ destination: '10.0.0.2:80' }] }],
    refuse: ({ command }) =>
      command === 'NEW_DEST' && (refused += 1) === 1 ? 'EEXIST' : undefined,
  });
  const file = scene.rules([WEB, server(3)]);
  const outcome = await scene.run(['apply', '-f', file, '--json'], { kernel });
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  const { changes, ...others } = JSON.parse(outcome.stdout) as { readonly changes: unknown[] };
  expect([changes.length > 0, others]).toEqual([true, { schemaVersion: 1, failures: [] }]);
});

test('a signal while draining gives the weights back, and reports that nothing is left of it', async () => {
  const destinations = [2, 3].map((host) => ({
    destination: `10.0.0.${host}:80`,
    settings: { forwardingMethod: 'nat', weight: 2 } as const,
    activeConnections: 1,
  }));
  const scene = setupScene([
    { service: 'tcp:192.0.2.1:80', settings: { scheduler: 'rr' }, destinations },
  ]);
  const interruption = new AbortController();
  scene.onChange = (handler) => {
    if (handler === 'SET_DEST')
      setImmediate(() => {
        interruption.abort(130);
      });
    return false;
  };
  const file = scene.rules([WEB, server(2, 2)]);
  const { signal } = interruption;
  const outcome = await scene.run(['apply', '-f', file, '--drain', '60', '--json'], { signal });
  expect(outcome.status).toBe(130);
  expect(JSON.parse(outcome.stdout)).toMatchObject({
    changes: [],
    failures: [],
    undone: [{ action: 'change', server: '10.0.0.3:80', to: { weight: 0 } }],
    interrupted: true,
  });
  expect(scene.kernel.table()[0]?.destinations.map(({ settings }) => settings.weight)).toEqual([
    2, 2,
  ]);
  expect(records(scene)).toMatchObject({ drained: [] });
});

test('two at once wait for each other: the second says for whom after a second', async () => {
  const scene = setupScene();
  const first = run(scene, 'apply', [WEB, server(2)]);
  const second = run(scene, 'apply', [WEB, server(2)]);
  expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([0, 0]);
});

test('damaged records are told, and nothing is changed', async () => {
  const scene = setupScene();
  await run(scene, 'apply', [WEB]);
  writes(scene);
  writeFileSync(join(scene.state, '4026531840', 'table.json'), '{');
  const { status, stderr } = await run(scene, 'apply', MAIL);
  expect([status, stderr]).toEqual([3, expect.stringContaining('To go on without: rm ')]);
  expect(writes(scene)).toEqual([]);
});

test('the lock of a process that is gone is no obstacle', async () => {
  const scene = setupScene();
  await run(scene, 'apply', [WEB]);
  writeFileSync(join(scene.state, '4026531840', 'table.lock'), '99999 7');
  expect((await run(scene, 'apply', [WEB, server(2)])).status).toBe(0);
  expect(stat(1, 1)).toBeDefined();
});

test.each([
  [['diff'], "required option '-f, --file <file>' not specified"],
  [['apply', '-f', 'x', '--prune', 'some'], 'Allowed choices are none, owned, all'],
  [['apply', '-f', 'x', '--drain', '-1'], 'It must be a whole number'],
  [['apply', '-f', 'x', '--max-cut', 'many'], 'It must be a whole number'],
  [['apply', '-f', 'x', '--owner', '../x'], 'It must be a word'],
])('ipvs %j is a usage error', async (words, text) => {
  const { status, stderr } = await setupScene().run(words);
  expect([status, stderr]).toEqual([2, expect.stringContaining(text)]);
});

/** While an agent runs, what it keeps is changed by it, or not at all; everything else as always. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ControlError } from '../../src/agent/control/control.js';
import type { DrainRequest } from '../../src/agent/control/shapes.js';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import {
  deadSocket,
  FakeAgent,
  PATIENT,
  serveFakeAgent,
  server,
  service,
} from '../support/fake-agent.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

const WEB = 'tcp:192.0.2.1:80';
const MAIL = 'tcp:192.0.2.1:25';
const settings = { forwardingMethod: 'nat', weight: 3 } as const;

/** An agent that keeps one service of a table, and drains in it as the real one does. */
class KeepingAgent extends FakeAgent {
  readonly #client: IpvsClient;
  /** Whether the connections of what is drained have ended. */
  isDrained = true;

  constructor(client: IpvsClient) {
    super();
    this.#client = client;
    this.services = [
      service(
        WEB,
        [
          server('10.0.0.2:8080', 'up', { weight: 3, wantedWeight: 3 }),
          server('10.0.0.3:8080', 'down', { weight: 0, wantedWeight: 3 }),
        ],
        { name: 'web' },
      ),
    ];
  }

  override drain = async (request: DrainRequest): Promise<void> => {
    this.calls.push(['drain', request]);
    if (this.refusal !== undefined) throw this.refusal;
    for (const one of request.servers) {
      await this.#client.updateDestination(WEB, one, { weight: 0 });
      if (request.delete === true && this.isDrained) {
        await this.#client.deleteDestination(WEB, one);
      }
    }
  };

  override undrain = async (request: Pick<DrainRequest, 'servers'>): Promise<void> => {
    this.calls.push(['undrain', request]);
    if (this.refusal !== undefined) throw this.refusal;
    for (const one of request.servers) {
      await this.#client.updateDestination(WEB, one, { weight: 3 });
    }
  };
}

interface Kept {
  readonly scene: SetupScene;
  readonly agent: KeepingAgent;
  readonly run: (line: string, signal?: AbortSignal) => ReturnType<SetupScene['run']>;
}

/** @param activeConnections of the server that is up. */
async function keptScene(activeConnections = 0): Promise<Kept> {
  const scene = setupScene([
    {
      service: WEB,
      destinations: [
        { destination: '10.0.0.2:8080', settings, activeConnections },
        { destination: '10.0.0.3:8080', settings: { ...settings, weight: 0 } },
      ],
    },
    { service: MAIL, destinations: [{ destination: '10.0.0.9:25', settings }] },
  ]);
  const client = await IpvsClient.open({ socket: scene.kernel });
  onTestFinished(() => {
    client.close();
  });
  mkdirSync(scene.state, { recursive: true });
  const agent = new KeepingAgent(client);
  await serveFakeAgent(agent, { socket: join(scene.state, 'agent.sock') });
  const run = (line: string, signal?: AbortSignal) =>
    scene.run(line.split(' '), signal === undefined ? {} : { signal });
  return { scene, agent, run };
}

const weights = ({ kernel }: SetupScene) =>
  kernel.table().flatMap(({ destinations }) => destinations.map((one) => one.settings.weight));
const file = (scene: SetupScene, text: string): string => {
  const path = join(scene.state, 'web.json');
  writeFileSync(path, text);
  return path;
};
const stateFile = (scene: SetupScene, weight = 3) =>
  file(
    scene,
    JSON.stringify({
      services: [
        {
          service: WEB,
          servers: [
            { server: '10.0.0.2:8080', weight },
            { server: '10.0.0.3:8080', weight: 3 },
          ],
        },
      ],
    }),
  );

describe('services that an agent keeps', () => {
  test.each([
    `set ${WEB} scheduler=rr`,
    `set ${WEB} 10.0.0.2:8080 weight=1`,
    `add ${WEB} 10.0.0.4:8080`,
    `delete ${WEB} 10.0.0.2:8080`,
    `delete ${WEB}`,
  ])('are not changed by ipvs %s, which says what to do instead', async (line) => {
    const { scene, run } = await keptScene();
    const before = scene.kernel.table();
    expect(await run(line)).toEqual({
      status: 3,
      stdout: '',
      stderr:
        `Nothing was changed: the agent (PID 4711) keeps ${WEB}, and would change it back.\n` +
        'Edit /etc/ipvs/ipvs.yaml, then: ipvs agent reload\n',
    });
    expect(scene.kernel.table()).toEqual(before);
  });

  test('are not changed by ipvs apply, neither as they are named nor as they are not', async () => {
    const { scene, run } = await keptScene();
    expect(await run(`apply -f ${stateFile(scene, 2)}`)).toMatchObject({ status: 3, stdout: '' });
    const mail = file(scene, JSON.stringify({ services: [{ service: MAIL, scheduler: 'rr' }] }));
    expect(await run(`apply --prune all -f ${mail}`)).toMatchObject({ status: 3, stdout: '' });
    expect(await run(`apply -f ${mail}`)).toMatchObject({ status: 0, stderr: '' });
    expect(weights(scene)).toEqual([3, 0]);
  });

  test('are not changed by ipvs rules load, reload and clear either', async () => {
    const { scene, run } = await keptScene();
    const before = scene.kernel.table();
    const rules = file(scene, `-A -t 192.0.2.1:25 -s rr\n`);
    for (const line of [`rules load -f ${rules}`, `rules reload -f ${rules}`, 'rules clear']) {
      const { status, stderr } = await run(line);
      expect([line, status]).toEqual([line, 3]);
      expect(stderr).toContain(`the agent (PID 4711) keeps ${WEB}, and would change it back`);
      expect(scene.kernel.table()).toEqual(before);
    }
  });

  test('are compared by ipvs diff with what health makes of the file', async () => {
    const { scene, run } = await keptScene();
    const same = await run(`diff -f ${stateFile(scene)}`);
    expect(same).toEqual({
      status: 0,
      stdout: 'Same: there is nothing to change.\n',
      stderr: `Compared with the health that the agent (PID 4711) sees, in ${WEB}. To see it: ipvs status\n`,
    });
    const differs = await run(`diff -f ${stateFile(scene, 5)}`);
    expect(differs.status).toBe(1);
    expect(differs.stdout).toContain(`~ ${WEB} 10.0.0.2:8080  weight 3 -> 5\n`);
    expect(differs.stdout).not.toContain('10.0.0.3');
  });
});

describe('other services', () => {
  test('are changed as always', async () => {
    const { scene, agent, run } = await keptScene();
    expect(await run(`set ${MAIL} 10.0.0.9:25 weight=1`)).toMatchObject({ status: 0, stderr: '' });
    expect(await run('drain 10.0.0.9:25')).toMatchObject({ status: 0, stderr: '' });
    expect(weights(scene)).toEqual([3, 0, 0]);
    expect(await run('undrain 10.0.0.9:25')).toMatchObject({ status: 0, stderr: '' });
    expect(weights(scene)).toEqual([3, 0, 1]);
    expect(await run('add mark:7')).toMatchObject({ status: 0 });
    expect(agent.calls).toEqual([]);
  });

  test('of another network namespace are changed as always, though they have the same names', async () => {
    const { scene } = await keptScene();
    const link = (path: string) =>
      path === '/proc/4711/ns/net' ? Promise.resolve('net:[4026539999]') : scene.host.link(path);
    const words = ['set', WEB, '10.0.0.2:8080', 'weight=1'];
    const host = { ...scene.host, link };
    expect(await scene.run(words, { host })).toMatchObject({ status: 0 });
  });

  test('are changed as always when only the socket of an agent is left', async () => {
    const scene = setupScene([{ service: WEB }]);
    mkdirSync(scene.state, { recursive: true });
    await deadSocket(join(scene.state, 'agent.sock'));
    expect(await scene.run(['set', WEB, 'scheduler=rr'])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('ipvs drain of what an agent keeps', () => {
  test('asks the agent, waits for the connections, and undrain asks it too', async () => {
    const { scene, agent, run } = await keptScene();
    expect(await run('drain 10.0.0.2:8080 --timeout 60')).toEqual({
      status: 0,
      stdout:
        `~ ${WEB} 10.0.0.2:8080  weight 3 -> 0\n` + `${WEB} 10.0.0.2:8080 is drained, after 0 s.\n`,
      stderr: '',
    });
    expect(await run('undrain 10.0.0.2')).toEqual({
      status: 0,
      stdout: `~ ${WEB} 10.0.0.2:8080  weight 0 -> 3\n`,
      stderr: '',
    });
    const where = { servers: ['10.0.0.2:8080'], services: [WEB] };
    expect(agent.calls).toEqual([
      ['drain', { ...where, timeoutSeconds: 60, delete: false }],
      ['undrain', where],
    ]);
    expect(weights(scene)).toEqual([3, 0, 3]);
  });

  test('has status 1 when the time is over', async () => {
    const { run } = await keptScene(2);
    const { status, stderr } = await run('drain 10.0.0.2:8080 --service web --timeout 0');
    expect(status).toBe(1);
    expect(stderr).toContain('is not drained after 0 s: it has 2 active');
  });

  test('is taken back by Ctrl-C', async () => {
    const { scene, agent, run } = await keptScene(2);
    const controller = new AbortController();
    const running = run('drain 10.0.0.2:8080', controller.signal);
    await expect.poll(() => agent.calls.length, PATIENT).toBe(1);
    controller.abort(130);
    expect(await running).toMatchObject({
      status: 130,
      stderr: 'Interrupted. The weight from before was given back.\n',
    });
    expect(weights(scene)).toEqual([3, 0, 3]);
  });

  test('with --delete waits until the agent has taken it out', async () => {
    const { scene, run } = await keptScene();
    const { status, stdout } = await run('drain 10.0.0.2:8080 --delete');
    expect([status, stdout.split('\n').slice(1, 3)]).toEqual([
      0,
      [`${WEB} 10.0.0.2:8080 is gone.`, `- ${WEB} 10.0.0.2:8080`],
    ]);
    expect(weights(scene)).toEqual([0, 3]);
  });

  test('cannot be forced', async () => {
    const { agent, run } = await keptScene();
    const forced = await run('drain 10.0.0.2:8080 --delete --force');
    expect([forced.status, agent.calls]).toEqual([2, []]);
    expect(forced.stderr).toContain('take the server out of /etc/ipvs/ipvs.yaml');
  });

  test('says what the agent refuses', async () => {
    const { agent, run } = await keptScene();
    agent.refusal = new ControlError('10.0.0.2:8080 is in maintenance');
    expect(await run('drain 10.0.0.2:8080')).toEqual({
      status: 3,
      stdout: '',
      stderr: 'The agent refuses: 10.0.0.2:8080 is in maintenance.\n',
    });
  });

  test('does not mix what the agent keeps with other services', async () => {
    const { scene, agent, run } = await keptScene();
    await run(`add ${MAIL} 10.0.0.2:8080 method=nat`);
    const mixed = await run('drain 10.0.0.2:8080');
    expect([mixed.status, agent.calls]).toEqual([2, []]);
    expect(mixed.stderr).toContain(`the agent keeps ${WEB}, but not ${MAIL}`);
    expect(await run(`drain 10.0.0.2:8080 --service ${MAIL}`)).toMatchObject({ status: 0 });
    expect(await run('drain 10.0.0.2:8080 --service web')).toMatchObject({ status: 0 });
    expect(weights(scene)).toEqual([0, 0, 0, 3]);
  });
});

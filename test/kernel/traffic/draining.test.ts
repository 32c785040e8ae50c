import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ourCommand, ourCommandLine } from '../../lab/our-commands.js';
import { ask, askByDatagram, hold, release, say, serve } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { SOON, type } from '../../support/forwarding.js';
import { shell } from '../../support/shell.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/**
 * Real servers that are drained while clients are there. Each test has ports of its own: a real server that is added again
 * gets the connections back that it had.
 */

const long = { tags: 'long' };

const lab = useLab();
let network: Network;
let virtual: string;
let rs1: string;
let rs2: string;

beforeAll(async () => {
  network = await buildNatNetwork(lab(), { realServers: 2 });
  virtual = network.virtual.ipv4;
  [rs1 = '', rs2 = ''] = network.realServers.map(({ addresses }) => addresses.ipv4);
  for (const [index, { namespace }] of network.realServers.entries()) {
    const tcp = [80, 81, 82, 83, 84, 85, 86, 8000, 8001, 8002, 8003, 8004, 8005, 8006, 8007];
    await serve(namespace, { name: `rs${index + 1}`, tcp, udp: [53] });
  }
  await type(network.director, '--set 0 1 20');
});

afterEach(async () => {
  await release(network.client, undefined, true);
  await type(network.director, '-C');
});

afterAll(async () => {
  await network.close();
});

const ipvs = (line: string) =>
  network.director.run([...ourCommand('ipvs'), ...line.split(' ')], { deadlineMs: PATIENCE_MS });

/** A service on a port, by NAT, with rs1 alone until {@link addOther}. */
async function service(
  port: number,
  options = '-s rr',
  protocol = '-t',
  serverPort = port,
): Promise<void> {
  await type(
    network.director,
    `-A ${protocol} ${virtual}:${port} ${options}
     -a ${protocol} ${virtual}:${port} -r ${rs1}:${serverPort} -m -w 3`,
  );
}

const addOther = (port: number, protocol = '-t') =>
  type(network.director, `-a ${protocol} ${virtual}:${port} -r ${rs2}:${port} -m -w 3`);

async function weights(): Promise<string[]> {
  const { stdout } = await network.director.genuine(['-Sn']);
  const found = stdout.matchAll(/^-a -[tu] \S+:(\d+) -r (\S+):\d+ -m -w (\d+)/gm);
  return Array.from(found, ([, port, server, weight]) => `${port} ${server} ${weight}`);
}

describe('ipvs drain', () => {
  test('ends when the last connection has ended, and new clients go elsewhere meanwhile', async () => {
    const { client } = network;
    await service(8000);
    const [held] = await hold(client, { host: virtual, port: 8000 });
    await addOther(8000);
    const draining = ipvs(`drain ${rs1} --timeout 100`);
    await expect.poll(weights, SOON).toContain(`8000 ${rs1} 0`);
    expect(await ask(client, { host: virtual, port: 8000, times: 2 })).toEqual(['rs2', 'rs2']);
    expect(await say(client, held?.id ?? -1, 'still')).toBe('rs1 still');
    await release(client, undefined, true);
    const { code, stdout, stderr } = await draining;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(
        `^~ tcp:${virtual}:8000 ${rs1}:8000 {2}weight 3 -> 0\ntcp:${virtual}:8000 ${rs1}:8000 is drained, after \\d+ s\\.\n$`,
      ),
    );
    expect((await ipvs(`undrain ${rs1}`)).stdout).toBe(
      `~ tcp:${virtual}:8000 ${rs1}:8000  weight 0 -> 3\n`,
    );
    expect(await weights()).toEqual([`8000 ${rs1} 3`, `8000 ${rs2} 3`]);
  });

  test('gives up on a client that never leaves, and keeps the weight at 0', async () => {
    await service(8001);
    await hold(network.client, { host: virtual, port: 8001 });
    const { code, stderr } = await ipvs(`drain ${rs1}:8001 --timeout 1`);
    expect(code).toBe(1);
    // A busy machine may notice later that the second is over.
    expect(stderr.replace(/after \d+ s/, 'after 1 s')).toBe(
      `tcp:${virtual}:8001 ${rs1}:8001 is not drained after 1 s: it has 1 active connection. Its weight stays 0.\n` +
        `To go on waiting: ipvs drain ${rs1}:8001. To give its weight back: ipvs undrain ${rs1}:8001\n`,
    );
    expect(await weights()).toEqual([`8001 ${rs1} 0`]);
  });

  test('with --delete and --force deletes it then, and says what that cuts', async () => {
    await service(8002);
    await hold(network.client, { host: virtual, port: 8002 });
    const { code, stdout } = await ipvs(`drain ${rs1}:8002 --timeout 1 --delete --force`);
    expect(code).toBe(1);
    expect(stdout).toContain(`- tcp:${virtual}:8002 ${rs1}:8002  cuts 1 connection\n`);
    expect(await weights()).toEqual([]);
  });

  test(
    'waits in all services of a server, and with --delete takes it out of each',
    long,
    async () => {
      const { client } = network;
      const ports = [80, 81, 82, 83, 84];
      for (const port of ports) await service(port, '-s rr', '-t', 80);
      for (const port of ports) await hold(client, { host: virtual, port });
      const draining = ipvs(`drain ${rs1} --delete --json`);
      await expect.poll(weights, SOON).toEqual(ports.map((port) => `${port} ${rs1} 0`));
      await release(client, undefined, true);
      const { code, stdout } = await draining;
      expect(code).toBe(0);
      const { changes, servers } = JSON.parse(stdout) as Record<'changes' | 'servers', unknown[]>;
      expect(changes).toHaveLength(10);
      expect(servers).toHaveLength(5);
      expect(await weights()).toEqual([]);
    },
  );

  test('says that UDP has no end, and waits until the client is silent', long, async () => {
    const { client, director } = network;
    await service(53, '-s rr', '-u');
    const flow = { host: virtual, port: 53, fromPort: 5353 };
    expect(await askByDatagram(client, flow)).toEqual(['rs1']);
    const { code, stderr } = await ipvs(`drain ${rs1} --timeout 60`);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stderr).toContain(
      `Warning: udp:${virtual}:53: UDP has no end of a connection. A client of ${rs1}:53 is gone when it has sent nothing for 20 s;`,
    );
    await type(director, '-C');
  });

  test('with persistence waits for the templates of clients', async () => {
    const { client, director } = network;
    await service(85, '-s rr -p 2');
    await hold(client, { host: virtual, port: 85 });
    await shell(director, 'sysctl -qw net.ipv4.vs.expire_quiescent_template=1');
    const draining = ipvs(`drain ${rs1} --timeout 100 -o ndjson`);
    await expect.poll(weights, SOON).toEqual([`85 ${rs1} 0`]);
    // Closed as usual, its entry would stay for the two minutes of TIME_WAIT.
    await release(client, undefined, true);
    const { code, stdout, stderr } = await draining;
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n').slice(0, -1);
    const ticks = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(ticks.at(0)).toMatchObject({
      type: 'progress',
      servers: [{ drained: false, connections: { persistent: 1 } }],
    });
    expect(ticks.at(-1)).toMatchObject({ type: 'result', servers: [{ drained: true }] });
  });

  test('says that persistent clients keep coming while expire_quiescent_template is 0', async () => {
    const { client, director } = network;
    await shell(director, 'sysctl -qw net.ipv4.vs.expire_quiescent_template=0');
    await service(86, '-s rr -p 600');
    expect(await ask(client, { host: virtual, port: 86 })).toEqual(['rs1']);
    await addOther(86);
    const { code, stderr } = await ipvs(`drain ${rs1} --timeout 1`);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Warning: tcp:${virtual}:86 is persistent, and its clients keep coming back to ${rs1}:86, because net.ipv4.vs.expire_quiescent_template is 0.\n` +
        'To send them to other servers: sysctl -w net.ipv4.vs.expire_quiescent_template=1\n',
    );
    expect(await ask(client, { host: virtual, port: 86 })).toEqual(['rs1']);
    await shell(director, 'sysctl -qw net.ipv4.vs.expire_quiescent_template=1');
    expect(await ask(client, { host: virtual, port: 86 })).toEqual(['rs2']);
  });

  test('of two servers at once, each by a command of its own', long, async () => {
    const { client } = network;
    await service(8003);
    await hold(client, { host: virtual, port: 8003 });
    await addOther(8003);
    await hold(client, { host: virtual, port: 8003, times: 2 });
    const both = Promise.all([rs1, rs2].map((server) => ipvs(`drain ${server}`)));
    await expect.poll(weights, SOON).toEqual([`8003 ${rs1} 0`, `8003 ${rs2} 0`]);
    await release(client, undefined, true);
    expect((await both).map(({ code }) => code)).toEqual([0, 0]);
    expect((await ipvs(`undrain ${rs1} ${rs2}`)).code).toBe(0);
    expect(await weights()).toEqual([`8003 ${rs1} 3`, `8003 ${rs2} 3`]);
  });

  test('is done when the service is deleted meanwhile', async () => {
    await service(8004);
    await hold(network.client, { host: virtual, port: 8004 });
    const draining = ipvs(`drain ${rs1}`);
    await expect.poll(weights, SOON).toEqual([`8004 ${rs1} 0`]);
    expect((await ipvs(`delete tcp:${virtual}:8004`)).stdout).toBe(
      `- tcp:${virtual}:8004  cuts 1 connection\n    ${rs1}:8004  cuts 1 connection\n`,
    );
    const { code, stdout } = await draining;
    expect([code, stdout]).toEqual([0, expect.stringContaining('is gone.\n') as string]);
  });
});

/** Starts a drain, sends it a signal once the weight is 0. @returns its status and what it said. */
function signalled(name: string): Promise<string> {
  return shell(
    network.director,
    `${ourCommandLine('ipvs')} drain ${rs1} >/run/drain.out 2>&1 & pid=$!
     until /sbin/ipvsadm -Sn | grep -q -- '-w 0'; do sleep 0.1; done
     sleep 1; exec 2>/dev/null; kill -${name} $pid; wait $pid && status=0 || status=$?; echo $status; cat /run/drain.out`,
  );
}

describe('a drain that is ended', () => {
  async function expectWeightBack(name: string, status: number): Promise<void> {
    await service(8005);
    await hold(network.client, { host: virtual, port: 8005 });
    expect(await signalled(name)).toBe(
      `${status}\n~ tcp:${virtual}:8005 ${rs1}:8005  weight 3 -> 0\nInterrupted. The weight from before was given back.\n`,
    );
    expect(await weights()).toEqual([`8005 ${rs1} 3`]);
  }

  test('by SIGINT gives the old weight back', () => expectWeightBack('INT', 130));
  test.each([
    ['TERM', 143],
    ['HUP', 129],
  ])('by SIG%s gives the old weight back', long, expectWeightBack);

  test('by SIGKILL leaves the weight from before to undrain', async () => {
    await service(8006);
    await hold(network.client, { host: virtual, port: 8006 });
    expect(await signalled('KILL')).toMatch(/^137\n/);
    expect(await weights()).toEqual([`8006 ${rs1} 0`]);
    expect((await ipvs(`undrain ${rs1}`)).code).toBe(0);
    expect(await weights()).toEqual([`8006 ${rs1} 3`]);
  });
});

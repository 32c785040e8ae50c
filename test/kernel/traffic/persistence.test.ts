import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  acceptVirtualAddress,
  buildFlatNetwork,
  type Network,
  type RealServer,
} from '../../lab/network.js';
import { ask, askByDatagram, hold, release, serve, visits } from '../../lab/peers.js';
import { askTwiceByTls, serveTls } from '../../lab/tls.js';
import { useLab } from '../../support/director.js';
import { addRules, entries, rows, shown, templates } from '../../support/shown.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/**
 * Persistent services by direct routing: a client comes back to the real server it had. Templates outlive services, so
 * each test has a port or an address of its own.
 */

const VIP = '192.168.1.200';
const ALL_PORTS = '192.168.1.210';
const VIP6 = '2001:db8:1::200';
const CLIENT = '192.168.1.101';
/** In one net of 16 addresses with the client, and in another. */
const NEIGHBOUR = '192.168.1.102';
const STRANGER = '192.168.1.140';
const CLIENT6 = '2001:db8:1::101';
const NEIGHBOUR6 = '2001:db8:1::102';
const STRANGER6 = '2001:db8:1:2::101';
/** Only what hangs comes near. */
const PATIENCE = { timeout: PATIENCE_MS };

const lab = useLab();
let network: Network;

/** Who answered a client on fresh connections. */
const requests = (times: number, port: number, from = CLIENT, host = VIP) =>
  ask(network.client, { host, port, from, times });

/** A service with both real servers on its port. */
function addService(service: string, options: string): Promise<void> {
  const family = service.includes('[') ? 'ipv6' : 'ipv4';
  const port = service.slice(service.lastIndexOf(':') + 1);
  const servers = network.realServers.map(({ addresses }) => {
    const host = family === 'ipv6' ? `[${addresses.ipv6}]` : addresses.ipv4;
    return `-a ${service} -r ${host}:${port}`;
  });
  return addRules(network.director, [`-A ${service} ${options}`, ...servers]);
}

/** The real server that has said its name. */
function placed(answer: string | undefined): RealServer {
  const server = network.realServers[['rs1', 'rs2'].indexOf(answer ?? '')];
  if (server === undefined) throw new Error(`no real server: ${answer ?? 'nobody answered'}`);
  return server;
}
const otherThan = (answer = '') => (answer === 'rs1' ? 'rs2' : 'rs1');

const templateRows = async (virtual: string) =>
  (await templates(network.director, virtual)).map(({ row }) => row);

beforeAll(async () => {
  network = await buildFlatNetwork(lab());
  const { client, director, realServers, virtual } = network;
  const prepare = async (namespace: Network['client'], lines: readonly string[]) => {
    const { code, stderr } = await namespace.run(['ip', '-batch', '-'], {
      stdin: lines.join('\n'),
    });
    expect([code, stderr]).toEqual([0, '']);
  };
  await Promise.all(
    realServers.map(async ({ namespace }, index) => {
      await acceptVirtualAddress(namespace, virtual);
      await prepare(namespace, [
        `addr add ${ALL_PORTS}/32 dev lo`,
        `route add ${STRANGER6}/64 dev eth0`,
      ]);
      await serve(namespace, {
        name: `rs${index + 1}`,
        tcp: [23, 80, 81, 82, 83, 84, 8080],
        udp: [53],
      });
    }),
  );
  const mine = [`${NEIGHBOUR}/24`, `${STRANGER}/24`, `${NEIGHBOUR6}/64`, `${STRANGER6}/64`];
  await prepare(
    client,
    mine.map((address) => `addr add ${address} dev eth0`),
  );
  await prepare(director, [`addr add ${ALL_PORTS}/32 dev eth0`]);
  // A template lives on as long as connections are known that it has led: closed ones are to be forgotten soon.
  await shown(director, '--set 0 1 0');
});
afterAll(() => network.close());

describe('persistence', () => {
  test('S40: -p without a time keeps a client for 360 seconds', async () => {
    await addService(`-t ${VIP}:81`, '-s rr -p');
    const [answer] = await requests(1, 81);
    expect(await requests(4, 81)).toEqual(Array(4).fill(answer));
    const [service] = await rows(network.director, `-Ln -t ${VIP}:81`);
    expect(service).toBe(`TCP  ${VIP}:81 rr persistent 360`);
    const [template] = await templates(network.director, `${VIP}:81`);
    const address = placed(answer).addresses.ipv4;
    expect(template?.row).toBe(`TCP mm:ss  ASSURED     ${CLIENT}:0    ${VIP}:81   ${address}:81`);
    expect(template?.secondsLeft).toBeGreaterThan(240);
    expect(template?.secondsLeft).toBeLessThanOrEqual(360);
  });

  test('S40: with a mask neighbours go to one real server, and a client of another net elsewhere', async () => {
    const service = `-t ${VIP}:82`;
    await addService(service, '-s rr -p -M 255.255.255.240');
    const [answer] = await requests(1, 82);
    const other = otherThan(answer);
    expect(await requests(3, 82, NEIGHBOUR)).toEqual([answer, answer, answer]);
    expect(await requests(3, 82, STRANGER)).toEqual([other, other, other]);
    expect(await requests(2, 82)).toEqual([answer, answer]);
    const here = placed(answer).addresses.ipv4;
    const there = placed(other).addresses.ipv4;
    expect(await templateRows(`${VIP}:82`)).toEqual([
      `TCP mm:ss  ASSURED     192.168.1.128:0    ${VIP}:82   ${there}:82`,
      `TCP mm:ss  ASSURED     192.168.1.96:0     ${VIP}:82   ${here}:82`,
    ]);
    expect((await rows(network.director, `-Ln ${service}`))[0]).toBe(
      `TCP  ${VIP}:82 rr persistent 360 mask 255.255.255.240`,
    );
    // Persistent, and no connection is open: the templates are counted.
    const counted = async () => {
      const [, ...servers] = await rows(network.director, `-Ln ${service} --persistent-conn`);
      return servers.map((row) => row.replace(/\d+$/, 'closed'));
    };
    await expect
      .poll(counted, PATIENCE)
      .toEqual([
        '  -> 192.168.1.191:82             1         1           0          closed',
        '  -> 192.168.1.192:82             1         1           0          closed',
      ]);
  });

  test('S40: with an IPv6 mask clients of one /64 go to one real server', async () => {
    await addService(`-t [${VIP6}]:80`, '-s rr -p -M 64');
    const [answer] = await requests(1, 80, CLIENT6, VIP6);
    const other = otherThan(answer);
    expect(await requests(3, 80, NEIGHBOUR6, VIP6)).toEqual([answer, answer, answer]);
    expect(await requests(3, 80, STRANGER6, VIP6)).toEqual([other, other, other]);
    const here = placed(answer).addresses.ipv6;
    const there = placed(other).addresses.ipv6;
    expect(await templateRows(`[${VIP6}]:80`)).toEqual([
      `TCP mm:ss  ASSURED     [2001:db8:1:2::]:0 [${VIP6}]:80 [${there}]:80`,
      `TCP mm:ss  ASSURED     [2001:db8:1::]:0   [${VIP6}]:80 [${here}]:80`,
    ]);
    const [service] = await rows(network.director, `-Ln -t [${VIP6}]:80`);
    expect(service).toBe(`TCP  [${VIP6}]:80 rr persistent 360 mask 64`);
  });

  test('S40: a client that stays away until its template expires is scheduled again', async () => {
    await addService(`-t ${VIP}:83`, '-s rr -p 6');
    const [answer] = await requests(1, 83);
    expect(await templateRows(`${VIP}:83`)).toHaveLength(1);
    await expect.poll(() => entries(network.director, `${VIP}:83`), PATIENCE).toEqual([]);
    expect(await requests(2, 83)).toEqual(Array(2).fill(otherThan(answer)));
  });

  test('S40: a client with a connection open stays, a minute at a time', async () => {
    const { client, director } = network;
    await addService(`-t ${VIP}:84`, '-s rr -p 1');
    const [held] = await hold(client, { host: VIP, port: 84, from: CLIENT });
    const left = async () => (await templates(director, `${VIP}:84`))[0]?.secondsLeft;
    await expect.poll(left, PATIENCE).toBeGreaterThan(1);
    expect(await left()).toBeLessThanOrEqual(60);
    await release(client);
    // The connection is forgotten, the client is not, though its second is long over.
    const others = async () => (await entries(director, `${VIP}:84`)).length;
    await expect.poll(others, PATIENCE).toBe(1);
    const { addresses } = placed(held?.answer);
    expect(await requests(3, 84)).toEqual(Array(3).fill(held?.answer));
    expect(await templateRows(`${VIP}:84`)).toEqual([
      `TCP mm:ss  ASSURED     ${CLIENT}:0    ${VIP}:84   ${addresses.ipv4}:84`,
    ]);
  });
});

describe('a persistent port', () => {
  test('S41: keeps a client, for itself alone', async () => {
    const { client, director } = network;
    await addService(`-t ${VIP}:80`, '-s rr -p 600');
    await addService(`-t ${VIP}:8080`, '-s rr -p 600');
    const [answer] = await requests(1, 80);
    expect(await requests(4, 80)).toEqual(Array(4).fill(answer));
    expect(await requests(3, 80, STRANGER)).toEqual(Array(3).fill(otherThan(answer)));
    // The other service has its own turns, and its own templates.
    const [neighbours] = await requests(1, 8080, NEIGHBOUR);
    expect(await requests(3, 8080)).toEqual(Array(3).fill(otherThan(neighbours)));

    const { namespace, addresses } = placed(answer);
    await visits(namespace);
    await hold(client, { host: VIP, port: 80, from: CLIENT });
    const [held = ''] = (await visits(namespace)).map((visit) => visit.replace(' ', ':'));
    const all = (await entries(director, `${VIP}:80`)).filter(({ row }) => row.includes(CLIENT));
    expect(all.map(({ row }) => row).filter((row) => !row.includes('FIN_WAIT'))).toEqual([
      `TCP mm:ss  ASSURED     ${CLIENT}:0    ${VIP}:80   ${addresses.ipv4}:80`,
      `TCP mm:ss  ESTABLISHED ${held.padEnd(18)} ${VIP}:80   ${addresses.ipv4}:80`,
    ]);
    await release(client);
  });

  test('S41: a template is in no state until a connection was established', async () => {
    await addService(`-t ${VIP}:85`, '-s rr -p 600');
    expect(await requests(1, 85)).toEqual(['failed: ECONNREFUSED']);
    const [template = ''] = await templateRows(`${VIP}:85`);
    const [, chosen = ''] =
      /^TCP mm:ss {2}NONE {8}192\.168\.1\.101:0 {4}192\.168\.1\.200:85 {3}(\S+):85$/.exec(
        template,
      ) ?? [];
    await Promise.all(
      network.realServers.map(({ namespace, addresses }) =>
        serve(namespace, { name: addresses.ipv4, tcp: [85] }),
      ),
    );
    expect(await requests(2, 85)).toEqual([chosen, chosen]);
    expect(await templateRows(`${VIP}:85`)).toEqual([template.replace('NONE   ', 'ASSURED')]);
  });

  test('S41: keeps a client also by UDP', async () => {
    await addService(`-u ${VIP}:53`, '-s rr -p 600');
    const datagrams = (times: number, from: string) =>
      askByDatagram(network.client, { host: VIP, port: 53, from, times });
    const [answer] = await datagrams(1, CLIENT);
    expect(await datagrams(3, CLIENT)).toEqual(Array(3).fill(answer));
    expect(await datagrams(3, STRANGER)).toEqual(Array(3).fill(otherThan(answer)));
    const here = placed(answer).addresses.ipv4;
    const there = placed(otherThan(answer)).addresses.ipv4;
    expect(await templateRows(`${VIP}:53`)).toEqual([
      `UDP mm:ss  NONE        ${CLIENT}:0    ${VIP}:53   ${here}:53`,
      `UDP mm:ss  NONE        ${STRANGER}:0    ${VIP}:53   ${there}:53`,
    ]);
  });
});

describe('persistence for all ports', () => {
  test('S42: every port of the address leads a client to one real server', async () => {
    await addService(`-t ${ALL_PORTS}:0`, '-s rr -p 600');
    const [answer] = await requests(1, 80, CLIENT, ALL_PORTS);
    for (const port of [23, 8080, 80]) {
      expect(await requests(2, port, CLIENT, ALL_PORTS)).toEqual([answer, answer]);
    }
    const { namespace, addresses } = placed(answer);
    expect(await templateRows(`${ALL_PORTS}:0`)).toEqual([
      `TCP mm:ss  ASSURED     ${CLIENT}:0    ${ALL_PORTS}:0    ${addresses.ipv4}:0`,
    ]);
    await visits(namespace);
    await hold(network.client, { host: ALL_PORTS, port: 23, from: CLIENT });
    const [held = ''] = (await visits(namespace)).map((visit) => visit.replace(' ', ':'));
    const telnet = (await entries(network.director, `${ALL_PORTS}:23`)).map(({ row }) => row);
    expect(telnet).toContain(
      `TCP mm:ss  ESTABLISHED ${held.padEnd(18)} ${ALL_PORTS}:23   ${addresses.ipv4}:23`,
    );
    await release(network.client);
    expect(await requests(1, 23, STRANGER, ALL_PORTS)).toEqual([otherThan(answer)]);
    const listed = await rows(network.director, `-Ln -t ${ALL_PORTS}:0`);
    expect(listed.map((row) => row.replace(/ +\d+ +\d+$/, ''))).toEqual([
      `TCP  ${ALL_PORTS}:0 rr persistent 600`,
      '  -> 192.168.1.191:0              Route   1',
      '  -> 192.168.1.192:0              Route   1',
    ]);
  });

  test('S42: is not to be had without persistence', async () => {
    const service = ['-A', '-t', '192.168.1.211:0', '-s', 'rr'];
    expect(await network.director.ipvsadm(service)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Zero port specified for non-persistent service\n',
    });
    expect((await network.director.ipvsadm(['-Ln', '-t', '192.168.1.211:0'])).code).toBe(1);
  });
});

describe('HTTPS', () => {
  test('S45: a session goes on in the next connection of a persistent service, and not without', async () => {
    const { client, realServers } = network;
    await Promise.all(
      realServers.map(({ namespace }, index) =>
        serveTls(namespace, { name: `rs${index + 1}`, ports: [443, 8443] }),
      ),
    );
    await addService(`-t ${VIP}:443`, '-s rr -p 600');
    await addService(`-t ${VIP}:8443`, '-s rr');
    const [first = '', second] = await askTwiceByTls(client, `${VIP}:443`);
    const answer = first.replace('New ', '');
    expect(second).toBe(`Reused ${answer}`);
    expect(await templateRows(`${VIP}:443`)).toEqual([
      `TCP mm:ss  ASSURED     ${CLIENT}:0    ${VIP}:443  ${placed(answer).addresses.ipv4}:443`,
    ]);
    expect((await askTwiceByTls(client, `${VIP}:8443`)).sort()).toEqual(['New rs1', 'New rs2']);
  });
});

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ask, askByDatagram, hold, release, say, serve } from '../../lab/peers.js';
import { finding, findAndFix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';

/** Clients of real servers that are taken out, by deleting them or by a weight of 0. */

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
    await serve(namespace, { name: `rs${index + 1}`, tcp: [80, 81, 82, 83], udp: [53] });
  }
});

afterEach(async () => {
  await release(network.client);
  await type(network.director, '-C');
  await shell(network.director, 'sysctl -qw net.ipv4.vs.expire_nodest_conn=0');
});

afterAll(async () => {
  await network.close();
});

test('stale-connections: a client of a deleted real server hangs, and is reset once the fix is typed', async () => {
  const { client, director } = network;
  const service = `-t ${virtual}:80`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  const held = await hold(client, { host: virtual, port: 80, times: 2 });
  const line = async (index: number, deadlineMs?: number) =>
    say(client, held[index]?.id ?? -1, 'x', deadlineMs);
  expect(await Promise.all([line(0), line(1)])).toEqual(['rs1 x', 'rs1 x']);
  expect(await finding(director, 'stale-connections')).toBeUndefined();

  await type(
    director,
    `
    -a ${service} -r ${rs2} -m
    -d ${service} -r ${rs1}
  `,
  );
  expect(await line(0, 800)).toBe('failed: timeout');
  expect(await findAndFix(director, 'stale-connections')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence:
          `tcp:${virtual}:80 to ${rs1}:80, which is not in the table: 2 connections, ` +
          'net.ipv4.vs.expire_nodest_conn = 0',
        fix: ['sysctl -w net.ipv4.vs.expire_nodest_conn=1'],
      },
    ],
  });
  expect(await line(1)).toBe('failed: ECONNRESET');
  expect(await ask(client, { host: virtual, port: 80 })).toEqual(['rs2']);
});

test('stale-udp: datagrams go to a deleted real server, and to another one once the fix is typed', async () => {
  const { client, director } = network;
  const service = `-u ${virtual}:53`;
  const flow = { host: virtual, port: 53, fromPort: 5353 };
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  expect(await askByDatagram(client, flow)).toEqual(['rs1']);
  expect(await finding(director, 'stale-udp')).toBeUndefined();

  await type(
    director,
    `
    -a ${service} -r ${rs2} -m
    -d ${service} -r ${rs1}
  `,
  );
  const silent = { ...flow, deadlineMs: 800 };
  expect(await askByDatagram(client, silent)).toEqual(['failed: timeout']);
  expect(await findAndFix(director, 'stale-udp')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence:
          `udp:${virtual}:53 to ${rs1}:53, which is not in the table: 1 connection, ` +
          'net.ipv4.vs.expire_nodest_conn = 0',
        fix: ['sysctl -w net.ipv4.vs.expire_nodest_conn=1'],
      },
    ],
  });
  expect(await askByDatagram(client, flow)).toEqual(['rs2']);
});

test('quiescent-persistence: a persistent client stays with a real server of weight 0 until the fix is typed', async () => {
  const { client, director } = network;
  const service = `-t ${virtual}:81`;
  await type(
    director,
    `
    -A ${service} -s rr -p 100
    -a ${service} -r ${rs1} -m
  `,
  );
  const where = { host: virtual, port: 81, times: 2 };
  expect(await ask(client, where)).toEqual(['rs1', 'rs1']);
  await type(director, `-a ${service} -r ${rs2} -m`);
  expect(await finding(director, 'quiescent-persistence')).toBeUndefined();

  await type(director, `-e ${service} -r ${rs1} -m -w 0`);
  expect(await ask(client, where)).toEqual(['rs1', 'rs1']);
  expect(await findAndFix(director, 'quiescent-persistence')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence:
          `tcp:${virtual}:81: ${rs1}:81 has weight 0 and 1 persistent client, ` +
          'net.ipv4.vs.expire_quiescent_template = 0',
        fix: ['sysctl -w net.ipv4.vs.expire_quiescent_template=1'],
      },
    ],
  });
  expect(await ask(client, where)).toEqual(['rs2', 'rs2']);
});

test('connection-reuse: a client that reuses its port stays with a real server of weight 0 until the fix is typed', async () => {
  const { client, director } = network;
  const service = `-t ${virtual}:82`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  await shell(client, 'sysctl -qw net.ipv4.tcp_tw_reuse=1');
  await shell(director, 'sysctl -qw net.ipv4.vs.conn_reuse_mode=0');
  const again = () =>
    shell(client, `sleep 0.1 | socat -t10 - TCP:${virtual}:82,bind=:4444,reuseaddr`);
  expect(await again()).toBe('rs1\n');
  await type(director, `-a ${service} -r ${rs2} -m`);
  expect(await finding(director, 'connection-reuse')).toBeUndefined();

  await type(director, `-e ${service} -r ${rs1} -m -w 0`);
  expect(await again()).toBe('rs1\n');
  expect(await ask(client, { host: virtual, port: 82 })).toEqual(['rs2']);
  expect(await findAndFix(director, 'connection-reuse')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence:
          `tcp:${virtual}:82: ${rs1}:82 has weight 0 and 1 connection, ` +
          'net.ipv4.vs.conn_reuse_mode = 0',
        fix: ['sysctl -w net.ipv4.vs.conn_reuse_mode=1'],
      },
    ],
  });
  expect(await again()).toBe('rs2\n');
});

test('connection-reuse: is none where clients of real servers that are gone are reset', async () => {
  const { client, director } = network;
  const service = `-t ${virtual}:83`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  await shell(
    director,
    'sysctl -qw net.ipv4.vs.conn_reuse_mode=0 net.ipv4.vs.expire_nodest_conn=1',
  );
  const again = () =>
    shell(client, `sleep 0.1 | socat -t10 - TCP:${virtual}:83,bind=:4445,reuseaddr`);
  expect(await again()).toBe('rs1\n');
  await type(
    director,
    `
    -a ${service} -r ${rs2} -m
    -e ${service} -r ${rs1} -m -w 0
  `,
  );
  expect(await finding(director, 'connection-reuse')).toBeUndefined();
  expect(await again()).toBe('rs2\n');
});

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptVirtualAddress, buildFlatNetwork, type Network } from '../../lab/network.js';
import { ask, hold, say, serve } from '../../lab/peers.js';
import { finding, findAndFix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';

/** What goes wrong with direct routing. */

const CALLS = join(import.meta.dirname, '../fixtures/client-calls.ts');
const lab = useLab();
let network: Network;
let virtual: string;
let rs1: string;

beforeAll(async () => {
  network = await buildFlatNetwork(lab(), { realServers: 1 });
  virtual = network.virtual.ipv4;
  const [realServer] = network.realServers;
  if (realServer === undefined) throw new Error('a real server');
  rs1 = realServer.addresses.ipv4;
  await acceptVirtualAddress(realServer.namespace, network.virtual);
  await serve(realServer.namespace, { name: 'rs1', tcp: [80, 81, 8080] });
});

afterAll(async () => {
  await network.close();
});

test('port-mapping-ignored: packets arrive at the port of the service, and are served once the fix is typed', async () => {
  const { client, director } = network;
  await type(
    director,
    `
    -A -t ${virtual}:8000 -s rr
    -A -t ${virtual}:81 -s rr
  `,
  );
  expect(await finding(director, 'port-mapping-ignored')).toBeUndefined();
  // The command would give it the service's port, as the genuine one does; other controllers do not.
  for (const port of [8000, 81]) {
    const service = { protocol: 'tcp', address: virtual, port };
    const destination = { address: rs1, port: 8080 };
    const settings = { forwardingMethod: 'dr', weight: 3 };
    const added = director.call(CALLS, 'call', 'addDestination', service, destination, settings);
    expect(await added).toEqual({ value: null });
  }
  expect(await ask(client, { host: virtual, port: 8000 })).toEqual(['failed: ECONNREFUSED']);
  expect(await ask(client, { host: virtual, port: 81 })).toEqual(['rs1']);
  const occurrences = [8000, 81].map((port) => ({
    evidence: `tcp:${virtual}:${port}: ${rs1}:8080 by dr`,
    fix: [
      `ipvsadm -a -t ${virtual}:${port} -r ${rs1}:${port} -g -w 3`,
      `ipvsadm -d -t ${virtual}:${port} -r ${rs1}:8080`,
    ],
  }));
  const found = await findAndFix(director, 'port-mapping-ignored');
  expect(found.severity).toBe('warning');
  expect(found.occurrences).toHaveLength(2);
  expect(found.occurrences).toEqual(expect.arrayContaining(occurrences));
  expect(await ask(client, { host: virtual, port: 81 })).toEqual(['rs1']);
  const { stdout } = await director.ipvsadm(['-Sn']);
  expect(stdout).toContain(`-a -t ${virtual}:8000 -r ${rs1}:8000 -g -w 3\n`);
  expect(stdout).not.toContain('8080');
  await type(director, '-C');
});

test('sloppy-tcp: a packet of an unknown connection creates an active one until the fix is typed', async () => {
  const { client, director } = network;
  // Connections that IPVS does not know: they were made before the service.
  await serve(director, { name: 'director', tcp: [80] });
  const held = await hold(client, { host: virtual, port: 80, times: 2 });
  await shell(director, 'sysctl -qw net.ipv4.vs.sloppy_tcp=1');
  await type(
    director,
    `
    -A -t ${virtual}:80 -s rr
    -a -t ${virtual}:80 -r ${rs1} -g
  `,
  );
  const line = (index: number) => say(client, held[index]?.id ?? -1, 'x');
  expect(await line(0)).toBe('failed: ECONNRESET');
  const { stdout } = await director.ipvsadm(['-Lnc']);
  expect(stdout).toMatch(/^TCP 1[45]:\d\d {2}ESTABLISHED /m);

  expect(await findAndFix(director, 'sloppy-tcp')).toEqual({
    severity: 'notice',
    occurrences: [
      {
        evidence: `net.ipv4.vs.sloppy_tcp = 1, no sync daemon, tcp:${virtual}:80 by rr`,
        fix: ['sysctl -w net.ipv4.vs.sloppy_tcp=0'],
      },
    ],
  });
  expect(await line(1)).toBe('director x');
});

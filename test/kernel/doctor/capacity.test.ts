import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ask, hold, release, serve } from '../../lab/peers.js';
import { finding, findAndFix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Services whose real servers take no connections: their weight is 0, or they are full. */

const lab = useLab();
let network: Network;
let virtual: string;
let rs1: string;
let rs2: string;
/** A refusal is an ICMP error, of which the kernel sends one a second. */
const REFUSED = expect.stringMatching(/^failed: (?:ECONNREFUSED|timeout)$/) as string;

beforeAll(async () => {
  network = await buildNatNetwork(lab(), { realServers: 2 });
  virtual = network.virtual.ipv4;
  [rs1 = '', rs2 = ''] = network.realServers.map(({ addresses }) => addresses.ipv4);
  for (const [index, { namespace }] of network.realServers.entries()) {
    await serve(namespace, { name: `rs${index + 1}`, tcp: [80, 81, 82, 83, 84, 85] });
  }
});

afterEach(async () => {
  await release(network.client);
  await type(network.director, '-C');
  await shell(network.director, 'sysctl -qw net.ipv4.vs.drop_packet=0 net.ipv4.vs.drop_entry=0');
});

afterAll(async () => {
  await network.close();
});

const asking = (port: number, times = 1, deadlineMs = 15_000) =>
  ask(network.client, { host: virtual, port, times, deadlineMs });

test('service-all-quiet: clients are refused while all weights are 0, and served once the fix is typed', async () => {
  const { director } = network;
  const service = `-t ${virtual}:80`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m -w 0
  `,
  );
  await type(director, `-a ${service} -r ${rs2} -m`);
  expect(await finding(director, 'service-all-quiet')).toBeUndefined();
  await type(director, `-e ${service} -r ${rs2} -m -w 0 -x 9`);
  expect(await asking(80)).toEqual([REFUSED]);
  expect(await findAndFix(director, 'service-all-quiet')).toEqual({
    severity: 'error',
    occurrences: [
      {
        evidence: `tcp:${virtual}:80: weight 0 at ${rs2}:80, ${rs1}:80`,
        fix: [
          `ipvsadm -e ${service} -r ${rs2}:80 -m -w 1 -x 9`,
          `ipvsadm -e ${service} -r ${rs1}:80 -m -w 1`,
        ],
      },
    ],
  });
  expect((await asking(80, 2)).sort()).toEqual(['rs1', 'rs2']);
});

test('service-full: clients are refused when all real servers are full, and served once the fix is typed', async () => {
  const { client, director } = network;
  const service = `-t ${virtual}:81`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m -w 1 -x 2
  `,
  );
  await type(director, `-a ${service} -r ${rs2} -m -w 1 -x 3`);
  await hold(client, { host: virtual, port: 81, times: 4 });
  expect(await finding(director, 'service-full')).toBeUndefined();
  expect(await finding(director, 'threshold-reached')).toMatchObject({
    severity: 'warning',
    occurrences: [
      {
        evidence: `tcp:${virtual}:81: ${rs1}:81 has 2 active and 0 inactive connections, its upper threshold is 2`,
        fix: [`ipvsadm -e ${service} -r ${rs1}:81 -m -w 1 -x 4`],
      },
    ],
  });
  expect(await hold(client, { host: virtual, port: 81 })).toMatchObject([{ answer: 'rs2' }]);

  expect(await asking(81)).toEqual([REFUSED]);
  expect(await finding(director, 'threshold-reached')).toBeUndefined();
  expect(await findAndFix(director, 'service-full')).toEqual({
    severity: 'error',
    occurrences: [
      {
        evidence: `tcp:${virtual}:81: ${rs2}:81 has 3 active and 0 inactive connections, its upper threshold is 3`,
        fix: [`ipvsadm -e ${service} -r ${rs2}:81 -m -w 1 -x 6`],
      },
      {
        evidence: `tcp:${virtual}:81: ${rs1}:81 has 2 active and 0 inactive connections, its upper threshold is 2`,
        fix: [`ipvsadm -e ${service} -r ${rs1}:81 -m -w 1 -x 4`],
      },
    ],
  });
  expect(await finding(director, 'threshold-reached')).toBeUndefined();
  expect((await asking(81, 2)).sort()).toEqual(['rs1', 'rs2']);
});

test('threshold-reached: a full real server gets connections again once the fix is typed', async () => {
  const { client, director } = network;
  const service = `-t ${virtual}:82`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m -w 1 -x 1
  `,
  );
  await type(director, `-a ${service} -r ${rs2} -m`);
  await hold(client, { host: virtual, port: 82, times: 2 });
  expect(await asking(82, 2)).toEqual(['rs2', 'rs2']);
  expect((await findAndFix(director, 'threshold-reached')).severity).toBe('warning');
  expect((await asking(82, 2)).sort()).toEqual(['rs1', 'rs2']);
});

test.each([
  { scheduler: 'sh', port: 83 },
  { scheduler: 'mh', port: 84 },
])(
  'source-hash-refuses: $scheduler picks a real server of weight 0 and no other until the fix is typed',
  async ({ scheduler, port }) => {
    const { director } = network;
    const service = `-t ${virtual}:${port}`;
    await type(director, `-A ${service} -s ${scheduler}`);
    await type(
      director,
      `
    -a ${service} -r ${rs1} -m
    -a ${service} -r ${rs2} -m
  `,
    );
    const [before] = await asking(port);
    const [hashed, other] = before === 'rs1' ? [rs1, 'rs2'] : [rs2, 'rs1'];
    expect(await finding(director, 'source-hash-refuses')).toBeUndefined();
    await type(director, `-e ${service} -r ${hashed} -m -w 0`);
    expect(await asking(port)).toEqual([REFUSED]);
    expect(await findAndFix(director, 'source-hash-refuses')).toEqual({
      severity: 'error',
      occurrences: [
        {
          evidence: `tcp:${virtual}:${port}: ${scheduler} without ${scheduler}-fallback, ${hashed}:${port} has weight 0`,
          fix: [`ipvsadm -E ${service} -s ${scheduler} -b ${scheduler}-fallback`],
        },
      ],
    });
    expect(await asking(port)).toEqual([other]);

    await type(director, `-E ${service} -s ${scheduler}`);
    await type(director, `-e ${service} -r ${hashed} -m -w 1 -x 1`);
    expect((await asking(port, 2))[1]).toEqual(REFUSED);
    expect((await findAndFix(director, 'source-hash-refuses')).occurrences).toMatchObject([
      {
        evidence: `tcp:${virtual}:${port}: ${scheduler} without ${scheduler}-fallback, ${hashed}:${port} has reached its upper threshold of 1`,
      },
    ]);
    expect(await asking(port)).toEqual([other]);
  },
);

test('defence-always: new connections are delayed and entries vanish until the fix is typed', async () => {
  const { director } = network;
  const service = `-t ${virtual}:85`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  // A packet that was dropped is sent again after a second.
  const failures = async () =>
    (await asking(85, 12, 500)).filter((answer) => answer !== 'rs1').length;
  expect(await asking(85, 12)).toEqual(Array(12).fill('rs1'));
  await shell(director, 'sysctl -qw net.ipv4.vs.drop_packet=3 net.ipv4.vs.drop_entry=3');
  // The kernel looks at its memory, and at this, once a second.
  await expect.poll(failures, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
  expect(await findAndFix(director, 'defence-always')).toEqual({
    severity: 'warning',
    occurrences: ['drop_packet', 'drop_entry'].map((name) => ({
      evidence: `net.ipv4.vs.${name} = 3`,
      fix: [`sysctl -w net.ipv4.vs.${name}=1`],
    })),
  });
  await expect.poll(failures, { timeout: PATIENCE_MS }).toBe(0);
});

test('defence-always: drop_entry drops half-open connections until the fix is typed', async () => {
  const { client, director } = network;
  // Nobody has the address of the real server.
  const service = `-t ${virtual}:86`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r 192.168.10.99 -m
  `,
  );
  const opening = async () => {
    const { stdout } = await director.ipvsadm(['-Lnc']);
    return stdout.match(/SYN_RECV .*:86 /g)?.length ?? 0;
  };
  const open = () => ask(client, { host: virtual, port: 86, times: 60, deadlineMs: 10 });
  await open();
  // An entry that goes meanwhile may hide another from the kernel's listing.
  await expect.poll(opening, { timeout: PATIENCE_MS }).toBeGreaterThanOrEqual(60);
  const opened = await opening();
  await shell(director, 'sysctl -qw net.ipv4.vs.drop_entry=3');
  await expect.poll(opening, { timeout: PATIENCE_MS }).toBeLessThan(opened);
  const { occurrences } = await findAndFix(director, 'defence-always');
  expect(occurrences).toHaveLength(1);
  const added = async () => {
    const left = await opening();
    await open();
    return (await opening()) - left;
  };
  // The kernel looks at the setting once a second.
  await expect.poll(added, { timeout: PATIENCE_MS }).toBeGreaterThanOrEqual(60);
});

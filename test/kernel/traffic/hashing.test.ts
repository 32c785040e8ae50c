import { beforeAll, expect, test } from 'vitest';
import { addAddresses, type Started } from '../../lab/cluster.js';
import { ask, tally } from '../../lab/peers.js';
import { useCluster } from '../../support/cluster.js';
import { useLab } from '../../support/director.js';

/** Schedulers that go by an address, the client's or the one it asks: who stays with whom when a real server goes. */

const VIP = '192.168.1.200';
/** The real server that goes. */
const R3 = '192.168.1.193';
const VIPS = Array.from({ length: 8 }, (_, index) => `192.168.1.${index + 201}`);
const REFUSED = 'failed: ECONNREFUSED';

const cluster = useCluster(useLab(), 3);
let clients: readonly string[];

beforeAll(async () => {
  const { client, director, realServers } = cluster();
  clients = await addAddresses(client, { device: 'eth0', first: 1, count: 30 });
  const range = { first: 201, count: 8 };
  await addAddresses(director, { device: 'eth0', ...range });
  for (const server of realServers) await addAddresses(server, { device: 'lo', ...range });
});

/** Who answers whom, or where. */
type Answers = Readonly<Record<string, string>>;

/** Who answers each client. */
async function byClient(port: number): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const from of clients) {
    [answers[from] = ''] = await ask(cluster().client, { host: VIP, port, from });
  }
  return answers;
}

/** Who answers at each virtual address. */
async function byAddress(port: number): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const host of VIPS) [answers[host] = ''] = await ask(cluster().client, { host, port });
  return answers;
}

/** Those that got this answer. */
function whoGot(answers: Answers, answer: string): string[] {
  return Object.keys(answers).filter((one) => answers[one] === answer);
}

function moved(before: Answers, after: Answers): string[] {
  return Object.keys(before).filter((one) => before[one] !== after[one]);
}

function servers(answers: Answers): string[] {
  return [...new Set(Object.values(answers))].sort();
}

const EQUAL = ['-w 1', '-w 1', '-w 1'];

function start(options: string, weights = EQUAL): Promise<Started> {
  return cluster().start(options, weights);
}

/** A service for all virtual addresses: by a mark, which the port has for its number. */
async function startMarked(scheduler: string): Promise<Started> {
  const port = cluster().freshPort();
  const rule = `-A PREROUTING -p tcp --dport ${port} -j MARK --set-mark ${port}`;
  const argv = ['iptables-legacy', '-t', 'mangle', ...rule.split(' ')];
  expect((await cluster().director.run(argv)).code).toBe(0);
  const service = `-f ${port}`;
  await cluster().balance(service, `-s ${scheduler}`, EQUAL);
  return { port, service };
}

/** A command on the third real server. */
async function change(command: '-a' | '-d' | '-e', service: string, weight = ''): Promise<void> {
  await cluster().ipvsadm(`${command} ${service} -r ${R3} ${weight}`.trim());
}

for (const [scenarios, scheduler] of [
  ['S28, S35', 'sh'],
  ['S28, S36', 'dh'],
  ['S28, S39', 'mh'],
] as const) {
  test(`${scenarios}: ${scheduler} gives all connections of a client to one real server`, async () => {
    const { port } = await start(`-s ${scheduler}`, ['-w 3', '-w 1', '-w 2']);
    const answers = await ask(cluster().client, { host: VIP, port, times: 12 });
    expect(Object.values(tally(answers))).toEqual([12]);
    expect(answers[0]).toMatch(/^r[123]$/);
  });
}

for (const [scenarios, options] of [
  ['S28, S35', '-s sh -b sh-port'],
  ['S28, S39', '-s mh -b mh-port'],
] as const) {
  test(`${scenarios}: with ${options} the connections of one client spread by its ports`, async () => {
    const { port } = await start(options, ['-w 3', '-w 1', '-w 2']);
    const answers = await ask(cluster().client, { host: VIP, port, times: 36 });
    const { r1 = 0, r2 = 0, r3 = 0 } = tally(answers);
    expect(r1 + r2 + r3).toBe(36);
    expect(Math.min(r1, r3)).toBeGreaterThan(0);
  });
}

for (const [scenarios, scheduler] of [
  ['S35, S55', 'sh'],
  ['S39', 'mh'],
] as const) {
  test(`${scenarios}: with ${scheduler} clients spread and stay; those of a real server of weight 0 are refused`, async () => {
    const { port, service } = await start(`-s ${scheduler}`);
    const before = await byClient(port);
    expect(servers(before)).toEqual(['r1', 'r2', 'r3']);
    expect(await byClient(port)).toEqual(before);
    await change('-e', service, '-w 0');
    const closed = await byClient(port);
    expect(whoGot(closed, REFUSED)).toEqual(whoGot(before, 'r3'));
    expect(moved(before, closed)).toEqual(whoGot(before, 'r3'));
    await change('-e', service, '-w 1');
    expect(await byClient(port)).toEqual(before);
  });

  test(`${scenarios}: with -b ${scheduler}-fallback they go to others until the weight is back, and nobody else moves`, async () => {
    const { port, service } = await start(`-s ${scheduler} -b ${scheduler}-fallback`);
    const before = await byClient(port);
    await change('-e', service, '-w 0');
    const closed = await byClient(port);
    expect(servers(closed)).toEqual(['r1', 'r2']);
    expect(moved(before, closed)).toEqual(whoGot(before, 'r3'));
    await change('-e', service, '-w 1');
    expect(await byClient(port)).toEqual(before);
  });
}

/** How many clients of other real servers are moved when the third is deleted. */
async function movedByDeletion(options: string): Promise<number> {
  const { port, service } = await start(options);
  const before = await byClient(port);
  await change('-d', service);
  const after = await byClient(port);
  expect(servers(after)).toEqual(['r1', 'r2']);
  await change('-a', service, '-w 1');
  expect(await byClient(port)).toEqual(before);
  return moved(before, after).filter((client) => before[client] !== 'r3').length;
}

test('S35, S39: a real server that is deleted moves many clients of the others with sh, hardly any with mh', async () => {
  expect(await movedByDeletion('-s sh')).toBeGreaterThan(clients.length / 5);
  expect(await movedByDeletion('-s mh')).toBeLessThanOrEqual(clients.length / 10);
});

test('S55: with rr and persistence instead of sh, the clients of a real server that is gone are served by the others', async () => {
  const { port, service } = await start('-s rr -p 600');
  const before = await byClient(port);
  expect(servers(before)).toEqual(['r1', 'r2', 'r3']);
  expect(await byClient(port)).toEqual(before);
  await change('-d', service);
  const after = await byClient(port);
  expect(servers(after)).toEqual(['r1', 'r2']);
  expect(moved(before, after)).toEqual(whoGot(before, 'r3'));
});

test('S36: with dh an address always has the same real server, and none when its weight is 0', async () => {
  const { port, service } = await startMarked('dh');
  const before = await byAddress(port);
  expect(servers(before)).toEqual(['r1', 'r2', 'r3']);
  expect(await byAddress(port)).toEqual(before);
  await change('-e', service, '-w 0');
  const closed = await byAddress(port);
  expect(whoGot(closed, REFUSED)).toEqual(whoGot(before, 'r3'));
  expect(moved(before, closed)).toEqual(whoGot(before, 'r3'));
});

/** Whose address gets which real server, while the third has a weight, has none, and has it back. */
async function whileThirdIsAway(scheduler: string): Promise<readonly [Answers, Answers, Answers]> {
  const { port, service } = await startMarked(scheduler);
  const before = await byAddress(port);
  expect(servers(before)).toEqual(['r1', 'r2', 'r3']);
  expect(await byAddress(port)).toEqual(before);
  await change('-e', service, '-w 0');
  const closed = await byAddress(port);
  expect(servers(closed)).toEqual(['r1', 'r2']);
  expect(moved(before, closed)).toEqual(whoGot(before, 'r3'));
  await change('-e', service, '-w 1');
  return [before, closed, await byAddress(port)];
}

test('S37: with lblc an address keeps its real server, gets another when that has weight 0, and stays there', async () => {
  const [, closed, after] = await whileThirdIsAway('lblc');
  expect(after).toEqual(closed);
});

test('S38: with lblcr it gets another as well, and comes back, as it has a set of them', async () => {
  const [before, , after] = await whileThirdIsAway('lblcr');
  expect(after).toEqual(before);
});

/** The pair of docs/high-availability.md: VRRP by Debian's keepalived, health by the agent, connections by the sync daemons. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Namespace } from '../../lab/namespace.js';
import { acceptVirtualAddress, countAnswers, perform } from '../../lab/network.js';
import { buildFlatPair, ownersOf, type Pair } from '../../lab/pair.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { beginTransfer, openWebServer, shutWebServer, type Transfer } from '../../lab/transfers.js';
import type { RunningAgent } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import { documentedFile } from '../../support/ha/documented.js';
import {
  clearRun,
  clients,
  readOwn,
  startOwnAgent,
  startOwnKeepalived,
} from '../../support/ha/director.js';
import { control } from '../../support/living-agent.js';
import { configure, stopKeepalived } from '../../support/keepalived.js';
import { folderOf, read } from '../../support/programs.js';

const CHAPTER = 'A pair with keepalived';
const KEEPALIVED = documentedFile(CHAPTER, '/etc/keepalived/keepalived.conf');
const AGENT = documentedFile(CHAPTER, '/etc/ipvs/ipvs.yaml');
const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };
const VIRTUAL = { ipv4: '192.0.2.20', ipv6: '2001:db8:2::20' };
const SERVERS = ['192.0.2.15', '192.0.2.17'];

interface Director {
  readonly name: string;
  readonly machine: Namespace;
  agent: RunningAgent;
  keepalived: number;
}

const lab = useLab();
let pair: Pair;
let directors: Director[] = [];

beforeAll(async () => {
  pair = await buildFlatPair(lab(), (host) => ({
    ipv4: `192.0.2.${host}`,
    ipv6: `2001:db8:2::${host}`,
  }));
  for (const machine of pair.realServers) await acceptVirtualAddress(machine, VIRTUAL);
  for (const machine of pair.directors) await openWebServer(machine, 'sorry');
});

afterAll(() => pair.close());

beforeEach(async () => {
  for (const [index, machine] of pair.realServers.entries())
    await openWebServer(machine, `rs${index + 1}`);
  directors = [];
  for (const [index, machine] of pair.directors.entries()) {
    const keepalived = await startOwnKeepalived(machine, KEEPALIVED);
    const agent = await startOwnAgent(machine, AGENT);
    directors.push({ name: `d${index + 1}`, machine, agent, keepalived });
  }
  for (const { machine } of directors) await quorumIs(machine, 'met');
  await expect.poll(owner, PATIENCE).toMatch(/^d[12]$/);
});

afterEach(async ({ task }) => {
  await clients.stopAsking(pair.client);
  for (const { machine, agent, keepalived } of directors) {
    if (task.result?.state === 'fail') {
      console.log((await agent.log()).replaceAll(/^IPVS .*\n/gm, '').slice(-3000));
      console.log((await read(machine, 'log')).slice(-3000));
    }
    await agent.end();
    await stopKeepalived(machine, keepalived);
    await machine.ipvsadm(['-C']);
    await clearRun(machine);
  }
  for (const machine of pair.realServers) await shutWebServer(machine);
});

/** Who has the address. */
async function owner(): Promise<string> {
  return (await ownersOf(pair, VIRTUAL.ipv4)).join(' and ');
}

/** The director that has the address, and the other. */
async function roles(): Promise<[Director, Director]> {
  const name = await owner();
  const sorted = directors.toSorted((one) => (one.name === name ? -1 : 1));
  const [master, backup] = sorted;
  if (master?.name !== name || backup === undefined) throw new Error(`the address is at: ${name}`);
  return [master, backup];
}

async function owned({ name }: Director): Promise<void> {
  await expect.poll(owner, PATIENCE).toBe(name);
}

const isWell = async ({ machine }: Director): Promise<void> => {
  const states = async () => (await control.status(machine)).services.map(({ state }) => state);
  await expect.poll(() => states().catch(String), PATIENCE).toEqual(['ok']);
};

const quorumIs = (machine: Namespace, state: 'met' | 'lost'): Promise<void> =>
  expect.poll(() => readOwn(machine, 'web.quorum'), PATIENCE).toBe(state === 'met' ? '0\n' : '1\n');

/** What the director sends to the real servers gets lost on its way, as behind a broken switch; all else arrives. */
async function breakPath({ machine }: Director): Promise<void> {
  const lines = SERVERS.map(
    (address) => `ip neigh replace ${address} lladdr 02:00:00:00:00:66 dev eth0 nud permanent`,
  );
  await perform(machine, lines.join('\n'));
  await quorumIs(machine, 'lost');
}

async function repairPath({ machine }: Director): Promise<void> {
  await perform(machine, SERVERS.map((address) => `ip neigh del ${address} dev eth0`).join('\n'));
  await quorumIs(machine, 'met');
}

/** How often keepalived has taken the address since it was started. */
async function taken({ machine }: Director): Promise<number> {
  return (await read(machine, 'log')).split('Entering MASTER STATE').length - 1;
}

/** Transfers of which both directors know. */
async function beginTransfers(backup: Director): Promise<Transfer[]> {
  const begun = Array.from({ length: 4 }, () =>
    beginTransfer(pair.client, `http://${VIRTUAL.ipv4}/`),
  );
  const transfers = await Promise.all(begun);
  for (const transfer of transfers) {
    await transfer.progress(20);
    const row = ` ESTABLISHED 192.0.2.101:${(await transfer.state()).port} `;
    const known = async () => (await backup.machine.ipvsadm(['-Lnc'])).stdout;
    await expect.poll(known, PATIENCE).toContain(row);
  }
  return transfers;
}

async function finishTransfers(transfers: readonly Transfer[]): Promise<string[]> {
  await Promise.all(transfers.map((transfer) => transfer.progress(50)));
  return await Promise.all(transfers.map((transfer) => transfer.finish()));
}

const COMPLETE = Array<string>(4).fill('complete');

const askAlways = () => clients.askAlways(pair.client, { host: VIRTUAL.ipv4, port: 80 });

/** Those that are under way when the path breaks, and when the address moves: a few milliseconds long, they begin 100 ms apart. */
const UNDER_WAY = 2;

/** Ends the asking: no request has failed, however long it took, but for so many. Prints the counts. */
async function allAnswered(what: string, lost = 0): Promise<void> {
  const { requests, answers, failures, longestMs, silenceMs } = await clients.stopAsking(
    pair.client,
  );
  console.log(
    `${what}: ${failures.length} of ${requests} requests failed, none was answered for ${silenceMs} ms,`,
    `one waited ${longestMs} ms; ${JSON.stringify(answers)}`,
  );
  expect(failures.slice(lost)).toEqual([]);
  expect(requests).toBeGreaterThan(5);
}

test('the quorum is lost on the director that has the address: it moves to the other, transfers go on, and it stays there', async () => {
  const [master, backup] = await roles();
  const transfers = await beginTransfers(backup);
  await askAlways();
  await breakPath(master);
  await owned(backup);
  await Promise.all(transfers.map((transfer) => transfer.progress(50)));
  await repairPath(master);
  expect(await finishTransfers(transfers)).toEqual(COMPLETE);
  await allAnswered('quorum lost', UNDER_WAY);
  await owned(backup);
  expect([await taken(master), await taken(backup)]).toEqual([1, 1]);
});

const FLAPS = 5;

test(
  'the quorum comes and goes on one director: the address moves once',
  { tags: 'long' },
  async () => {
    const [master, backup] = await roles();
    const transfers = await beginTransfers(backup);
    await askAlways();
    for (let turn = 0; turn < FLAPS; turn += 1) {
      await breakPath(master);
      await owned(backup);
      await repairPath(master);
    }
    expect(await finishTransfers(transfers)).toEqual(COMPLETE);
    await allAnswered(`quorum lost ${FLAPS} times`, UNDER_WAY);
    await owned(backup);
    expect([await taken(master), await taken(backup)]).toEqual([1, 1]);
  },
);

test('with unequal priorities the address moves back each time', { tags: 'long' }, async () => {
  const [master, backup] = await roles();
  await configure(backup.machine, KEEPALIVED.replace('priority 100', 'priority 90'));
  await perform(backup.machine, `kill -HUP "$(cat ${folderOf(backup.machine)}/main.pid)"`);
  const lower = async () => await read(backup.machine, 'log');
  await expect.poll(lower, PATIENCE).toMatch(/effective priority from 100 to 90|Reloading/);
  for (let turn = 0; turn < 2; turn += 1) {
    await breakPath(master);
    await owned(backup);
    await repairPath(master);
    await owned(master);
  }
  expect([await taken(master), await taken(backup)]).toEqual([3, 2]);
});

test(
  'keepalived that starts before the folder of the file is there never looks at it',
  { tags: 'long' },
  async () => {
    const [, backup] = await roles();
    await stopKeepalived(backup.machine, backup.keepalived);
    const elsewhere = KEEPALIVED.replace('/run/ipvs/', '/run/ipvs/not-there/');
    backup.keepalived = await startOwnKeepalived(backup.machine, elsewhere);
    await expect
      .poll(() => read(backup.machine, 'log'), PATIENCE)
      .toContain('Track file directory for web_quorum does not exist - removing');
  },
);

test(
  'a director dies: the other has its address and goes on with its transfers; when it is back, nothing moves',
  { tags: 'long' },
  async () => {
    const [master, backup] = await roles();
    const transfers = await beginTransfers(backup);
    await askAlways();
    await pair.cut(master.machine);
    await quorumIs(master.machine, 'lost');
    await expect.poll(owner, PATIENCE).toContain(backup.name);
    await Promise.all(transfers.map((transfer) => transfer.progress(50)));
    await pair.mend(master.machine);
    await quorumIs(master.machine, 'met');
    await owned(backup);
    expect(await finishTransfers(transfers)).toEqual(COMPLETE);
    await allAnswered('a director dies');
    await owned(backup);
  },
);

test(
  'the agent is killed, and starts again: nothing moves, and no request fails',
  { tags: 'long' },
  async () => {
    const [master, backup] = await roles();
    const transfers = await beginTransfers(backup);
    await askAlways();
    await master.agent.signal('KILL');
    await master.agent.hasEnded();
    await Promise.all(transfers.map((transfer) => transfer.progress(200)));
    master.agent = await startOwnAgent(master.machine, AGENT);
    await isWell(master);
    expect(await finishTransfers(transfers)).toEqual(COMPLETE);
    await allAnswered('agent killed');
    await owned(master);
    expect([await taken(master), await taken(backup)]).toEqual([1, 0]);
  },
);

test.each([
  ['keepalived is stopped', 'kill "$(cat "$1/main.pid")"'],
  ['keepalived is killed', 'kill -KILL "$(cat "$1/main.pid")"'],
])(
  '%s: the other director has the address and goes on with the transfers',
  { tags: 'long' },
  async (what, script) => {
    const [master, backup] = await roles();
    const transfers = await beginTransfers(backup);
    await askAlways();
    await perform(master.machine, `set -- ${folderOf(master.machine)}\n${script}`);
    await owned(backup);
    expect(await finishTransfers(transfers)).toEqual(COMPLETE);
    await allAnswered(what);
  },
);

test(
  'all real servers die: the address stays where it is, and the sorry server answers there',
  { tags: 'long' },
  async () => {
    const [master, backup] = await roles();
    for (const machine of pair.realServers) await shutWebServer(machine);
    for (const { machine } of directors) await quorumIs(machine, 'lost');
    await askAlways();
    await expect.poll(() => answer(), PATIENCE).toBe('sorry');
    for (const [index, machine] of pair.realServers.entries())
      await openWebServer(machine, `rs${index + 1}`);
    for (const { machine } of directors) await quorumIs(machine, 'met');
    await expect.poll(answer, PATIENCE).toMatch(/^rs[12]$/);
    await allAnswered('all real servers die');
    await owned(master);
    expect([await taken(master), await taken(backup)]).toEqual([1, 0]);
  },
);

/** Who answers a client. */
async function answer(): Promise<string> {
  const answers = await countAnswers(pair.client, `http://${VIRTUAL.ipv4}/`, 1);
  return [...answers.keys()].join();
}

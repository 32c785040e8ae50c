/** Clients go on while a state file is applied again and again. */
import { expect, test } from 'vitest';
import { ask, hold, say, tally } from '../../lab/peers.js';
import { useCluster } from '../../support/cluster.js';
import { useLab } from '../../support/director.js';
import { folderOf, write } from '../../support/programs.js';

const VIP = '192.168.1.200';
const REAL_SERVERS = ['192.168.1.191', '192.168.1.192', '192.168.1.193'];
/** In `npm test`, and in all. */
const APPLIES = 20;
const MANY_APPLIES = 100;

const lab = useLab();
const cluster = useCluster(lab, 3);

/** Rules of a service with some of the real servers, of changing weights. */
function rulesOf(port: number, round: number): string {
  const lines = REAL_SERVERS.flatMap((address, index) =>
    (round + index) % 3 === 0
      ? []
      : [`-a -t ${VIP}:${port} -r ${address}:${port} -g -w ${1 + ((round + index) % 4)}`],
  );
  return [`-A -t ${VIP}:${port} -s ${round % 2 === 0 ? 'rr' : 'wrr'}`, ...lines, ''].join('\n');
}

async function applied(text: string, ...words: string[]) {
  const { director } = cluster();
  await write(director, 'wanted', text);
  return director.ipvs(['apply', '-f', `${folderOf(director)}/wanted`, ...words]);
}

test(
  `no request fails while ${APPLIES} applies add, drain, remove and re-weight real servers`,
  { timeout: 900_000 },
  () => expectNoFailure(APPLIES),
);
test(
  `no request fails while ${MANY_APPLIES} applies add, drain, remove and re-weight real servers`,
  { tags: 'long', timeout: 3_600_000 },
  () => expectNoFailure(MANY_APPLIES),
);

async function expectNoFailure(applies: number): Promise<void> {
  const port = cluster().freshPort();
  // What has been closed is forgotten soon, so that draining ends by itself, however long a request takes.
  await cluster().director.genuine(['--set', '0', '1', '0']);
  await applied(rulesOf(port, 0));
  const asking = new AbortController();
  const answers: string[] = [];
  const client = (async () => {
    while (!asking.signal.aborted)
      answers.push(...(await ask(cluster().client, { host: VIP, port, times: 20 })));
  })();
  try {
    for (let round = 1; round <= applies; round += 1) {
      // A request that is under way when its real server is removed at once would be cut.
      const { code, stderr } = await applied(rulesOf(port, round), '--drain', '30', '--json');
      expect([code, stderr]).toEqual([0, '']);
    }
  } finally {
    asking.abort();
    await client;
    await cluster().director.genuine(['--set', '0', '120', '0']);
  }
  const counts = tally(answers);
  console.log(`${applies} applies, answers: ${JSON.stringify(counts)}`);
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((answer) => !/^r[123]$/.test(answer))).toEqual([]);
}

test('a plan says how many connections it cuts, --max-cut refuses it, and --drain waits for them', async () => {
  const port = cluster().freshPort();
  const [first = '', second = ''] = REAL_SERVERS;
  const service = `-A -t ${VIP}:${port} -s rr`;
  const server = (address: string) => `-a -t ${VIP}:${port} -r ${address}:${port} -g -w 2`;
  const both = [service, server(first), server(second), ''].join('\n');
  const one = [service, server(first), ''].join('\n');
  await applied(both);
  const held = await hold(cluster().client, { host: VIP, port, times: 6 });
  expect(tally(held.map(({ answer }) => answer))).toEqual({ r1: 3, r2: 3 });
  const folder = folderOf(cluster().director);
  await write(cluster().director, 'one', one);
  const difference = await cluster().director.ipvs(['diff', '-f', `${folder}/one`, '--json']);
  expect(JSON.parse(difference.stdout)).toMatchObject({ changes: 1, cuts: 3 });

  const refused = await applied(one, '--max-cut', '2');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('1 change would cut 3 connections, and --max-cut is 2'),
  ]);
  const drained = await applied(one, '--drain', '1', '--max-cut', '2', '--json');
  expect(drained.code).toBe(4);
  expect(JSON.parse(drained.stdout)).toMatchObject({
    changes: [{ action: 'change', from: { weight: 2 }, to: { weight: 0 } }],
    refused: { cuts: 3, maxCut: 2 },
  });
  for (const { id, answer } of held) {
    expect(await say(cluster().client, id, 'still')).toBe(`${answer} still`);
  }
  const cut = await applied(one);
  expect([cut.code, cut.stdout]).toEqual([
    0,
    `- tcp:${VIP}:${port} ${second}:${port}  cuts 3 connections\n`,
  ]);
});

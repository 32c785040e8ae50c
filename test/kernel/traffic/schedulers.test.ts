import { describe, expect, test } from 'vitest';
import { ask, hold, release, tally } from '../../lab/peers.js';
import { useCluster } from '../../support/cluster.js';
import { useLab } from '../../support/director.js';

/** What tells the schedulers apart: whom each picks. */

const VIP = '192.168.1.200';
const [R1, R2, R3] = ['192.168.1.191', '192.168.1.192', '192.168.1.193'];
const WEIGHTS = [3, 1, 2];
/** What a client gets when no real server is picked for its connection. */
const REFUSED = 'failed: ECONNREFUSED';

const cluster = useCluster(useLab(), 3);

interface Picks {
  readonly name: string;
  readonly scheduler: string;
  /** Who gets each of 12 connections that stay open; `-` where it is refused. */
  readonly held: string;
  /** How many of 12 connections each gets, where one ends before the next begins. */
  readonly short: Readonly<Record<string, number>>;
}

const table: readonly Picks[] = [
  {
    name: 'S28, S29: rr takes turns, whatever the weights',
    scheduler: 'rr',
    held: 'r3 r2 r1 r3 r2 r1 r3 r2 r1 r3 r2 r1',
    short: { r1: 4, r2: 4, r3: 4 },
  },
  {
    name: 'S28, S30: wrr takes turns by weight',
    scheduler: 'wrr',
    held: 'r3 r2 r1 r1 r3 r1 r3 r2 r1 r1 r3 r1',
    short: { r1: 6, r2: 2, r3: 4 },
  },
  {
    name: 'S28, S31: lc picks the fewest connections, whatever the weights',
    scheduler: 'lc',
    held: 'r3 r2 r1 r3 r2 r1 r3 r2 r1 r3 r2 r1',
    short: { r1: 4, r2: 4, r3: 4 },
  },
  {
    name: 'S28, S32: wlc picks the fewest connections for the weight',
    scheduler: 'wlc',
    held: 'r3 r2 r1 r1 r3 r1 r3 r2 r1 r1 r3 r1',
    short: { r1: 6, r2: 2, r3: 4 },
  },
  {
    name: 'S28, S33: sed begins with the heaviest, and the lightest comes fifth',
    scheduler: 'sed',
    held: 'r1 r3 r1 r3 r2 r1 r1 r3 r1 r3 r2 r1',
    short: { r1: 12 },
  },
  {
    name: 'S28, S34: nq picks whoever is idle, and then as sed does',
    scheduler: 'nq',
    held: 'r3 r2 r1 r1 r3 r1 r1 r3 r1 r3 r2 r1',
    short: { r3: 12 },
  },
  {
    name: 'S28, S37: lblc keeps to one server until it has more than its weight',
    scheduler: 'lblc',
    held: 'r3 r3 r3 r2 r2 r1 r1 r1 r1 r1 r1 r1',
    short: { r1: 12 },
  },
  {
    name: 'S28, S38: lblcr does so too, and comes back to those it had',
    scheduler: 'lblcr',
    held: 'r3 r3 r3 r2 r2 r1 r1 r1 r1 r1 r3 r1',
    short: { r1: 6, r2: 2, r3: 4 },
  },
  {
    name: 'S28, S39: fo keeps to the highest weight',
    scheduler: 'fo',
    held: 'r1 r1 r1 r1 r1 r1 r1 r1 r1 r1 r1 r1',
    short: { r1: 12 },
  },
  {
    name: 'S28, S39: ovf spills over to the next highest weight, and refuses when all are full',
    scheduler: 'ovf',
    held: 'r1 r1 r1 r1 r3 r3 r3 r2 r2 - - -',
    short: { r1: 12 },
  },
];

describe('of real servers of the weights 3, 1 and 2', () => {
  for (const { name, scheduler, held, short } of table) {
    test(name, async () => {
      const weights = WEIGHTS.map((weight) => `-w ${weight}`);
      const { port, service } = await cluster().start(`-s ${scheduler}`, weights);
      const made = await hold(cluster().client, { host: VIP, port, times: 12 });
      const answers = made.map(({ answer }) => (answer === REFUSED ? '-' : answer));
      expect(answers.join(' ')).toBe(held);
      const counts = tally(answers);
      expect(await cluster().rows(service)).toEqual([
        `TCP ${VIP}:${port} ${scheduler}`,
        ...WEIGHTS.map((weight, index) => {
          const active = counts[`r${index + 1}`] ?? 0;
          return `192.168.1.${index + 191}:${port} Route ${weight} ${active} 0`;
        }),
      ]);
      await release(cluster().client, idsOf(made), true);
      expect(tally(await ask(cluster().client, { host: VIP, port, times: 12 }))).toEqual(short);
    });
  }
});

function idsOf(made: readonly { readonly id: number }[]): number[] {
  return made.map(({ id }) => id);
}

test('S29: any three connections in a row get three real servers; one of weight 0 gets none', async () => {
  const { port, service } = await cluster().start('-s rr', ['-w 3', '-w 1', '-w 2']);
  const answers = await ask(cluster().client, { host: VIP, port, times: 9 });
  for (let first = 0; first + 3 <= answers.length; first++) {
    expect(new Set(answers.slice(first, first + 3)).size).toBe(3);
  }
  await cluster().ipvsadm(`-e ${service} -r ${R2} -w 0`);
  const without = await ask(cluster().client, { host: VIP, port, times: 8 });
  expect(tally(without)).toEqual({ r1: 4, r3: 4 });
});

test('S31: with lc, a real server that holds two connections gets none of the next four', async () => {
  const { port, service } = await cluster().start('-s lc', ['-w 9']);
  const first = await hold(cluster().client, { host: VIP, port, times: 2 });
  expect(first.map(({ answer }) => answer)).toEqual(['r1', 'r1']);
  for (const server of [R2, R3]) await cluster().ipvsadm(`-a ${service} -r ${server}`);
  const next = await hold(cluster().client, { host: VIP, port, times: 4 });
  expect(tally(next.map(({ answer }) => answer))).toEqual({ r2: 2, r3: 2 });
  await release(cluster().client, idsOf([...first, ...next]), true);
});

test('S32: wlc is what a service has that names no scheduler; 8 short requests at 3 to 1 are 6 and 2', async () => {
  const { port, service } = await cluster().start('', ['-w 3', '-w 1']);
  const answers = await ask(cluster().client, { host: VIP, port, times: 8 });
  expect(tally(answers)).toEqual({ r1: 6, r2: 2 });
  expect(await cluster().rows(service)).toEqual([
    `TCP ${VIP}:${port} wlc`,
    `${R1}:${port} Route 3 0 6`,
    `${R2}:${port} Route 1 0 2`,
  ]);
});

/** Holds six connections, those of r2 end, and tells who gets the next. */
async function sevenOfLblcr(beforeSixth: () => Promise<void>): Promise<string[]> {
  const { port } = await cluster().start('-s lblcr', ['-w 3', '-w 1', '-w 2']);
  const made = await hold(cluster().client, { host: VIP, port, times: 5 });
  await beforeSixth();
  made.push(...(await hold(cluster().client, { host: VIP, port })));
  await cluster().set('lblcr_expiration', 86_400);
  await release(cluster().client, idsOf(made.filter(({ answer }) => answer === 'r2')), true);
  made.push(...(await hold(cluster().client, { host: VIP, port })));
  await release(cluster().client, idsOf(made), true);
  return made.map(({ answer }) => answer);
}

test('S38: with lblcr, after a quiet time the busiest of those that serve an address leaves them', async () => {
  const busy = await sevenOfLblcr(() => Promise.resolve());
  expect(busy.join(' ')).toBe('r3 r3 r3 r2 r2 r1 r2');
  const quiet = await sevenOfLblcr(() => cluster().set('lblcr_expiration', 0));
  expect(quiet.join(' ')).toBe('r3 r3 r3 r2 r2 r1 r1');
});

test('S39: with fo, the next highest weight takes over when the highest becomes 0', async () => {
  const { port, service } = await cluster().start('-s fo', ['-w 3', '-w 1', '-w 2']);
  expect(tally(await ask(cluster().client, { host: VIP, port, times: 3 }))).toEqual({ r1: 3 });
  await cluster().ipvsadm(`-e ${service} -r ${R1} -w 0`);
  expect(tally(await ask(cluster().client, { host: VIP, port, times: 3 }))).toEqual({ r3: 3 });
  await cluster().ipvsadm(`-e ${service} -r ${R1} -w 3`);
  expect(tally(await ask(cluster().client, { host: VIP, port, times: 3 }))).toEqual({ r1: 3 });
});

/** What becomes of connections when a director that BIRD announces dies, or a real server. */
import { expect, onTestFinished, test } from 'vitest';
import { perform } from '../../lab/network.js';
import { ask } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import {
  CONNECTIONS,
  ended,
  firstIsBack,
  firstIsGone,
  once,
  refuse,
  routeIs,
  talkGoesOn,
  TARGET,
  thirdServerDies,
  useAnnounced,
} from '../../support/ha/announced.js';
import type { Director } from '../../support/ha/announced.js';
import { hasEnded } from '../../support/ha/bird.js';
import { clients } from '../../support/ha/director.js';
import { control } from '../../support/living-agent.js';

const scene = useAnnounced(useLab());

interface Death {
  readonly name: string;
  readonly tags?: 'long';
  readonly die: (director: Director) => Promise<void>;
  readonly comeBack: (director: Director) => Promise<void>;
}

/** Packets come and go no more; its links are up. */
const silence = (verb: '-A' | '-D'): string =>
  ['PREROUTING', 'OUTPUT']
    .map((chain) => `iptables-legacy -t raw ${verb} ${chain} -j DROP`)
    .join('\n');

const deaths: readonly Death[] = [
  {
    name: 'a director loses its links',
    tags: 'long',
    die: async ({ machine }) => {
      await perform(machine, 'ip link set eth0 down\nip link set eth1 down');
    },
    comeBack: async ({ machine, address }) => {
      const route = `ip route add default via ${address.replace(/2$/, '1')}`;
      await perform(machine, `ip link set eth0 up\nip link set eth1 up\n${route}`);
    },
  },
  {
    name: 'a director falls silent',
    die: async ({ machine }) => {
      await perform(machine, silence('-A'));
    },
    comeBack: async ({ machine }) => {
      await perform(machine, silence('-D'));
    },
  },
  {
    name: 'a director loses its BIRD by kill -9',
    tags: 'long',
    die: async ({ machine, bird }) => {
      await machine.run(['kill', '-KILL', String(bird.pid)]);
      await hasEnded(machine, bird.pid);
    },
    comeBack: (director) => director.startBird(),
  },
  {
    name: 'a director is taken out by birdc disable',
    tags: 'long',
    die: async ({ bird }) => {
      expect(await bird.ask('disable upstream')).toContain('upstream: disabled');
    },
    comeBack: async ({ bird }) => {
      expect(await bird.ask('enable upstream')).toContain('upstream: enabled');
    },
  },
];

/** Connections, which all directors have some of, and requests. @returns which server each connection is with. */
async function beginClients(): Promise<string[]> {
  const { network, directors } = scene();
  const names = await clients.talkAlways(network.client, TARGET, CONNECTIONS);
  expect([...new Set(names)].sort()).toEqual(['rs1', 'rs2', 'rs3']);
  await talkGoesOn(network);
  for (const director of directors) expect(await director.entries()).toBeGreaterThan(5);
  await clients.askAlways(network.client, TARGET);
  return names;
}

for (const { name, tags = [], die, comeBack } of deaths) {
  test(`${name}, and comes back: all connections go on`, { tags }, async () => {
    const { network, directors } = scene();
    const [first, ...others] = directors;
    await beginClients();
    const revive = once(() => comeBack(first));
    onTestFinished(revive);
    await die(first);
    await routeIs(network, ...others);
    await talkGoesOn(network);
    await revive();
    await routeIs(network, ...directors);
    await talkGoesOn(network);
    expect(await ended(network, name)).toEqual({ broken: 0, failed: 0 });
  });
}

test(
  'without sloppy_tcp, connections that move to another director are reset',
  { tags: 'long' },
  async () => {
    const { network, directors } = scene();
    const [first] = directors;
    const set = async (value: number) => {
      for (const { machine } of directors)
        await perform(machine, `echo ${value} >/proc/sys/net/ipv4/vs/sloppy_tcp`);
    };
    onTestFinished(() => set(1));
    await set(0);
    await beginClients();
    const moving = await first.entries();
    await firstIsGone(scene());
    const { broken } = await ended(network, 'without sloppy_tcp');
    expect(broken).toBeGreaterThanOrEqual(moving);
  },
);

test(
  'a real server dies: its connections alone are lost, also when a director dies after it',
  { tags: 'long' },
  async () => {
    const { network } = scene();
    const names = await beginClients();
    await thirdServerDies(scene());
    await clients.stopAsking(network.client);
    await clients.askAlways(network.client, TARGET);
    await firstIsGone(scene());
    await firstIsBack(scene());
    const lost = names.filter((name) => name === 'rs3').length;
    expect(await ended(network, 'a real server dies')).toEqual({ broken: lost, failed: 0 });
  },
);

test(
  'connections that began while a server was out are reset if they move after it came back',
  { tags: 'long' },
  async () => {
    const { network } = scene();
    const revive = await thirdServerDies(scene());
    await clients.talkAlways(network.client, TARGET, CONNECTIONS);
    await talkGoesOn(network);
    await revive();
    await talkGoesOn(network);
    expect((await clients.talked(network.client)).broken).toEqual([]);
    await firstIsGone(scene());
    const { broken } = await ended(network, 'begun while a server was out');
    expect(broken).toBeGreaterThan(0);
    expect(broken).toBeLessThan(CONNECTIONS / 3);
  },
);

test(
  'connections of a server that is drained are reset if they move',
  { tags: 'long' },
  async () => {
    const { network, directors } = scene();
    await beginClients();
    for (const { machine } of directors)
      await control.drain(machine, { servers: ['10.0.0.23:80'], timeoutSeconds: 600 });
    await talkGoesOn(network);
    expect((await clients.talked(network.client)).broken).toEqual([]);
    await firstIsGone(scene());
    const { broken } = await ended(network, 'a server is drained');
    expect(broken).toBeGreaterThan(0);
    expect(broken).toBeLessThan(CONNECTIONS / 3);
  },
);

test(
  'all real servers die: no director is announced, and clients are refused at once',
  { tags: 'long' },
  async () => {
    const { network, directors } = scene();
    const { client, realServers } = network;
    const revive = once(async () => {
      for (const server of realServers) await refuse(server, '-D');
    });
    onTestFinished(revive);
    for (const server of realServers) await refuse(server, '-A');
    await routeIs(network);
    expect(await ask(client, TARGET)).toEqual(['failed: ENETUNREACH']);
    await revive();
    await routeIs(network, ...directors);
    expect((await ask(client, TARGET))[0]).toMatch(/^rs[123]$/);
  },
);

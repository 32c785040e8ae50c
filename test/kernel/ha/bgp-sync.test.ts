/** Directors that BIRD announces, and that know each other's connections by the sync daemons. */
import { expect, onTestFinished, test } from 'vitest';
import { useLab } from '../../support/director.js';
import {
  CONNECTIONS,
  ended,
  once,
  refuse,
  routeIs,
  SYNCHRONISED,
  talkGoesOn,
  TARGET,
  useAnnounced,
} from '../../support/ha/announced.js';
import { clients } from '../../support/ha/director.js';
import { control } from '../../support/living-agent.js';
import { PATIENCE_MS } from '../../lab/patience.js';

const scene = useAnnounced(useLab(), SYNCHRONISED);

test(
  'with sync daemons, also connections that began while a server was out, and those of a drained one, go on',
  { tags: 'long' },
  async () => {
    const { network, directors } = scene();
    const [first, ...others] = directors;
    const [, , dying] = network.realServers;
    if (dying === undefined) throw new Error('there are three real servers');
    const revive = once(() => refuse(dying, '-D'));
    onTestFinished(revive);
    await refuse(dying, '-A');
    for (const director of directors) await director.weightIs('10.0.0.23', 0);
    await clients.talkAlways(network.client, TARGET, CONNECTIONS);
    await clients.askAlways(network.client, TARGET);
    // Each director knows all of them, also those that others forward.
    for (const director of directors) {
      const known = () => director.entries();
      await expect
        .poll(known, { timeout: PATIENCE_MS, interval: 100 })
        .toBeGreaterThanOrEqual(CONNECTIONS);
    }
    await revive();
    for (const director of directors) await director.weightIs('10.0.0.23', 1);
    for (const { machine } of directors)
      await control.drain(machine, { servers: ['10.0.0.22:80'], timeoutSeconds: 600 });
    await first.bird.end();
    await routeIs(network, ...others);
    await talkGoesOn(network);
    await first.startBird();
    await routeIs(network, ...directors);
    await talkGoesOn(network);
    expect(await ended(network, 'with sync daemons')).toEqual({ broken: 0, failed: 0 });
  },
);

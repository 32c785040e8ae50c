/** Directors that BIRD announces, and that know each other's connections by the sync daemons. */
import { expect, test } from 'vitest';
import { useLab } from '../../support/director.js';
import {
  CONNECTIONS,
  ended,
  firstIsBack,
  firstIsGone,
  SYNCHRONISED,
  TARGET,
  thirdServerDies,
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
    const revive = await thirdServerDies(scene());
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
    for (const { machine } of directors)
      await control.drain(machine, { servers: ['10.0.0.22:80'], timeoutSeconds: 600 });
    await firstIsGone(scene());
    await firstIsBack(scene());
    expect(await ended(network, 'with sync daemons')).toEqual({ broken: 0, failed: 0 });
  },
);

/** The live view beside an agent: health, and what can be done to a real server. */
import { describe, expect, test } from 'vitest';
import { defaultOrder } from '../../../src/cli/top/order.js';
import { Sampler } from '../../../src/cli/top/sample.js';
import { initialState } from '../../../src/cli/top/state.js';
import type { TopState } from '../../../src/cli/top/state.js';
import { update } from '../../../src/cli/top/update.js';
import { viewLines } from '../../../src/cli/top/view.js';
import { KeyReader } from '../../../src/terminal/keys.js';
import { lineText } from '../../../src/terminal/painter.js';
import { IpvsClient } from '../../../src/ipvs/client/client.js';
import { collect } from '../../../src/common/collect.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';
import { server, service } from '../../support/fake-agent.js';

const WEB = 'tcp:192.0.2.1:80';
const DNS = 'udp:192.0.2.1:53';

const kernel = tableKernel({
  services: [
    {
      service: WEB,
      destinations: [
        { destination: '10.0.0.2:8080', settings: { weight: 3 } },
        { destination: '10.0.0.3:8080', settings: { weight: 0 } },
      ],
    },
    { service: DNS },
  ],
});

const status = service(WEB, [
  server('10.0.0.2:8080'),
  server('10.0.0.3:8080', 'down', { reason: 'status 503\u001b[2J, expected 200-299' }),
]);
const health = new Map([[WEB, status]]);

async function scene(known = health, size = { columns: 120, rows: 12 }): Promise<TopState> {
  await using client = await IpvsClient.open({ socket: kernel, loadModule: false });
  const sampler = new Sampler();
  const sample = sampler.sample(await collect(client.services()), '21:00:00', 0, known);
  const opened = sampler.open(WEB, await collect(client.destinations(WEB)), 0, known);
  const settings = { intervalSeconds: 2, isExact: false, order: defaultOrder, opened: WEB };
  return update(initialState({ ...settings, size }), { type: 'sample', sample, opened });
}

function typed(state: TopState, text: string): TopState {
  const reader = new KeyReader();
  const keys = [...reader.read(new TextEncoder().encode(text)), ...reader.flush()];
  return keys.reduce((now, key) => update(now, { type: 'key', key }), state);
}

const screenOf = (state: TopState): string =>
  viewLines(state, true)
    .map((line) => lineText(line).trimEnd())
    .join('\n');

const ESC = '\u001B';

describe('health', () => {
  test('a service has its state and how many are up, a server its state and why', async () => {
    const state = await scene();
    expect(screenOf(state)).toMatch(/10\.0\.0\.3:8080 .* down .* status 503.*, expected 200-299/);
    expect(screenOf(state)).not.toContain('\u001b[2J');
    const services = typed(state, ESC);
    expect(screenOf(services)).toMatch(/SERVICE +HEALTH/);
    expect(screenOf(services)).toMatch(/tcp:192\.0\.2\.1:80 +degraded 1\/2/);
    expect(screenOf(services)).toMatch(/udp:192\.0\.2\.1:53 +0/);
  });

  test('without an agent there is no column for it', async () => {
    const state = await scene(new Map());
    expect(screenOf(state)).not.toMatch(/WHY/);
    expect(screenOf(typed(state, ESC))).not.toMatch(/HEALTH/);
  });

  test('services are sorted by it, the worst first', async () => {
    const sorted = typed(typed(await scene(), ESC), '<');
    expect(sorted.services.order.key).not.toBe('why');
    let state = typed(await scene(), ESC);
    for (let step = 0; step < 10 && state.services.order.key !== 'health'; step += 1) {
      state = typed(state, '>');
    }
    expect(state.rows.map(({ key }) => key)).toEqual([WEB, DNS]);
  });
});

describe('what can be done', () => {
  const place = { service: WEB, server: '10.0.0.2:8080' };

  test('d asks, and y requests a drain; any other key leaves everything as it is', async () => {
    const asked = typed(await scene(), 'nd');
    expect(screenOf(asked)).toContain('Drain? y/n  10.0.0.2:8080 in tcp:192.0.2.1:80');
    expect(typed(asked, 'y').requested).toEqual({ type: 'drain', ...place });
    for (const key of ['n', ESC, '\r', 'q', ' ']) {
      const left = typed(asked, key);
      expect([left.requested, left.ended]).toEqual([undefined, undefined]);
      expect(screenOf(left)).toContain('Nothing was changed.');
    }
  });

  test('u asks for the end of a drain', async () => {
    expect(typed(await scene(), 'nuy').requested).toEqual({ type: 'undrain', ...place });
  });

  test.each([
    ['5\r', 5],
    ['0\r', 0],
    ['12\u007f\r', 1],
    ['x6-5535\r', 65_535],
  ])('w takes a weight: %j', async (keys, weight) => {
    const asked = typed(await scene(), 'nw');
    expect(screenOf(asked)).toContain('Weight, now 3: _  of 10.0.0.2:8080');
    const { requested } = typed(asked, keys);
    expect(requested).toEqual({ type: 'weight', ...place, weight });
  });

  test.each(['\r', '70000\r', `5${ESC}`])('w takes nothing else: %j', async (keys) => {
    const left = typed(await scene(), `nw${keys}`);
    expect([left.requested, left.asked]).toEqual([undefined, undefined]);
    expect(screenOf(left)).toContain('Nothing was changed.');
  });

  test('the list of services says where it can be done', async () => {
    const state = typed(typed(await scene(), ESC), 'd');
    expect(state.asked).toBeUndefined();
    expect(screenOf(state)).toContain('That is for real servers.');
  });

  test('what came of it is shown until the next key, without what would control the terminal', async () => {
    const done = update(await scene(), { type: 'done', text: 'refused\u001b[2J: EPERM' });
    expect(screenOf(done)).toContain('refused');
    expect(screenOf(done)).not.toContain('\u001b');
    expect(screenOf(typed(done, 'j'))).not.toContain('refused');
  });
});

import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameText } from '../../../src/cli/top/batch.js';
import { defaultOrder } from '../../../src/cli/top/order.js';
import { initialState } from '../../../src/cli/top/state.js';
import type { TopState } from '../../../src/cli/top/state.js';
import { update } from '../../../src/cli/top/update.js';
import type { TopEvent } from '../../../src/cli/top/update.js';
import { viewLines } from '../../../src/cli/top/view.js';
import { KeyReader } from '../../../src/terminal/keys.js';
import type { Key } from '../../../src/terminal/keys.js';
import { lineText, lineWidth } from '../../../src/terminal/painter.js';
import { project } from '../../support/sources.js';
import { sceneAfter, WEB } from './samples.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 160, rows: 50 };
const scene = sceneAfter(40);

function started(size = SMALL, { sample, opened } = scene): TopState {
  const state = initialState({
    ...{ size, intervalSeconds: 2, isExact: false, opened: undefined, order: defaultOrder },
  });
  return update(state, { type: 'sample', sample, opened });
}

/** Types bytes as a terminal sends them. */
function typed(state: TopState, text: string): TopState {
  const reader = new KeyReader();
  const keys = [...reader.read(new TextEncoder().encode(text)), ...reader.flush()];
  const opened = { type: 'opened', opened: scene.opened } as const;
  return keys.reduce((now, key) => update(update(now, { type: 'key', key }), opened), state);
}

const screenOf = (state: TopState): string =>
  viewLines(state, true)
    .map((line) => `${lineText(line).trimEnd()}\n`)
    .join('');

const DOWN = '\u001B[B';
const ESC = '\u001B';

describe.each([
  ['80x24', SMALL],
  ['160x50', LARGE],
])('a screen of %s', (name, size) => {
  test.each([
    ['services', ''],
    ['sorted', '<<'],
    ['filtered', '/198.51'],
    ['opened', 'o/192.0.2.1\r\r'],
    ['help', '?'],
  ])('shows %s', async (what, keys) => {
    const file = join(project, 'test/fixtures/screens', `top-${what}-${name}.txt`);
    const screen = screenOf(typed(started(size), keys));
    await expect(screen).toMatchFileSnapshot(file);
  });
});

test('a terminal without addresses of IPv6 has room for the history', async () => {
  const file = join(project, 'test/fixtures/screens/top-history-80x24.txt');
  const screen = screenOf(started(SMALL, sceneAfter(40, false)));
  await expect(screen).toMatchFileSnapshot(file);
});

test('a frame as plain text has all rows', async () => {
  const file = join(project, 'test/fixtures/screens/top-batch.txt');
  await expect(frameText(started())).toMatchFileSnapshot(file);
});

test('the selected row stays selected where it moves, and the first is the first until one is selected', () => {
  const later = sceneAfter(45);
  const next = { type: 'sample', sample: later.sample, opened: undefined } as const;
  const selected = (state: TopState) => /^> (\S+)/m.exec(screenOf(state))?.[1];
  const second = selected(typed(started(), DOWN));
  expect(selected(update(typed(started(), DOWN), next))).toBe(second);
  expect(selected(update(started(), next))).toBe(
    later.sample.services[0] && selected(started(SMALL, later)),
  );
});

test('a service that is deleted while it is looked at says so, and Escape goes back', () => {
  const state = typed(started(), '/192.0.2.1\r\r');
  expect(state.opened).toBe(WEB);
  const gone = update(state, { type: 'opened', opened: { key: WEB, servers: undefined } });
  expect(screenOf(gone)).toContain('This service no longer exists. Esc goes back.');
  expect(typed(gone, ESC).opened).toBeUndefined();
});

test('a reading that fails is said, and the last one stays', () => {
  const failed = update(started(), { type: 'problem', text: 'Permission denied\u001B[31m' });
  const screen = screenOf(failed);
  expect(screen).toContain('Permission denied?[31m');
  expect(screen).toContain(WEB);
  expect(update(failed, { type: 'sample', ...scene }).problem).toBeUndefined();
});

test('addresses are not cut where there is no room for them: the terminal is too narrow', () => {
  expect(screenOf(started({ columns: 40, rows: 10 }))).toMatch(
    /^Too narrow: at least 50 columns\.\n\n/,
  );
});

describe('whatever happens', () => {
  const names = [
    'up',
    'down',
    'home',
    'end',
    'page-up',
    'page-down',
    'enter',
    'escape',
    'backspace',
  ] as const;
  const key = fc.oneof(
    fc
      .constantFrom(...names, 'left', 'right', 'ctrl-u')
      .map((name): Key => ({ type: 'named', name })),
    fc
      .constantFrom(...Array.from('kjgG/ciotn<>rp+-e?hq192.0:'))
      .map((character): Key => ({ type: 'character', character })),
    fc.string({ unit: 'grapheme' }).map((text): Key => ({ type: 'paste', text })),
  );
  const samples = [1, 2, 30].map((ticks) => sceneAfter(ticks));
  const event: fc.Arbitrary<TopEvent> = fc.oneof(
    { weight: 6, arbitrary: key.map((one) => ({ type: 'key', key: one }) as const) },
    fc
      .record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) })
      .map((size) => ({ type: 'resize', size }) as const),
    fc.constantFrom(...samples).map((one) => ({ type: 'sample', ...one }) as const),
    fc.constantFrom(...samples).map(({ opened }) => ({ type: 'opened', opened }) as const),
    fc.constant({ type: 'opened', opened: { key: WEB, servers: undefined } } as const),
    fc.string().map((text) => ({ type: 'problem', text }) as const),
  );

  test('the view has as many lines as the screen, none is wider, and none has a control character', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.boolean(), (events, unicode) => {
        let state = started();
        for (const one of events) {
          state = update(state, one);
          const lines = viewLines(state, unicode);
          expect(lines).toHaveLength(state.size.rows);
          for (const line of lines) {
            expect(lineWidth(line)).toBeLessThanOrEqual(state.size.columns);
            expect(lineText(line)).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          }
        }
      }),
    );
  });

  test('an address is on the screen as a whole, or not at all', () => {
    const known = new Set([
      ...scene.sample.services.map(({ key: id }) => id),
      ...(scene.opened.servers ?? []).map(({ key: id }) => id),
    ]);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const state = events.reduce(update, started());
        if (state.isHelpShown || state.problem !== undefined) return;
        for (const line of viewLines(state, true).slice(4, -1)) {
          const id = /^(?:> | {2})(\S+)/.exec(lineText(line))?.[1];
          if (id !== undefined && state.size.rows > 5) expect(known).toContain(id);
        }
      }),
    );
  });
});

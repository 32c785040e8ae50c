import { describe, expect, test } from 'vitest';
import {
  afterResult,
  delayAfter,
  isNews,
  newCheckHealth,
} from '../../../src/agent/health/check-health.js';
import type { CheckHealth, CheckResult } from '../../../src/agent/health/health.js';
import { failed, passed, rules } from './fixtures.js';

const after = (health: CheckHealth, ...results: readonly CheckResult[]): CheckHealth =>
  results.reduce((known, result) => afterResult(known, rules, result), health);

const unknown = newCheckHealth('unknown');
const assumed = newCheckHealth('assumed');
const passing = after(unknown, passed());
const failing = after(unknown, failed(), failed(), failed());

describe('a verdict', () => {
  test('without any result, one success is enough', () => {
    expect(passing).toEqual({ verdict: 'passing', contrary: 0, last: passed() });
    expect(after(unknown, failed(), failed(), passed()).verdict).toBe('passing');
  });

  test('without any result, `fall` failures in a row are needed', () => {
    expect(after(unknown, failed(), failed()).verdict).toBe('unknown');
    expect(failing).toEqual({ verdict: 'failing', contrary: 0, last: failed() });
  });

  test('passing turns to failing after `fall` failures in a row', () => {
    expect(after(passing, failed(), failed()).verdict).toBe('passing');
    expect(after(passing, failed(), failed(), failed()).verdict).toBe('failing');
  });

  test('a success between failures begins the count anew', () => {
    const once = after(passing, failed(), failed(), passed());
    expect(once.contrary).toBe(0);
    expect(after(once, failed(), failed()).verdict).toBe('passing');
  });

  test('failing turns to passing after `rise` successes in a row', () => {
    expect(after(failing, passed()).verdict).toBe('failing');
    expect(after(failing, passed(), failed(), passed()).verdict).toBe('failing');
    expect(after(failing, passed(), passed()).verdict).toBe('passing');
  });

  test('what is assumed to pass counts as passing, and its first success makes it so', () => {
    expect(after(assumed, failed(), failed()).verdict).toBe('assumed');
    expect(after(assumed, failed(), failed(), failed()).verdict).toBe('failing');
    expect(after(assumed, passed()).verdict).toBe('passing');
  });

  test('with `fall: 1` and `rise: 1` each result is a verdict', () => {
    const each = { ...rules, rise: 1, fall: 1 };
    const down = afterResult(passing, each, failed());
    expect(down.verdict).toBe('failing');
    expect(afterResult(down, each, passed()).verdict).toBe('passing');
  });
});

describe('the time to the next check', () => {
  test.each([
    ['is `interval` while nothing is known', unknown, 2000],
    ['is `interval` while it passes', passing, 2000],
    ['is `interval` while it is assumed to pass', assumed, 2000],
    ['is `downInterval` while it fails', failing, 5000],
    ['is `fastInterval` after a first failure', after(unknown, failed()), 1000],
    ['is `fastInterval` between the first failure and the verdict', after(passing, failed()), 1000],
    ['is `fastInterval` between the first success and the verdict', after(failing, passed()), 1000],
    ['is `interval` again when a success follows', after(passing, failed(), passed()), 2000],
    ['is `downInterval` again when a failure follows', after(failing, passed(), failed()), 5000],
  ])('%s', (_what, health, delayMs) => {
    expect(delayAfter(health, rules)).toBe(delayMs);
  });

  test('a refused connection takes a server out within interval + (fall − 1) × fastInterval', () => {
    let health = passing;
    // It ends right after a check; the next one comes after an interval.
    let elapsedMs = delayAfter(health, rules);
    for (;;) {
      health = afterResult(health, rules, failed());
      if (health.verdict === 'failing') break;
      elapsedMs += delayAfter(health, rules);
    }
    expect(elapsedMs).toBe(2000 + (3 - 1) * 1000);
  });
});

describe('what a server asks for', () => {
  const drain = { kind: 'drain' } as const;

  test('is what it said last', () => {
    const asked = after(unknown, passed(1, { request: drain }));
    expect(asked.request).toEqual(drain);
    expect(after(asked, passed(2, { request: { kind: 'ready' } })).request).toEqual({
      kind: 'ready',
    });
  });

  test('ends with a success that says nothing of it', () => {
    expect(after(unknown, passed(1, { request: drain }), passed(2)).request).toBeUndefined();
  });

  test('is not taken back by a check that fails: a drained server must not get clients for that', () => {
    expect(after(unknown, passed(1, { request: drain }), failed(2)).request).toEqual(drain);
  });
});

describe('a result is news', () => {
  const half = passed(1, { request: { kind: 'share', percent: 50 } });
  test.each([
    ['when the verdict changes', unknown, passing, true],
    ['when it is contrary', passing, after(passing, failed()), true],
    ['when it gives another reason', failing, after(failing, failed(0, { reason: 'x' })), true],
    ['when another weight is asked for', passing, after(passing, half), true],
    [
      'when another share is asked for',
      after(passing, half),
      after(passing, passed(1, { request: { kind: 'share', percent: 60 } })),
      true,
    ],
    [
      'and is none when it says what the one before said',
      passing,
      after(passing, passed(9)),
      false,
    ],
  ])('%s', (_what, before, next, news) => {
    expect(isNews(before, next)).toBe(news);
  });
});

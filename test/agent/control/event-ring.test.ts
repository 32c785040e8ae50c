import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventRing } from '../../../src/agent/control/event-ring.js';
import type { EventJson } from '../../../src/agent/control/shapes.js';

const event = { type: 'server', severity: 'info', server: '10.0.0.2:80' } as const;
const numbers = (events: readonly EventJson[]) => events.map(({ seq }) => seq);

describe('a ring of events', () => {
  test('gives each event the next number and its time', () => {
    const ring = new EventRing({ now: () => Date.UTC(2026, 10, 29, 10) });
    expect(ring.add(event)).toEqual({ ...event, seq: 1, time: '2026-11-29T10:00:00.000Z' });
    expect(ring.add({ ...event, time: '2026-11-29T09:00:00.000Z' })).toMatchObject({
      seq: 2,
      time: '2026-11-29T09:00:00.000Z',
    });
    expect(ring.lastSeq).toBe(2);
  });

  test('goes on with the numbers of an agent that has ended', () => {
    const ring = new EventRing({ startSeq: 41 });
    expect([ring.lastSeq, ring.since(0)]).toEqual([41, []]);
    ring.add(event);
    expect(numbers(ring.since(0))).toEqual([42]);
    expect(numbers(ring.since(41))).toEqual([42]);
    expect(numbers(ring.since(42))).toEqual([]);
  });

  test('keeps the last ones alone, whatever the numbers are: as a list would', () => {
    const cases = fc.record({
      capacity: fc.integer({ min: 1, max: 9 }),
      startSeq: fc.nat(100),
      count: fc.nat(40),
      since: fc.nat(150),
    });
    fc.assert(
      fc.property(cases, ({ capacity, startSeq, count, since }) => {
        const ring = new EventRing({ capacity, startSeq });
        const all = Array.from({ length: count }, () => ring.add(event));
        const kept = all.slice(-capacity);
        expect(numbers(ring.since(since))).toEqual(numbers(kept.filter(({ seq }) => seq > since)));
        expect(ring.firstSeq).toBe(kept[0]?.seq ?? startSeq + 1);
      }),
    );
  });

  test('tells each new event to those that have subscribed, until they have enough', () => {
    const ring = new EventRing();
    const heard: number[] = [];
    const hear = ({ seq }: EventJson) => heard.push(seq);
    ring.add(event);
    const [first, second] = [ring.subscribe(hear), ring.subscribe(hear)];
    ring.add(event);
    first();
    first();
    ring.add(event);
    second();
    ring.add(event);
    expect(heard).toEqual([2, 2, 3]);
  });

  test.each([{ capacity: 0 }, { capacity: 1.5 }, { startSeq: -1 }])(
    'is not made of %o',
    (options) => {
      expect(() => new EventRing(options)).toThrow(RangeError);
    },
  );
});

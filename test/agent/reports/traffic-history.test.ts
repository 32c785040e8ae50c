/** Rates over the last hour, counted from readings of the kernel's counters. */
import { expect, test } from 'vitest';
import { INTERVAL_MS, POINTS, TrafficHistory } from '../../../src/agent/reports/traffic-history.js';
import { noCounters } from '../../../src/state/counters.js';

const WEB = 'tcp:192.0.2.1:80';
const DNS = 'udp:192.0.2.1:53';

/** Feeds readings, each an interval after the one before. */
function fed() {
  const history = new TrafficHistory();
  let nowMs = 5_000_000;
  const read = (counts: Readonly<Record<string, number>>, afterMs = INTERVAL_MS) => {
    nowMs += afterMs;
    const reading = Object.entries(counts).map(
      ([key, connections]) => [key, { ...noCounters, connections: BigInt(connections) }] as const,
    );
    history.add(new Map(reading), nowMs, nowMs);
  };
  return { history, read, connections: (key: string) => history.of(key)?.connectionsPerSecond };
}

test('the first reading is no point: rates are counted from it', () => {
  const { history, read, connections } = fed();
  read({ [WEB]: 1000 });
  expect(connections(WEB)).toEqual([]);
  read({ [WEB]: 1050 });
  expect(connections(WEB)).toEqual([5]);
  expect(history.total.connectionsPerSecond).toEqual([5]);
});

test('a reading that is late is counted over the time that it took', () => {
  const { read, connections } = fed();
  read({ [WEB]: 0 });
  read({ [WEB]: 60 }, 12_000);
  expect(connections(WEB)).toEqual([5]);
});

test('readings that failed are points that are not known, and what was counted meanwhile is spread', () => {
  const { history, read, connections } = fed();
  read({ [WEB]: 0 });
  read({ [WEB]: 10 });
  read({ [WEB]: 40 }, 3 * INTERVAL_MS);
  expect(connections(WEB)).toEqual([1, null, null, 1]);
  expect(history.total.connectionsPerSecond).toEqual([1, null, null, 1]);
});

test('a new service has no past, and one that went and came again has a gap', () => {
  const { history, read, connections } = fed();
  read({ [WEB]: 0 });
  read({ [WEB]: 10, [DNS]: 500 });
  read({ [WEB]: 20, [DNS]: 600 });
  expect(connections(DNS)).toEqual([null, 10]);
  read({ [WEB]: 30 });
  read({ [WEB]: 40, [DNS]: 7 });
  read({ [WEB]: 50, [DNS]: 17 });
  expect(connections(DNS)).toEqual([null, 10, null, null, 1]);
  expect(history.total.connectionsPerSecond).toEqual([1, 11, 1, 1, 2]);
});

test('counters that were zeroed have counted from 0', () => {
  const { read, connections } = fed();
  read({ [WEB]: 1000 });
  read({ [WEB]: 20 });
  expect(connections(WEB)).toEqual([2]);
});

test('an hour is kept, and a service that stays away is forgotten', () => {
  const { history, read, connections } = fed();
  for (let index = 0; index <= POINTS + 5; index += 1) read({ [WEB]: index * 10, [DNS]: 0 });
  expect(connections(WEB)?.length).toBe(POINTS);
  for (let index = 0; index < 40; index += 1) read({ [WEB]: 0 });
  expect(history.of(DNS)).toBeUndefined();
  expect(connections(WEB)?.slice(-2)).toEqual([0, 0]);
});

test('a long gap leaves nothing of the hour before', () => {
  const { read, connections } = fed();
  read({ [WEB]: 0 });
  read({ [WEB]: 10 });
  read({ [WEB]: 20 }, 2 * POINTS * INTERVAL_MS);
  expect(
    connections(WEB)
      ?.slice(0, -1)
      .every((point) => point === null),
  ).toBe(true);
  expect(connections(WEB)?.length).toBe(POINTS);
});

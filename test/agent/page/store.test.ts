import { describe, expect, test } from 'vitest';
import type { ServiceStatusJson, StatusJson } from '../../../src/agent/control/shapes.js';
import type { TrafficJson } from '../../../src/agent/control/traffic-shapes.js';
import { commandsFor } from '../../../src/agent/page/model/commands.js';
import { Store } from '../../../src/agent/page/model/store.js';
import { server, service } from './status.js';

function status(...services: readonly ServiceStatusJson[]): StatusJson {
  const since = '2026-11-29T10:00:00.000Z';
  const agent = { version: '0.1.0', pid: 1, since, configFile: 'x.yaml', configValid: true };
  return { schemaVersion: 1, agent, services };
}

const rates = {
  ...{ connectionsPerSecond: 1, incomingPacketsPerSecond: 1, outgoingPacketsPerSecond: 1 },
  ...{ incomingBytesPerSecond: 1, outgoingBytesPerSecond: 1 },
};
const history = {
  ...{ connectionsPerSecond: [1], incomingBytesPerSecond: [1], outgoingBytesPerSecond: [1] },
};
const connections = { active: 1, inactive: 0, persistent: 0 };

function traffic(time: string, keys: readonly string[], detailed: boolean): TrafficJson {
  const services = keys.map((key) => ({
    ...{ service: key, connections, rates },
    ...(detailed && { history, servers: [{ server: 'a', weight: 1, connections, rates }] }),
  }));
  return { schemaVersion: 1, time, intervalSeconds: 10, total: { rates, history }, services };
}

describe('services that have become worse', () => {
  const well = service('web', [server('a'), server('b')]);
  const limping = service('web', [server('a', { state: 'down' }), server('b')]);
  const broken = service('web', [server('a', { state: 'down' }), server('b', { state: 'down' })]);

  test('are said as they change, but not those that are so when the page is opened', () => {
    const store = new Store();
    expect(store.setStatus(status(limping))).toEqual([]);
    expect(store.setStatus(status(broken))).toEqual([broken]);
    expect(store.setService(broken)).toEqual([]);
    expect(store.setService(well)).toEqual([]);
    expect(store.setService(limping)).toEqual([limping]);
  });

  test('include one that is new and does not work', () => {
    const store = new Store();
    store.setStatus(status(well));
    const other = service('other', [server('a', { state: 'down' })]);
    expect(store.setStatus(status(well, other))).toEqual([other]);
  });
});

test('a service that has left the status is forgotten', () => {
  const store = new Store();
  store.setStatus(status(service('a', []), service('bb', [])));
  store.setStatus(status(service('bb', [])));
  expect([...store.services.values()].map(({ name }) => name)).toEqual(['bb']);
});

test('histories are kept of the services that were looked at last', () => {
  const store = new Store();
  for (let index = 0; index < 310; index += 1) {
    store.setTraffic(traffic('t', [`tcp:192.0.2.1:${index}`], true), false);
  }
  expect(store.details.size).toBe(300);
  expect(store.details.has('tcp:192.0.2.1:309')).toBe(true);
  store.setTraffic(traffic('u', ['tcp:192.0.2.1:1'], false), true);
  expect([...store.traffic.keys()]).toEqual(['tcp:192.0.2.1:1']);
  store.forgetTraffic();
  expect([store.traffic.size, store.details.size, store.total]).toEqual([0, 0, undefined]);
});

test('the last 200 events are kept, newest first', () => {
  const store = new Store();
  for (let seq = 1; seq <= 205; seq += 1) {
    store.addEvent({ type: 'agent', seq, time: '2026-11-29T10:00:00.000Z', severity: 'info' });
  }
  expect([store.events.length, store.events[0]?.seq, store.events.at(-1)?.seq]).toEqual([
    200, 205, 6,
  ]);
});

describe('what is typed next', () => {
  test.each([
    ['up', ['ipvs drain 10.0.0.2:80', 'ipvs maintenance on 10.0.0.2:80']],
    ['down', ['ipvs drain 10.0.0.2:80', 'ipvs maintenance on 10.0.0.2:80']],
    ['draining', ['ipvs undrain 10.0.0.2:80']],
    ['maintenance', ['ipvs maintenance off 10.0.0.2:80']],
  ] as const)('about a server that is %s', (state, commands) => {
    const web = service('web', [server('10.0.0.2:80', { state })]);
    expect(commandsFor(web)).toEqual(['ipvs status web', ...commands]);
  });

  test('is quoted for a shell', () => {
    const web = service('it’s 1', [server('[2001:db8::5]:80')], { name: "it's" });
    expect(commandsFor(web)[0]).toBe(`ipvs status 'it'\\''s'`);
    expect(commandsFor(web)[1]).toBe("ipvs drain '[2001:db8::5]:80'");
  });

  test('is only to look, where there are no servers', () => {
    expect(commandsFor(service('web', []))).toEqual(['ipvs status web']);
  });
});

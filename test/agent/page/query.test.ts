import { describe, expect, test } from 'vitest';
import type { ServiceTrafficJson } from '../../../src/agent/control/traffic-shapes.js';
import { hashOf, placeOf } from '../../../src/agent/page/model/place.js';
import { ORDER_NAMES, select } from '../../../src/agent/page/model/query.js';
import type { Order } from '../../../src/agent/page/model/query.js';
import { server, service } from './status.js';

const services = [
  service('web10', [server('10.0.0.1:80')], { service: 'tcp:192.0.2.1:80' }),
  service('web9', [server('10.0.0.2:80', { state: 'draining' }), server('10.0.0.3:80')], {
    service: 'tcp:192.0.2.2:80',
  }),
  service('dns', [server('[2001:db8::5]:53', { state: 'down', reason: 'no answer in 2 s' })], {
    service: 'udp:[2001:db8::1]:53',
  }),
  service(
    'api',
    [server('10.0.0.4:80', { state: 'down', reason: 'refused' }), server('10.0.0.5:80')],
    {
      service: 'tcp:192.0.2.3:80',
      since: '2026-11-29T13:00:00.000Z',
    },
  ),
];

const traffic = new Map(
  services.map(({ service: key }, index) => [key, trafficOf(key, index * 10)] as const),
);
traffic.delete('tcp:192.0.2.3:80');

function trafficOf(key: string, number: number): ServiceTrafficJson {
  return {
    service: key,
    connections: { active: number, inactive: 0, persistent: 0 },
    rates: {
      connectionsPerSecond: number,
      incomingPacketsPerSecond: 0,
      outgoingPacketsPerSecond: 0,
      incomingBytesPerSecond: 100 - number,
      outgoingBytesPerSecond: number,
    },
  };
}

function names(query: { search?: string; onlyWrong?: boolean; order?: Order }) {
  const asked = { search: '', onlyWrong: false, order: 'name' as Order, ...query };
  return select(services, asked, (key) => traffic.get(key)).map(({ name }) => name);
}

describe('order', () => {
  test.each([
    ['worst', ['dns', 'api', 'web9', 'web10']],
    ['name', ['api', 'dns', 'web9', 'web10']],
    ['changed', ['api', 'dns', 'web9', 'web10']],
    // What is not in the table has none at all.
    ['connections', ['dns', 'web9', 'web10', 'api']],
    ['rate', ['dns', 'web9', 'web10', 'api']],
    ['in', ['web10', 'web9', 'dns', 'api']],
    ['out', ['dns', 'web9', 'web10', 'api']],
  ] as const)('%s', (order, expected) => {
    expect(names({ order })).toEqual(expected);
  });

  test('every order is tried here', () => {
    expect(ORDER_NAMES).toEqual(['worst', 'name', 'changed', 'connections', 'rate', 'in', 'out']);
  });
});

test('only what is wrong leaves out what is well', () => {
  expect(names({ onlyWrong: true })).toEqual(['api', 'dns', 'web9']);
});

test.each([
  ['WEB', ['web9', 'web10']],
  ['192.0.2.3', ['api']],
  ['2001:db8::5', ['dns']],
  ['no answer', ['dns']],
  ['web draining', ['web9']],
  ['down', ['api', 'dns']],
  ['  ', ['api', 'dns', 'web9', 'web10']],
  ['nothing like it', []],
])('a search for "%s" finds what has all of its words', (search, expected) => {
  expect(names({ search })).toEqual(expected);
});

describe('the address of the page', () => {
  const first = { search: '', onlyWrong: false, order: 'worst', open: [] } as const;

  test('has nothing of the page as it is first shown', () => {
    expect(hashOf(first)).toBe('');
    expect(placeOf('')).toEqual(first);
  });

  test('brings back what was shown', () => {
    const place = {
      search: 'a&b=c #1',
      onlyWrong: true,
      order: 'rate',
      open: ['tcp:[2001:db8::1]:80', 'mark:7'],
    } as const;
    expect(placeOf(hashOf(place))).toEqual(place);
  });

  test('is taken as far as it is understood', () => {
    expect(placeOf('#sort=toString&wrong=yes&other=1')).toEqual(first);
  });
});

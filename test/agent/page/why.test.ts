import { describe, expect, test } from 'vitest';
import { checksText, serverWhy, serviceWhy } from '../../../src/agent/page/model/why.js';
import { server, service } from './status.js';

const down = (name: string, reason: string) => server(name, { state: 'down', reason });

describe('why a service is as it is', () => {
  test('nothing is said of one that is well', () => {
    expect(serviceWhy(service('web', [server('a')]))).toEqual({ effect: '', causes: [] });
  });

  test('servers with the same reason are one cause, the most frequent first', () => {
    const servers = [
      down('a', 'status 503'),
      down('b', 'refused'),
      down('c', 'refused'),
      server('d'),
    ];
    expect(serviceWhy(service('web', servers))).toEqual({
      effect: '3 down of 4',
      causes: ['2 servers: refused', 'a: status 503'],
    });
  });

  test('what fails comes before what is planned', () => {
    const servers = [
      server('a', { state: 'maintenance', reason: 'new disk' }),
      server('b', { state: 'maintenance', reason: 'new disk' }),
      server('c', { state: 'draining' }),
      down('d', 'refused'),
      server('e'),
    ];
    expect(serviceWhy(service('web', servers))).toEqual({
      effect: '1 down, 2 maintenance, 1 draining of 5',
      causes: ['d: refused', '2 servers: new disk', 'c: draining'],
    });
  });

  test.each([
    ['down', [down('a', 'refused')], 'No server takes clients'],
    ['down', [], 'It has no servers'],
    ['fail-open', [down('a', 'x'), down('b', 'x')], 'All 2 servers fail, and are in all the same'],
    ['fail-open', [down('a', 'x'), server('b')], 'Failing servers are in'],
    ['sorry', [down('a', 'x'), server('b')], '1 of 2 up, quorum 2'],
  ] as const)('%s says what that means for clients', (state, servers, effect) => {
    expect(serviceWhy(service('web', servers, { state, quorum: 2 })).effect).toBe(effect);
  });
});

test('a server without a reason of its own has that of the check that fails', () => {
  const checks = [
    { type: 'tcp', passing: true, reason: 'connected' },
    { type: 'http', passing: false, reason: 'status 503' },
  ];
  expect(serverWhy(server('a', { state: 'down', checks }))).toBe('status 503');
  expect(serverWhy(server('a'))).toBe('');
});

describe('what checks took', () => {
  test('of one server is its time', () => {
    expect(checksText([server('a')])).toBe('http 12 ms');
  });
  test('of several is that of the slowest', () => {
    const checks = [{ type: 'tcp', passing: true, durationMs: 30.4 }];
    expect(checksText([server('a'), server('b', { checks })])).toBe('http, tcp, slowest 30 ms');
  });
  test('is left out where none has been done yet', () => {
    expect(checksText([server('a', { checks: [{ type: 'tcp', passing: false }] })])).toBe('tcp');
    expect(checksText([server('a', { checks: [] })])).toBe('');
  });
});

import { expect, test } from 'vitest';
import { announcementOf } from '../../../src/agent/page/model/announcement.js';
import { overviewOf } from '../../../src/agent/page/model/overview.js';
import { server, service } from './status.js';

const well = service('well', [server('a')]);
const broken = service('broken', [server('a', { state: 'down', reason: 'refused' })]);
const limping = service('limping', [
  server('a', { state: 'down', reason: 'refused' }),
  server('b'),
]);
const drained = service('drained', [server('a', { state: 'draining' }), server('b')]);

test.each([
  { services: [], verdict: 'There are no services', tone: 'good' },
  { services: [well], verdict: 'The only service is well', tone: 'good' },
  { services: [well, well], verdict: 'All 2 services are well', tone: 'good' },
  { services: [broken], verdict: 'The only service is in trouble', tone: 'bad' },
  { services: [broken, broken], verdict: 'All 2 services are in trouble', tone: 'bad' },
  { services: [well, broken], verdict: '1 of 2 services is in trouble', tone: 'bad' },
  { services: [well, limping], verdict: '1 of 2 services is in trouble', tone: 'warning' },
  {
    services: [well, drained],
    verdict: 'Nothing fails; 1 service has servers out',
    tone: 'planned',
  },
])('$verdict', ({ services, verdict, tone }) => {
  expect(overviewOf(services)).toMatchObject({ services: services.length, verdict, tone });
});

test('services and servers are counted by their states', () => {
  const { byState, servers, planned } = overviewOf([well, broken, limping, drained]);
  expect(byState).toEqual({ down: 1, 'fail-open': 0, sorry: 0, degraded: 2, ok: 1 });
  expect(servers).toEqual({ down: 2, starting: 0, maintenance: 0, draining: 1, up: 3 });
  expect(planned).toBe(1);
});

test('of a few services that became worse each is said, of many how many they are', () => {
  expect(announcementOf([broken])).toBe('broken: Down. No server takes clients. a: refused.');
  expect(announcementOf([broken, limping, drained, broken])).toBe('4 services have become worse.');
});

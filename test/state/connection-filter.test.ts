import { expect, test } from 'vitest';
import { toDestinationId } from '../../src/ipvs/model/destination.js';
import { toServiceId } from '../../src/ipvs/model/service.js';
import { connectionTest, serviceTest } from '../../src/state/connection-filter.js';
import { parseEndpointFilter } from '../../src/state/endpoint-filter.js';
import { connection } from '../support/doctor-facts.js';

/** Which entries of the connection table a filter wants. */

const one = connection('tcp ESTABLISHED', '198.51.100.7:40000', '192.0.2.1:80', '10.0.0.2:8080');
const template = connection('tcp ASSURED', '198.51.100.7:0', '192.0.2.1:80', '10.0.0.2:8080');
const endpoints = (...texts: string[]) => texts.map((text) => parseEndpointFilter(text));

test.each([
  ['no filter', {}, true, true],
  ['the client', { clients: endpoints('198.51.100.7') }, true, true],
  ['the client with its port', { clients: endpoints('198.51.100.0/24:40000') }, true, false],
  ['any of two clients', { clients: endpoints('10.9.9.9', '198.51.100.7') }, true, true],
  ['the real server', { servers: endpoints('10.0.0.0/8:8080') }, true, true],
  ['another real server', { servers: endpoints('10.0.0.2:80') }, false, false],
  ['the protocol', { protocol: 'udp' }, false, false],
  ['states', { states: ['FIN_WAIT', 'ESTABLISHED'] }, true, false],
  ['templates', { templates: true }, false, true],
  ['no templates', { templates: false }, true, false],
  ['expiry', { expiresWithinSeconds: 60 }, true, true],
  ['an earlier expiry', { expiresWithinSeconds: 59 }, false, false],
])('by %s', (_name, criteria, ofOne, ofTemplate) => {
  const isWanted = connectionTest(criteria);
  expect([isWanted(one), isWanted(template)]).toEqual([ofOne, ofTemplate]);
});

const table = ['tcp:192.0.2.1:80', 'tcp:192.0.2.1:0', 'tcp:192.0.2.9:21', 'mark:7'].map((id) => ({
  service: { id: toServiceId(id) },
  destinations: [{ id: toDestinationId('10.0.0.2:0'), settings: { weight: 1 } }],
}));

test.each([
  ['tcp:192.0.2.1:80', '192.0.2.1:80', true],
  ['tcp:192.0.2.1:80', '192.0.2.1:81', false],
  ['tcp:192.0.2.1:0', '192.0.2.1:81', true],
  ['tcp:192.0.2.1:0', '192.0.2.1:80', false],
  ['tcp:192.0.2.9:21', '192.0.2.9:21', true],
  ['mark:7', '192.0.2.8:80', true],
  ['mark:7', '192.0.2.1:80', false],
])('of %s, to %s: %s', (service, virtual, expected) => {
  const isWanted = serviceTest(toServiceId(service), table);
  expect(isWanted(connection('tcp ESTABLISHED', '198.51.100.7:1', virtual, '10.0.0.2:80'))).toBe(
    expected,
  );
});

test('a template by mark belongs to its mark alone', () => {
  const byMark = connection('ip NONE', '198.51.100.7:0', '0.0.0.7:0', '10.0.0.2:0');
  expect(serviceTest(toServiceId('mark:7'), table)(byMark)).toBe(true);
  expect(serviceTest(toServiceId('mark:8'), table)(byMark)).toBe(false);
});

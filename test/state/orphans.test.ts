import { expect, test } from 'vitest';
import { toDestinationId } from '../../src/ipvs/model/destination.js';
import { toServiceId } from '../../src/ipvs/model/service.js';
import { OrphanDetector } from '../../src/state/orphans.js';
import { connection } from '../support/doctor-facts.js';

/** Connections whose real server is gone from the table, or has weight 0. */

const service = (id: string, servers: Readonly<Record<string, number>>) => ({
  service: { id: toServiceId(id) },
  destinations: Object.entries(servers).map(([server, weight]) => ({
    id: toDestinationId(server),
    settings: { weight },
  })),
});

const detector = new OrphanDetector([
  service('tcp:192.0.2.1:80', { '10.0.0.2:8080': 1, '10.0.0.3:8080': 0 }),
  service('tcp:192.0.2.1:21', { '10.0.0.2:21': 1, '10.0.0.3:21': 0 }),
  service('tcp:192.0.2.5:0', { '10.0.0.2:0': 1, '10.0.0.3:0': 0 }),
  service('mark:7', { '10.0.0.4:0': 1, '10.0.0.5:0': 0 }),
]);

const CLIENT = '198.51.100.7:40000';
const MANY = '198.51.100.7:0';

test.each([
  [
    'its real server takes connections',
    'tcp ESTABLISHED',
    CLIENT,
    '192.0.2.1:80',
    '10.0.0.2:8080',
    false,
  ],
  [
    'its real server has weight 0',
    'tcp ESTABLISHED',
    CLIENT,
    '192.0.2.1:80',
    '10.0.0.3:8080',
    true,
  ],
  ['its real server is gone', 'tcp ESTABLISHED', CLIENT, '192.0.2.1:80', '10.0.0.9:8080', true],
  [
    'its real server has another port now',
    'tcp ESTABLISHED',
    CLIENT,
    '192.0.2.1:80',
    '10.0.0.2:81',
    true,
  ],
  ['its service is gone', 'tcp ESTABLISHED', CLIENT, '192.0.2.9:80', '10.0.0.9:8080', true],
  ['it was bypassed', 'tcp ESTABLISHED', CLIENT, '192.0.2.1:80', '192.0.2.1:80', false],
  ['it came by mark', 'tcp ESTABLISHED', CLIENT, '192.0.2.8:80', '10.0.0.4:80', false],
  ['it came by mark, to weight 0', 'tcp ESTABLISHED', CLIENT, '192.0.2.8:80', '10.0.0.5:80', true],
  ['it is for all ports', 'tcp ESTABLISHED', CLIENT, '192.0.2.5:99', '10.0.0.2:99', false],
  [
    'it is for all ports, to weight 0',
    'tcp ESTABLISHED',
    CLIENT,
    '192.0.2.5:99',
    '10.0.0.3:99',
    true,
  ],
  ['a template', 'tcp ASSURED', MANY, '192.0.2.1:80', '10.0.0.2:8080', false],
  ['a template to weight 0', 'tcp NONE', MANY, '192.0.2.1:80', '10.0.0.3:8080', true],
  ['a template of FTP', 'tcp NONE', MANY, '192.0.2.1:0', '10.0.0.2:0', false],
  ['a template of FTP to weight 0', 'tcp NONE', MANY, '192.0.2.1:0', '10.0.0.3:0', true],
  ['a template by mark', 'ip NONE', MANY, '0.0.0.7:0', '10.0.0.4:0', false],
  ['a template by mark to weight 0', 'ip NONE', MANY, '0.0.0.7:0', '10.0.0.5:0', true],
  [
    'a template by mark whose real server is gone',
    'ip NONE',
    MANY,
    '0.0.0.7:0',
    '10.0.0.6:0',
    true,
  ],
])('%s', (_name, what, client, virtual, server, expected) => {
  const [protocol = '', state = ''] = what.split(' ');
  const one = { ...connection(what, client, virtual, server), protocol, state };
  expect(detector.isOrphan(one)).toBe(expected);
});

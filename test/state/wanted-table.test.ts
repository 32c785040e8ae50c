import { expect, test } from 'vitest';
import { isIpvsError } from '../../src/ipvs/errors.js';
import { tableFrom, toWantedTable } from '../../src/state/wanted-table.js';

const web = 'tcp:192.0.2.1:80';

test('a table that a program writes has defaults for what it leaves out', () => {
  const [service] = toWantedTable([
    { service: web, settings: { scheduler: 'rr' }, destinations: [{ destination: '10.0.0.2:80' }] },
  ]);
  expect(service).toMatchObject({
    settings: { scheduler: 'rr', onePacket: false },
    destinations: [{ settings: { forwardingMethod: 'dr', weight: 1 } }],
  });
});

test.each([
  ['a service', [{ service: web }, { service: web }], `add the service ${web}`],
  [
    'a real server',
    [{ service: web, destinations: [{ destination: '[::1]:80' }, { destination: '[::1]:80' }] }],
    `add the real server [::1]:80 to the service ${web}`,
  ],
])('%s may be in a table once', (_what, services, what) => {
  expect(() => toWantedTable(services)).toThrow(`cannot ${what}: it already exists (EEXIST)`);
});

test('a value that is out of range is refused', () => {
  const services = [
    { service: web, destinations: [{ destination: '10.0.0.2:80', settings: { weight: 2 ** 31 } }] },
  ];
  expect(() => toWantedTable(services)).toThrow(RangeError);
});

test('an operation that makes no sense where it stands is refused as the kernel would', () => {
  try {
    tableFrom([{ type: 'deleteDestination', service: web, destination: '10.0.0.2:80' }]);
    expect.unreachable();
  } catch (error) {
    expect(isIpvsError(error) && [error.code, error.operation]).toEqual([
      'ESRCH',
      'deleteDestination',
    ]);
  }
});

/** Services and real servers in one word. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDestinationId,
  formatServiceId,
  IpAddress,
  IpvsClient,
  parseDestinationId,
  parseServiceId,
} from '../../../src/index.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const address = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map((bytes) => IpAddress.fromBytes(bytes.length === 4 ? 'ipv4' : 'ipv6', bytes));
const port = fc.nat(65535);
const service = fc.oneof(
  fc.record({ protocol: fc.constantFrom('tcp', 'udp', 'sctp'), address, port }),
  fc.record({
    firewallMark: fc.integer({ min: 1, max: 0xffff_ffff }),
    family: fc.constantFrom('ipv4', 'ipv6'),
  }),
);

test('every virtual service and every real server is read back from its text', () => {
  fc.assert(
    fc.property(service, fc.record({ address, port }), (id, destination) => {
      expect(parseServiceId(formatServiceId(id))).toEqual(id);
      expect(parseDestinationId(formatDestinationId(destination))).toEqual(destination);
    }),
  );
});

test.each([
  ['tcp:192.0.2.1:80', 'tcp:192.0.2.1:80'],
  ['TCP/192.0.2.1:80', 'tcp:192.0.2.1:80'],
  ['udp:[2001:DB8:0::1]:53', 'udp:[2001:db8::1]:53'],
  ['sctp:192.0.2.1:0', 'sctp:192.0.2.1:0'],
  ['mark:7', 'mark:7'],
  ['MARK/7/IPV4', 'mark:7'],
  ['mark:0xFFFFFFFF/ipv6', 'mark:4294967295/ipv6'],
])('%s is the virtual service %s', (text, canonical) => {
  expect(formatServiceId(parseServiceId(text))).toBe(canonical);
});

describe('what is no virtual service is a RangeError that shows the form', () => {
  test.each([
    '',
    'web',
    'tcp',
    'tcp:',
    'tcp:192.0.2.1',
    'tcp:192.0.2.1:',
    'tcp:192.0.2.1:65536',
    'tcp:192.0.2.1:-1',
    'tcp:192.0.2.1:80 ',
    'tcp:192.0.2.01:80',
    'tcp:[192.0.2.1]:80',
    'tcp:2001:db8::1:80',
    'icmp:192.0.2.1:80',
    'mark:0',
    'mark:4294967296',
    'mark:-1',
    'mark:7/ipv5',
    'mark:7/6',
    'mark:1e3',
  ])('%s', (text) => {
    expect(() => parseServiceId(text)).toThrow(RangeError);
    expect(() => parseServiceId(text)).toThrow(
      `service: ${JSON.stringify(text)} is not of the form`,
    );
  });
});

test.each(['', '10.0.0.2', ':80', '[::1]', '::1:80', '10.0.0.2:http', 'mark:7'])(
  '%s is no real server',
  (text) => {
    expect(() => parseDestinationId(text)).toThrow(RangeError);
    expect(() => parseDestinationId(text)).toThrow('[2001:db8::2]:443');
  },
);

test('a client takes the text of a service and of a real server wherever it takes one', async () => {
  const kernel = tableKernel();
  const client = await IpvsClient.open({ socket: kernel });
  const web = 'tcp:192.0.2.1:80';
  await client.addService(web, { scheduler: 'rr' });
  await client.addDestination(web, '10.0.0.2:8080', { forwardingMethod: 'nat' });
  await client.updateDestination(web, '10.0.0.2:8080', { weight: 0 });
  await client.batch([{ type: 'addDestination', service: web, destination: '10.0.0.1:80' }]);
  expect(kernel.table()[0]).toMatchObject({
    service: { id: { protocol: 'tcp', port: 80 }, settings: { scheduler: 'rr' } },
    destinations: [
      { id: { port: 80 } },
      { id: { port: 8080 }, settings: { forwardingMethod: 'nat', weight: 0 } },
    ],
  });
  await client.deleteDestination(web, '10.0.0.2:8080');
  await client.deleteService(web);
  expect(kernel.table()).toEqual([]);
});

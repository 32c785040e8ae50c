/** What goes to the kernel and what comes back: settings of services and real servers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareDestinations,
  compareServices,
  defaultDestinationSettings,
  defaultServiceSettings,
  formatDestinationId,
  formatServiceId,
  IpAddress,
} from '../../../src/index.js';
import type {
  DestinationSettingsInput,
  ServiceId,
  ServiceSettingsInput,
} from '../../../src/index.js';
import { decodeDaemon } from '../../../src/ipvs/model/daemon.js';
import {
  decodeDestination,
  encodeDestination,
  encodeDestinationId,
  toDestinationId,
} from '../../../src/ipvs/model/destination.js';

import {
  decodeService,
  encodeService,
  encodeServiceId,
  toServiceId,
} from '../../../src/ipvs/model/service.js';
import { overTheWire } from '../../../src/testing/over-the-wire.js';

const ipv4 = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((bytes) => IpAddress.fromBytes('ipv4', bytes));
const ipv6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => IpAddress.fromBytes('ipv6', bytes));
const port = fc.nat(65535);
const u32 = fc.nat(4294967295);
const name = fc.stringMatching(/^[a-z]{1,15}$/);
const protocol = fc.constantFrom('tcp', 'udp', 'sctp');
const schedulerFlags = fc.subarray([1, 2, 3] as const);
const plain = { scheduler: name, onePacket: fc.boolean(), schedulerFlags };
const engine = fc.option(name, { nil: undefined });

const ofIpv4 = fc.record({
  ...plain,
  persistenceEngine: engine,
  persistence: fc.option(fc.record({ timeoutSeconds: u32, netmask: ipv4 }), { nil: undefined }),
});
const ofIpv6 = fc.record({
  ...plain,
  persistenceEngine: engine,
  persistence: fc.option(
    fc.record({ timeoutSeconds: u32, prefixLength: fc.integer({ min: 1, max: 128 }) }),
    { nil: undefined },
  ),
});
const firewallMark = fc.integer({ min: 1, max: 4294967295 });
const services = fc.oneof(
  fc.tuple(fc.record({ protocol, address: ipv4, port }), ofIpv4),
  fc.tuple(fc.record({ protocol, address: ipv6, port }), ofIpv6),
  fc.tuple(fc.record({ firewallMark, family: fc.constant('ipv4' as const) }), ofIpv4),
  fc.tuple(fc.record({ firewallMark, family: fc.constant('ipv6' as const) }), ofIpv6),
);

const tunnel = fc.record({
  type: fc.constantFrom('ipip', 'gue', 'gre'),
  port,
  checksum: fc.constantFrom('none', 'full', 'remote'),
});
const numbers = { weight: fc.integer(), upperThreshold: u32, lowerThreshold: u32 };
const destinations = fc.tuple(
  fc.record({ address: fc.oneof(ipv4, ipv6), port }),
  fc.oneof(
    fc.record({
      ...numbers,
      forwardingMethod: fc.constantFrom('nat', 'local', 'dr', 'bypass'),
      tunnel: fc.constant(undefined),
    }),
    fc.record({ ...numbers, forwardingMethod: fc.constant('tun' as const), tunnel }),
  ),
);

test('every virtual service comes back as it was sent', () => {
  fc.assert(
    fc.property(services, ([id, settings]) => {
      const { SERVICE = {} } = overTheWire({ SERVICE: encodeService(id, settings) });
      const decoded = decodeService(SERVICE);
      expect(decoded.id).toEqual(id);
      expect(decoded.settings).toEqual(settings);
    }),
  );
});

test('every real server comes back as it was sent', () => {
  fc.assert(
    fc.property(destinations, ([id, settings]) => {
      const { DEST = {} } = overTheWire({ DEST: encodeDestination(id, settings) });
      const decoded = decodeDestination(DEST, 'ipv4');
      expect(decoded.id).toEqual(id);
      expect(decoded.settings).toEqual(settings);
    }),
  );
});

describe('a virtual service', () => {
  const web = toServiceId({ protocol: 'tcp', address: '192.0.2.1', port: 80 });
  const web6 = toServiceId({ protocol: 'tcp', address: '2001:db8::1', port: 80 });
  const decodedOf = (id: ServiceId, settings: ServiceSettingsInput) =>
    decodeService(encodeService(id, settings)).settings;

  test('has the documented defaults', () => {
    expect(decodedOf(web, {})).toEqual(defaultServiceSettings);
    const persistence = { timeoutSeconds: 1 };
    expect(decodedOf(web, { persistence }).persistence).toEqual({
      timeoutSeconds: 1,
      netmask: IpAddress.parse('255.255.255.255'),
    });
    expect(decodedOf(web6, { persistence }).persistence).toEqual({
      timeoutSeconds: 1,
      prefixLength: 128,
    });
  });

  test('by mark is of IPv4 when nothing is said', () => {
    expect(toServiceId({ firewallMark: 1 })).toEqual({ firewallMark: 1, family: 'ipv4' });
  });

  test('asks the kernel to set exactly the flags that are given', () => {
    expect(encodeService(web, { onePacket: true }).FLAGS).toEqual({ flags: 4, mask: 0xffff_ffff });
  });

  test('with a mask of the other family is a RangeError', () => {
    const persistence = { timeoutSeconds: 1, netmask: '2001:db8::' };
    expect(() => encodeService(web, { persistence })).toThrow(
      'netmask: 2001:db8:: is no IPv4 mask',
    );
  });

  test.each([0, -1, 129, 1.5, Number.NaN])(
    'with a prefix length of %d is a RangeError',
    (prefixLength) => {
      const encode = () =>
        encodeService(web6, { persistence: { timeoutSeconds: 1, prefixLength } });
      expect(encode).toThrow(RangeError);
      expect(encode).toThrow(`prefixLength: ${prefixLength}`);
    },
  );

  test('of the other family is refused, not ignored', () => {
    const persistence = { timeoutSeconds: 1, netmask: '255.255.255.0' };
    expect(() => encodeService(web6, { persistence })).toThrow('has a prefixLength');
    const mark = { firewallMark: 7, family: 'ipv4' } as const;
    const prefix = { timeoutSeconds: 1, prefixLength: 24 };
    expect(() => encodeService(mark, { persistence: prefix })).toThrow('has a netmask');
  });

  test.each([1, 128])('may have a prefix length of %d', (prefixLength) => {
    const { persistence } = decodedOf(web6, { persistence: { timeoutSeconds: 1, prefixLength } });
    expect(persistence?.prefixLength).toBe(prefixLength);
  });

  test('with a mark has no address, and the other way round', () => {
    expect(encodeServiceId({ firewallMark: 4294967295, family: 'ipv6' })).toEqual({
      AF: 10,
      FWMARK: 4294967295,
    });
    expect(Object.keys(encodeServiceId(web))).toEqual(['AF', 'PROTOCOL', 'ADDR', 'PORT']);
  });

  test('of which a kernel reports few attributes has defaults for the rest', () => {
    expect(decodeService({ FWMARK: 3 })).toMatchObject({
      id: { firewallMark: 3, family: 'ipv4' },
      settings: { scheduler: '', persistenceEngine: undefined, schedulerFlags: [] },
    });
    const bare = decodeService({ PROTOCOL: 17, FLAGS: { flags: 1, mask: 0 } });
    expect(bare.id).toEqual({ protocol: 'udp', address: IpAddress.parse('0.0.0.0'), port: 0 });
    expect(bare.settings.persistence).toEqual({ timeoutSeconds: 0 });
  });

  test('of a kernel before 4.1 has counters of 32 bits, and of a later one those of 64', () => {
    const STATS = { CONNS: 1n, INBYTES: 2n };
    expect(decodeService({ FWMARK: 1, STATS }).statistics).toMatchObject({
      connections: 1n,
      incomingBytes: 2n,
    });
    const both = decodeService({ FWMARK: 1, STATS, STATS64: { CONNS: 2n ** 33n } });
    expect(both.statistics.connections).toBe(2n ** 33n);
  });

  test('is named by everything that distinguishes it from others', () => {
    expect(formatServiceId(web)).toBe('tcp:192.0.2.1:80');
    expect(formatServiceId(web6)).toBe('tcp:[2001:db8::1]:80');
    expect(formatServiceId({ firewallMark: 7, family: 'ipv6' })).toBe('mark:7/ipv6');
  });

  test('is listed by mark, family, protocol, address and port', () => {
    const sorted: ServiceId[] = [
      { protocol: 'tcp', address: '10.0.0.9', port: 443 } as const,
      { protocol: 'tcp', address: '10.0.0.10', port: 80 } as const,
      { protocol: 'tcp', address: '10.0.0.10', port: 443 } as const,
      { protocol: 'udp', address: '10.0.0.1', port: 53 } as const,
      { protocol: 'sctp', address: '10.0.0.1', port: 1 } as const,
      { protocol: 'tcp', address: '::1', port: 80 } as const,
      { firewallMark: 1 },
      { firewallMark: 1, family: 'ipv6' } as const,
      { firewallMark: 10 },
    ].map(toServiceId);
    expect([...sorted].reverse().sort(compareServices)).toEqual(sorted);
  });
});

describe('a real server', () => {
  const id = toDestinationId({ address: '10.0.0.2', port: 80 });
  const decodedOf = (settings: DestinationSettingsInput) =>
    decodeDestination(encodeDestination(id, settings), 'ipv4').settings;

  test('has the documented defaults', () => {
    expect(decodedOf({})).toEqual(defaultDestinationSettings);
    expect(decodedOf({ forwardingMethod: 'tun', tunnel: { type: 'gre' } }).tunnel).toEqual({
      type: 'gre',
      port: 0,
      checksum: 'none',
    });
  });

  test('without a tunnel says nothing of tunnels: kernels before 5.2 know none', () => {
    const { DEST } = overTheWire({ DEST: encodeDestination(id, { forwardingMethod: 'tun' }) });
    expect(DEST).toMatchObject({ FWD_METHOD: 2 });
    expect(DEST).not.toHaveProperty('TUN_TYPE');
    expect(decodedOf({ forwardingMethod: 'tun' }).tunnel).toEqual({
      type: 'ipip',
      port: 0,
      checksum: 'none',
    });
  });

  test('of a newer kernel may have a tunnel that is unknown', () => {
    const { settings } = decodeDestination({ FWD_METHOD: 2, TUN_TYPE: 9, TUN_FLAGS: 9 }, 'ipv4');
    expect(settings.tunnel).toEqual({ type: 'unknown', port: 0, checksum: 'none' });
  });

  test('is forwarded to by the low bits of its method', () => {
    expect(decodeDestination({ FWD_METHOD: 0x103 }, 'ipv4').settings.forwardingMethod).toBe('dr');
    expect(decodeDestination({}, 'ipv4').settings.forwardingMethod).toBe('nat');
    expect(decodeDestination({ FWD_METHOD: 7 }, 'ipv4').settings.forwardingMethod).toBe('bypass');
  });

  test('of a kernel before 3.18 has the family of its service', () => {
    const ADDR = new Uint8Array(16).fill(1);
    expect(decodeDestination({ ADDR }, 'ipv6').id.address.family).toBe('ipv6');
    expect(decodeDestination({ ADDR }, 'ipv4').id.address.family).toBe('ipv4');
    expect(decodeDestination({ ADDR, ADDR_FAMILY: 10 }, 'ipv4').id.address.family).toBe('ipv6');
  });

  test('of a kernel before 4.1 has counters of 32 bits', () => {
    const { rates } = decodeDestination({ STATS: { OUTPPS: 5n } }, 'ipv4').statistics;
    expect(rates.outgoingPacketsPerSecond).toBe(5);
  });

  test('is named and ordered by address and port', () => {
    expect(formatDestinationId(id)).toBe('10.0.0.2:80');
    expect(formatDestinationId(toDestinationId({ address: '::1', port: 0 }))).toBe('[::1]:0');
    const other = { ...id, port: 81 };
    expect([other, id].sort(compareDestinations)).toEqual([id, other]);
    expect(Object.keys(encodeDestinationId(id))).toEqual(['ADDR_FAMILY', 'ADDR', 'PORT']);
  });
});

test('a daemon of which a kernel reports few attributes has defaults for the rest', () => {
  expect(decodeDaemon({})).toMatchObject({ state: 'master', interface: '', syncId: 0 });
});

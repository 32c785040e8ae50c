/** Tables as fast-check makes them up: all that a command line can ask of the kernel, and the kernel keeps. */
import fc from 'fast-check';
import { IpAddress } from '../../src/ipvs/model/address.js';
import type { Family } from '../../src/common/ip-family.js';
import type { ServiceEntry } from '../../src/ipvs/client/client.js';
import { formatDestinationId } from '../../src/ipvs/model/destination.js';
import type { Destination, DestinationSettings, Tunnel } from '../../src/ipvs/model/destination.js';
import { familyOf, formatServiceId, isMark } from '../../src/ipvs/model/service.js';
import type { Persistence, ServiceId, ServiceSettings } from '../../src/ipvs/model/service.js';
import { toStatistics } from '../../src/ipvs/model/statistics.js';
import { numericNaming } from '../../src/rules/format-endpoint.js';
import { TIMEOUT_MAX } from '../../src/rules/grammar/options.js';
import { destinationRule, serviceRule } from '../../src/rules/format-rules.js';
import { schedulers } from '../../src/rules/grammar/schedulers.js';

const INT_MAX = 2 ** 31 - 1;
const MOST_SERVICES = 5;
const MOST_SERVERS = 4;

/** Numbers of a range, often its ends. */
const between = (min: number, max: number) =>
  fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }), fc.integer({ min, max: min + 9 }));

const port = fc.integer({ min: 0, max: 65_535 });
const family = fc.constantFrom<Family>('ipv4', 'ipv6');
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Runs of zeros are what the short forms of addresses are about. */
const sparse = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(255)), {
  minLength: 16,
  maxLength: 16,
});

const addresses: Readonly<Record<Family, fc.Arbitrary<IpAddress>>> = {
  ipv4: bytes(4).map((four) => IpAddress.fromBytes('ipv4', four)),
  ipv6: fc
    .oneof(bytes(16), sparse)
    .map((sixteen) => IpAddress.fromBytes('ipv6', Uint8Array.from(sixteen))),
};

/** The kernel takes only unicast addresses of real servers; those of this machine are for other tests. */
const servers: Readonly<Record<Family, fc.Arbitrary<IpAddress>>> = {
  ipv4: addresses.ipv4.filter(
    ({ bytes: [first = 0] }) => first > 0 && first < 224 && first !== 127,
  ),
  ipv6: fc.tuple(addresses.ipv6, fc.integer({ min: 0x20, max: 0x3f })).map(([address, first]) => {
    const unicast = address.bytes.slice();
    unicast[0] = first;
    return IpAddress.fromBytes('ipv6', unicast);
  }),
};

const serviceId: fc.Arbitrary<ServiceId> = fc.oneof(
  fc.record({ firewallMark: between(1, 2 ** 32 - 1), family }),
  family.chain((kind) =>
    fc.record({
      protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
      address: addresses[kind],
      port: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: port }),
    }),
  ),
);

function persistence(kind: Family): fc.Arbitrary<Persistence> {
  const timeoutSeconds = between(1, TIMEOUT_MAX);
  if (kind === 'ipv6') return fc.record({ timeoutSeconds, prefixLength: between(1, 128) });
  const whole = fc.constant(IpAddress.parse('255.255.255.255'));
  return fc.record({ timeoutSeconds, netmask: fc.oneof(whole, addresses.ipv4) });
}

function serviceSettings(id: ServiceId): fc.Arbitrary<ServiceSettings> {
  const kept = persistence(familyOf(id));
  const anyPort = !isMark(id) && id.port === 0;
  const mayBeOnePacket = isMark(id) || id.protocol === 'udp';
  return fc.record({
    scheduler: fc.constantFrom(...schedulers.map(({ word }) => word)),
    persistence: anyPort ? kept : fc.option(kept, { nil: undefined }),
    persistenceEngine: fc.constantFrom(undefined, 'sip'),
    onePacket: mayBeOnePacket ? fc.boolean() : fc.constant(false),
    schedulerFlags: fc.subarray([1, 2, 3] as const),
  });
}

const tunnel: fc.Arbitrary<Tunnel> = fc.oneof(
  fc.constant({ type: 'ipip', port: 0, checksum: 'none' } as const),
  fc.record({
    type: fc.constant('gue' as const),
    port: between(1, 65_535),
    checksum: fc.constantFrom('none', 'full', 'remote'),
  }),
  fc.record({
    type: fc.constant('gre' as const),
    port: fc.constant(0),
    checksum: fc.constantFrom('none', 'full'),
  }),
);

const forwarding: fc.Arbitrary<Pick<DestinationSettings, 'forwardingMethod' | 'tunnel'>> = fc.oneof(
  fc.record({ forwardingMethod: fc.constantFrom('nat', 'dr'), tunnel: fc.constant(undefined) }),
  fc.record({ forwardingMethod: fc.constant('tun' as const), tunnel }),
);

const thresholds = fc
  .tuple(between(0, INT_MAX), between(0, INT_MAX))
  .map(([a, b]) => ({ upperThreshold: Math.max(a, b), lowerThreshold: Math.min(a, b) }));

const statistics = toStatistics({});

/** A real server: only a tunnel leads to another family, and only masquerading to another port. */
function destination(service: ServiceId): fc.Arbitrary<Destination> {
  return fc
    .record({ method: forwarding, weight: between(0, INT_MAX), limits: thresholds, kind: family })
    .chain(({ method, weight, limits, kind }) => {
      const mixed = method.forwardingMethod === 'tun' ? kind : familyOf(service);
      const mapped = method.forwardingMethod === 'nat' || isMark(service);
      return fc.record({
        id: fc.record({
          address: servers[mixed],
          port: mapped ? port : fc.constant(isMark(service) ? 0 : service.port),
        }),
        settings: fc.constant({ ...method, weight, ...limits }),
        activeConnections: fc.constant(0),
        inactiveConnections: fc.constant(0),
        persistentConnections: fc.constant(0),
        statistics: fc.constant(statistics),
      });
    });
}

const entry: fc.Arbitrary<ServiceEntry> = serviceId.chain((id) =>
  fc.record({
    service: serviceSettings(id).map((settings) => ({ id, settings, statistics })),
    destinations: fc.uniqueArray(destination(id), {
      maxLength: MOST_SERVERS,
      selector: (one) => formatDestinationId(one.id),
    }),
  }),
);

/** Any table: no two services, and no two real servers of one, are the same. */
export const arbitraryTable: fc.Arbitrary<ServiceEntry[]> = fc.uniqueArray(entry, {
  maxLength: MOST_SERVICES,
  selector: ({ service }) => formatServiceId(service.id),
});

/** The rules that make the table. */
export function rulesOf(table: readonly ServiceEntry[]): string[] {
  return table.flatMap(({ service, destinations }) => [
    serviceRule(service, numericNaming),
    ...destinations.map((one) => destinationRule(service.id, one, numericNaming)),
  ]);
}

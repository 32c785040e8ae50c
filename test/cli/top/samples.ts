import { tableKernel } from '../../../src/testing/table-kernel.js';
import type { PresetService } from '../../../src/testing/presets.js';
import { formatServiceId } from '../../../src/ipvs/model/service.js';
import { Sampler } from '../../../src/cli/top/sample.js';
import type { Opened, Sample } from '../../../src/cli/top/sample.js';

/** A table that moves: what is read of it after so many ticks of two seconds. */
export interface Scene {
  readonly sample: Sample;
  readonly opened: Opened;
}

const IPV6 = 'tcp:[2001:db8:85a3:8d3:1319:8a2e:370:7348]:65535';
const NAMES: Readonly<Record<string, string>> = {
  'tcp:192.0.2.1:80': 'web',
  'udp:192.0.2.53:53': 'dns-in-the-headquarters-of-Köln',
  'mark:7': '漢字',
};
export const WEB = 'tcp:192.0.2.1:80';

function presets(tick: number, withIpv6: boolean): PresetService[] {
  const service = (id: string, connections: number, bytes: number): PresetService => ({
    service: id,
    settings: { scheduler: 'wrr', persistence: { timeoutSeconds: 360 } },
    statistics: {
      connections: BigInt(connections * tick),
      incomingPackets: BigInt(bytes * tick) / 800n,
      outgoingPackets: BigInt(bytes * tick) / 900n,
      incomingBytes: BigInt(bytes * tick) + 2n ** 60n,
      outgoingBytes: 9n * BigInt(bytes * tick),
      rates: {},
    },
    destinations: [
      server('10.0.0.2:8080', 3, 0, 120, connections * tick),
      server('10.0.0.3:8080', 0, 0, 7, 0),
      server('10.0.0.4:8080', 1, 10, 10, connections),
      server('10.0.0.5:8080', 0, 0, 0, 0),
    ],
  });
  const server = (
    destination: string,
    weight: number,
    limit: number,
    active: number,
    count: number,
  ) => ({
    destination,
    settings: { forwardingMethod: 'nat', weight, upperThreshold: limit } as const,
    activeConnections: active,
    inactiveConnections: 0,
    statistics: { connections: BigInt(count), incomingBytes: BigInt(count * 900) },
  });
  // It comes and goes: its history is no line.
  const wave = Math.round(1000 * (1 + Math.sin(tick / 3)) * tick ** 0.01);
  return [
    service(WEB, wave, 1_500_000),
    service('udp:192.0.2.53:53', 2468, 90_000),
    service('mark:7', 12, 123_456_789),
    service('tcp:192.0.2.2:443', 0, 0),
    ...Array.from({ length: 30 }, (_, index) => service(`sctp:198.51.100.${index}:9`, index, 1000)),
    ...(withIpv6 ? [service(IPV6, 3, 2000)] : []),
  ];
}

/** What is shown after some ticks. */
export function sceneAfter(ticks: number, withIpv6 = true): Scene {
  const sampler = new Sampler();
  let scene: Scene | undefined;
  for (let tick = 1; tick <= ticks; tick += 1) {
    const table = tableKernel({ services: presets(tick, withIpv6) }).table();
    const services = table.map(({ service }) => ({
      ...service,
      name: NAMES[formatServiceId(service.id)],
    }));
    const web = table.find(({ service }) => formatServiceId(service.id) === WEB);
    const nowMs = tick * 2000;
    scene = {
      sample: sampler.sample(services, '2026-11-29 14:02:11', nowMs),
      opened: sampler.open(WEB, web?.destinations, nowMs),
    };
  }
  if (scene === undefined) throw new RangeError('no tick, no scene');
  return scene;
}

/** Services, servers and checks for the tests of the health rules, with all that a test does not care about. */
import type {
  CheckConfig,
  CheckRules,
  ServerConfig,
  ServiceConfig,
} from '../../../src/agent/config/config.js';
import type { CheckResult, Moment } from '../../../src/agent/health/health.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { defaultDestinationSettings } from '../../../src/ipvs/model/destination.js';
import type { DestinationId } from '../../../src/ipvs/model/destination.js';
import { defaultServiceSettings, formatServiceId } from '../../../src/ipvs/model/service.js';
import type { ServiceId } from '../../../src/ipvs/model/service.js';

export const rules: CheckRules = {
  intervalMs: 2000,
  fastIntervalMs: 1000,
  downIntervalMs: 5000,
  rise: 2,
  fall: 3,
};

/** So many seconds after the tests began; the clock on the wall shows 2026. */
export function at(seconds: number): Moment {
  return {
    monotonicMs: 1_000_000 + seconds * 1000,
    wallMs: Date.UTC(2026, 0, 1) + seconds * 1000,
  };
}

export function wallAt(seconds: number): number {
  return at(seconds).wallMs;
}

export function passed(seconds = 0, more: Partial<CheckResult> = {}): CheckResult {
  return { passing: true, reason: 'status 200', at: at(seconds), durationMs: 3, ...more };
}

export function failed(seconds = 0, more: Partial<CheckResult> = {}): CheckResult {
  return { passing: false, reason: 'connection refused', at: at(seconds), durationMs: 3, ...more };
}

const address = (index: number) => IpAddress.parse(`10.0.0.${index}`);
const serverId = (index: number): DestinationId => ({ address: address(index), port: 80 });

export function check(key: string, own: Partial<CheckRules> = {}): CheckConfig {
  return {
    key,
    type: 'tcp',
    rules: { ...rules, ...own },
    target: {
      address: address(1),
      port: 80,
      source: undefined,
      through: 'server',
      timeoutMs: 2000,
      service: virtualId(1),
      serviceName: undefined,
      server: serverId(1),
    },
    settings: {},
  };
}

/** The server 10.0.0.INDEX:80. */
export function server(index: number, checks: readonly CheckConfig[], weight = 1): ServerConfig {
  const id = serverId(index);
  const settings = { ...defaultDestinationSettings, weight };
  return { id, key: serverKey(index), settings, checks };
}

export const serverKey = (index: number): string => `10.0.0.${index}:80`;

function virtualId(index: number): ServiceId {
  return { protocol: 'tcp', address: IpAddress.parse(`192.0.2.${index}`), port: 80 };
}

/** The service tcp:192.0.2.INDEX:80, with the defaults of state files. */
export function service(
  servers: readonly ServerConfig[],
  more: Partial<ServiceConfig> = {},
  index = 1,
): ServiceConfig {
  const id = virtualId(index);
  return {
    id,
    key: formatServiceId(id),
    name: undefined,
    settings: defaultServiceSettings,
    servers,
    onFailure: 'quiet',
    slowStartMs: 0,
    sorryServer: undefined,
    quorum: { kind: 'servers', count: 1 },
    hysteresis: 0,
    failOpen: { kind: 'none-up' },
    initial: 'starting',
    drainMs: 30_000,
    announce: undefined,
    trackFile: undefined,
    hooks: { onChange: undefined, webhook: undefined },
    ...more,
  };
}

export const sorryKey = '127.0.0.1:8080';

export const sorryServer = {
  id: { address: IpAddress.parse('127.0.0.1'), port: 8080 },
  key: sorryKey,
  settings: defaultDestinationSettings,
};

import type { ServiceConfig } from '../config/config.js';
import { newCheckHealth } from './check-health.js';
import type { CheckHealth, ServerMemory, ServiceMemory } from './health.js';

/** All that the agent holds of health. */
export interface HealthMemory {
  /** By {@link ServiceConfig.key}. */
  readonly services: ReadonlyMap<string, ServiceMemory>;
  /** By {@link CheckConfig.key}. */
  readonly checks: ReadonlyMap<string, CheckHealth>;
}

/**
 * What is held of health goes over to another configuration: services, servers and checks that stay keep what is known of
 * them, and what the configuration does not have is forgotten.
 */
export function migrateHealth(
  { services, checks }: HealthMemory,
  configs: readonly ServiceConfig[],
): HealthMemory {
  const keptServices = new Map<string, ServiceMemory>();
  const keptChecks = new Map<string, CheckHealth>();
  for (const config of configs) {
    const memory = services.get(config.key);
    if (memory !== undefined) keptServices.set(config.key, withServersOf(memory, config));
    for (const { key } of config.servers.flatMap((server) => server.checks)) {
      keptChecks.set(key, checks.get(key) ?? newCheckHealth('unknown'));
    }
  }
  return { services: keptServices, checks: keptChecks };
}

function withServersOf(memory: ServiceMemory, { servers }: ServiceConfig): ServiceMemory {
  const kept = new Map<string, ServerMemory>();
  for (const { key } of servers) {
    const server = memory.servers.get(key);
    if (server !== undefined) kept.set(key, server);
  }
  return { ...memory, servers: kept };
}

import type { AgentConfig, CheckConfig } from './config.js';

/** Every check of a configuration once, however many servers have it. */
export function checksOf({ services }: AgentConfig): readonly CheckConfig[] {
  const checks = services.flatMap(({ servers }) => servers.flatMap((server) => server.checks));
  return [...new Map(checks.map((check) => [check.key, check])).values()];
}

import type { Host } from '../../host/host.js';
import type { AgentConfig } from '../config/config.js';
import type { AgentProblem } from '../config/problems.js';
import { isByPath } from './paths.js';

/** What this machine lacks for checks with `through: path`. */
export async function pathProblems(
  { services }: AgentConfig,
  host: Host,
): Promise<readonly AgentProblem[]> {
  const index = services.findIndex(({ servers }) =>
    servers.some((one) => one.checks.some(isByPath)),
  );
  if (index < 0 || (await host.run('nft', ['--version'])) !== undefined) return [];
  const message =
    'through: path needs the program nft, which is not installed: apt install nftables';
  return [{ severity: 'error', path: ['services', index, 'check'], message }];
}

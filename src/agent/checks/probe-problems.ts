import type { JsonRecord } from '../../common/json.js';
import type { DesiredState } from '../../state/file/desired.js';
import { placedChecks } from '../config/placed-checks.js';
import type { AgentProblem } from '../config/problems.js';
import { readAgentConfig } from '../config/read-config.js';
import { CheckError } from './check-type.js';
import { prepareProbe } from './check-types.js';

/**
 * Checks of a state that cannot work on this machine: a pattern is wrong, a certificate cannot be read. Each is prepared
 * once, however many servers have it.
 */
export function probeProblems(
  desired: DesiredState,
  config = readAgentConfig(desired),
): readonly AgentProblem[] {
  const prepared = new Set<JsonRecord>();
  return config.services.flatMap((_service, index) =>
    placedChecks(desired, config, index).flatMap(({ check, path }): AgentProblem[] => {
      if (prepared.has(check.settings)) return [];
      prepared.add(check.settings);
      try {
        prepareProbe(check).close?.();
        return [];
      } catch (error) {
        if (!(error instanceof CheckError)) throw error;
        return [{ severity: 'error', path, message: error.message }];
      }
    }),
  );
}

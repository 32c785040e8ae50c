import { formatServiceId } from '../../ipvs/model/service.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { CheckError } from '../checks/check-type.js';
import type { Probe } from '../checks/check-type.js';
import type { CheckConfig } from '../config/config.js';
import { ConfigProblem } from './config-source.js';
import type { ScheduledCheck } from './scheduler.js';

/** Makes a check ready to be run. @throws CheckError */
export type PrepareProbe = (check: CheckConfig) => Probe;

/**
 * Makes those checks ready that are new; for the others nothing is done.
 * @throws ConfigProblem when one cannot work on this machine.
 */
export function prepareChecks(
  checks: readonly CheckConfig[],
  isKnown: (key: string) => boolean,
  prepare: PrepareProbe,
): readonly ScheduledCheck[] {
  return checks.map((check): ScheduledCheck => {
    const { key, rules, target } = check;
    const { intervalMs } = rules;
    const { timeoutMs } = target;
    if (isKnown(key)) return { key, intervalMs, timeoutMs, run: unused };
    const probe = prepared(check, prepare);
    return {
      key,
      intervalMs,
      timeoutMs,
      // A mistake in a check must not end the agent.
      run: () => probe.run().catch((error: unknown) => ({ passing: false, reason: String(error) })),
      close: () => probe.close?.(),
    };
  });
}

/** The scheduler keeps the check that it has. */
const unused = (): never => {
  throw new Error('this check runs already');
};

function prepared(check: CheckConfig, prepare: PrepareProbe): Probe {
  try {
    return prepare(check);
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    const { service, serviceName, server } = check.target;
    const where = `${serviceName ?? formatServiceId(service)} ${formatDestinationId(server)}`;
    throw new ConfigProblem(`${where}: check ${check.type}: ${error.message}`);
  }
}

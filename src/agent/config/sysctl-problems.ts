import { EXPIRE_NODEST_CONN, EXPIRE_QUIESCENT_TEMPLATE } from '../../host/ipvs-sysctls.js';
import { sysctlCommand, sysctlName } from '../../host/sysctl.js';
import type { AgentConfig, ServiceConfig } from './config.js';
import type { AgentProblem } from './problems.js';

/** Sysctls that decide what becomes of the clients of a server that fails; undefined: not known. */
export interface FailureSysctls {
  readonly expireQuiescentTemplate: number | undefined;
  readonly expireNodestConn: number | undefined;
}

/** Services whose `onFailure` has no effect on clients because of a sysctl. */
export function sysctlProblems(
  { services }: AgentConfig,
  sysctls: FailureSysctls,
): readonly AgentProblem[] {
  return services.flatMap((service, index): AgentProblem[] => {
    const message = problemOf(service, sysctls);
    if (message === undefined) return [];
    return [{ severity: 'warning', path: ['services', index, 'onFailure'], message }];
  });
}

function problemOf(
  { onFailure, settings, servers }: ServiceConfig,
  { expireQuiescentTemplate, expireNodestConn }: FailureSysctls,
): string | undefined {
  if (servers.every(({ checks }) => checks.length === 0)) return undefined;
  if (onFailure === 'remove' && expireNodestConn === 0) {
    return vain(
      'onFailure: remove: clients of a server that was removed wait until their connections time out',
      EXPIRE_NODEST_CONN,
    );
  }
  const isPersistent = settings.persistence !== undefined;
  if (onFailure === 'quiet' && isPersistent && expireQuiescentTemplate === 0) {
    return vain(
      'onFailure: quiet: persistent clients of a server that fails stay on it',
      EXPIRE_QUIESCENT_TEMPLATE,
    );
  }
  return undefined;
}

function vain(what: string, sysctl: string): string {
  return `${what}, because ${sysctlName(sysctl)} is 0; to let them go to another server: ${sysctlCommand(sysctl, 1)}`;
}

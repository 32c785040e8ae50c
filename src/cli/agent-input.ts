import { probeProblems } from '../agent/checks/probe-problems.js';
import type { AgentConfig } from '../agent/config/config.js';
import { placeProblems } from '../agent/config/place-problems.js';
import type { PlacedProblem } from '../agent/config/place-problems.js';
import { agentProblems } from '../agent/config/problems.js';
import { readAgentConfig } from '../agent/config/read-config.js';
import { sysctlProblems } from '../agent/config/sysctl-problems.js';
import type { FailureSysctls } from '../agent/config/sysctl-problems.js';
import { pathProblems } from '../agent/path/path-problems.js';
import type { Host } from '../host/host.js';
import { EXPIRE_NODEST_CONN, EXPIRE_QUIESCENT_TEMPLATE } from '../host/ipvs-sysctls.js';
import { readSysctl } from '../host/sysctl.js';
import type { Sysctl } from '../host/sysctl.js';
import type { Session } from '../terminal/session.js';
import { readPlacedFiles } from './state-input.js';

/** What state files ask of the agent. */
export interface AgentInput {
  readonly config: AgentConfig;
  /** With an error among them, the files are refused. */
  readonly problems: readonly PlacedProblem[];
}

/**
 * Reads the agent's file or folder, and prepares all checks once, so that what cannot work is found before it is needed.
 * @throws StateFileError, and CliError when a file cannot be read.
 */
export async function readAgentInput(
  session: Session,
  host: Host,
  file: string,
): Promise<AgentInput> {
  const { state, files } = await readPlacedFiles(session, file);
  const config = readAgentConfig(state);
  const found = [
    ...agentProblems(state, config),
    ...probeProblems(state, config),
    ...(await pathProblems(config, host)),
    ...sysctlProblems(config, await failureSysctls(host)),
  ];
  return { config, problems: placeProblems(found, files) };
}

async function failureSysctls(host: Host): Promise<FailureSysctls> {
  const number = async (sysctl: Sysctl) => {
    const text = await readSysctl(host, sysctl);
    return text === undefined ? undefined : Number(text);
  };
  return {
    expireQuiescentTemplate: await number(EXPIRE_QUIESCENT_TEMPLATE),
    expireNodestConn: await number(EXPIRE_NODEST_CONN),
  };
}

export const isError = ({ severity }: PlacedProblem): boolean => severity === 'error';

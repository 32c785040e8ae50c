import { probeProblems } from '../agent/checks/probe-problems.js';
import type { AgentConfig } from '../agent/config/config.js';
import { placeProblems } from '../agent/config/place-problems.js';
import type { PlacedProblem } from '../agent/config/place-problems.js';
import { agentProblems } from '../agent/config/problems.js';
import { readAgentConfig } from '../agent/config/read-config.js';
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
export async function readAgentInput(session: Session, file: string): Promise<AgentInput> {
  const { state, files } = await readPlacedFiles(session, file);
  const config = readAgentConfig(state);
  const found = [...agentProblems(state, config), ...probeProblems(state, config)];
  return { config, problems: placeProblems(found, files) };
}

export const isError = ({ severity }: PlacedProblem): boolean => severity === 'error';

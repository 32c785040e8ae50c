import { probeProblems } from '../agent/checks/probe-problems.js';
import type { AgentConfig } from '../agent/config/config.js';
import { placeProblems } from '../agent/config/place-problems.js';
import type { PlacedProblem } from '../agent/config/place-problems.js';
import { agentProblems } from '../agent/config/problems.js';
import { readAgentConfig } from '../agent/config/read-config.js';
import { printable } from '../common/printable.js';
import { problemText } from '../state/file/desired.js';
import type { StateProblem } from '../state/file/desired.js';
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

/** More than this nobody reads. */
const MOST_SHOWN = 50;

/** A line for each problem, as far as somebody reads them. */
export function problemLines(problems: readonly (StateProblem | PlacedProblem)[]): string {
  const lines = problems.slice(0, MOST_SHOWN).map((problem) => {
    const isWarning = 'severity' in problem && problem.severity === 'warning';
    const message = isWarning ? `warning: ${problem.message}` : problem.message;
    return printable(problemText({ ...problem, message }));
  });
  const more = problems.length - lines.length;
  return [...lines, ...(more > 0 ? [`... and ${more} more`] : [])].join('\n');
}

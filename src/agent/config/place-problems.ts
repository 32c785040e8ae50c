import type { Path } from '../../state/file/check.js';
import type { StateProblem } from '../../state/file/desired.js';
import type { ParsedState } from '../../state/file/parsed.js';
import type { AgentProblem } from './problems.js';

/** An {@link AgentProblem} with its file, line and column. */
export type PlacedProblem = StateProblem & Pick<AgentProblem, 'severity'>;

/** Finds where problems of a state are in the files that it was merged of, which come in the same order. */
export function placeProblems(
  problems: readonly AgentProblem[],
  files: readonly ParsedState[],
): readonly PlacedProblem[] {
  return problems.flatMap(({ severity, path, message }) => {
    const found = fileOf(path, files);
    if (found === undefined) return [];
    return { severity, file: found.file.file, ...found.file.placeOf(found.path), message };
  });
}

/** Services of several files are one list; any other key is in one of them alone. */
function fileOf(
  path: Path,
  files: readonly ParsedState[],
): { readonly file: ParsedState; readonly path: Path } | undefined {
  const [key = '', index, ...rest] = path;
  if (key !== 'services' || typeof index !== 'number') {
    const file = files.find(({ state }) => Object.hasOwn(state.agent, key));
    return file && { file, path };
  }
  let own = index;
  for (const file of files) {
    const { length } = file.state.services;
    if (own < length) return { file, path: [key, own, ...rest] };
    own -= length;
  }
  return undefined;
}

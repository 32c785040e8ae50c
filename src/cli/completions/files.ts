import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { programTree } from './tree.js';
import { zshCompletion } from './zsh.js';

/** The scripts that make shells complete ipvs, under the names that the shells' folders want. */
export function completionFiles(): Readonly<Record<string, string>> {
  const program = programTree();
  return {
    'ipvs.bash': bashCompletion(program),
    _ipvs: zshCompletion(program),
    'ipvs.fish': fishCompletion(program),
  };
}

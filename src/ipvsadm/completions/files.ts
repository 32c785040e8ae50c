import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

/** The scripts that make shells complete the commands, under the names that the shells' folders want. */
export function completionFiles(): Readonly<Record<string, string>> {
  return {
    'ipvsadm.bash': bashCompletion(),
    _ipvsadm: zshCompletion(),
    'ipvsadm.fish': fishCompletion(),
  };
}

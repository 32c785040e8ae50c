import { add } from './commands/add.js';
import { deleteVerb } from './commands/delete.js';
import { directorDown, directorStatus, directorUp } from './commands/director.js';
import { doctor } from './commands/doctor.js';
import { drain } from './commands/drain.js';
import { install } from './commands/install.js';
import { realServerDown, realServerStatus, realServerUp } from './commands/realserver.js';
import { rulesClear } from './commands/rules-clear.js';
import { rulesLoad } from './commands/rules-load.js';
import { rulesReload } from './commands/rules-reload.js';
import { rulesSave } from './commands/rules-save.js';
import { set } from './commands/set.js';
import { undrain } from './commands/undrain.js';
import { uninstall } from './commands/uninstall.js';
import { flag } from './option-spec.js';
import type { Verb } from './verb.js';

/** The verbs of `ipvs`, in the order of help and of the manual. */
export const verbs: readonly Verb[] = [
  set,
  add,
  deleteVerb,
  drain,
  undrain,
  rulesLoad,
  rulesReload,
  rulesClear,
  rulesSave,
  directorUp,
  directorDown,
  directorStatus,
  realServerUp,
  realServerDown,
  realServerStatus,
  install,
  uninstall,
  doctor,
];

const RULES = 'load, reload, clear and save the rules of this director';

/** The help of the first words of two-word verbs. */
export const groups: Readonly<Record<string, string>> = {
  rules: RULES,
  service: RULES,
  director: 'set this machine up as a director, undo that, or check its status',
  realserver: 'set this machine up as a real server, undo that, or check its status',
};

export const helpOption = flag('-h, --help', 'show help; ipvs VERB -h shows that of a verb');
export const versionOption = flag('-v, --version', 'show the version');

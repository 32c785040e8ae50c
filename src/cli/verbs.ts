import { add } from './commands/add.js';
import { agent } from './commands/agent.js';
import { agentCheck } from './commands/agent-check.js';
import { agentReload } from './commands/agent-reload.js';
import { apply } from './commands/apply.js';
import { complete } from './commands/complete.js';
import { connections } from './commands/connections.js';
import { deleteVerb } from './commands/delete.js';
import { diff } from './commands/diff.js';
import { directorDown, directorStatus, directorUp } from './commands/director.js';
import { doctor } from './commands/doctor.js';
import { drain } from './commands/drain.js';
import { events } from './commands/events.js';
import { exportState } from './commands/export.js';
import { importVerb } from './commands/import.js';
import { install } from './commands/install.js';
import { list } from './commands/list.js';
import { maintenanceOff, maintenanceOn } from './commands/maintenance.js';
import { metrics } from './commands/metrics.js';
import { realServerDown, realServerStatus, realServerUp } from './commands/realserver.js';
import { rulesClear } from './commands/rules-clear.js';
import { rulesLoad } from './commands/rules-load.js';
import { rulesReload } from './commands/rules-reload.js';
import { rulesSave } from './commands/rules-save.js';
import { schema } from './commands/schema.js';
import { set } from './commands/set.js';
import { stats } from './commands/stats.js';
import { status } from './commands/status.js';
import { top } from './commands/top.js';
import { undrain } from './commands/undrain.js';
import { uninstall } from './commands/uninstall.js';
import { flag } from './option-spec.js';
import type { Verb } from './verb.js';

/** The verbs of `ipvs`, in the order of help and of the manual. */
export const verbs: readonly Verb[] = [
  list,
  connections,
  stats,
  top,
  metrics,
  exportState,
  importVerb,
  diff,
  apply,
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
  agent,
  agentCheck,
  agentReload,
  status,
  events,
  maintenanceOn,
  maintenanceOff,
  install,
  uninstall,
  doctor,
  schema,
  complete,
];

const RULES = 'load, reload, clear and save the rules of this director';

/** The help of the first words of two-word verbs. */
export const groups: Readonly<Record<string, string>> = {
  rules: RULES,
  service: RULES,
  director: 'set this machine up as a director, undo that, or check its status',
  agent: 'check real servers, and keep the table by their health',
  maintenance: 'take real servers out and in by the agent',
  realserver: 'set this machine up as a real server, undo that, or check its status',
};

export const helpOption = flag('-h, --help', 'show help; ipvs VERB -h shows that of a verb');
export const versionOption = flag('-v, --version', 'show the version');

import type { Check } from './check.js';
import { answersMissing } from './checks/answers.js';
import { connectionTableSmall } from './checks/connection-table.js';
import { defenceAlways, sloppyTcp } from './checks/defence.js';
import { connectionReuse, quiescentPersistence } from './checks/draining.js';
import { forwardingOff } from './checks/forwarding.js';
import { ftpModuleMissing, portMappingIgnored } from './checks/ports.js';
import { schedulerMissing, sourceHashRefuses } from './checks/schedulers.js';
import { serviceAllQuiet, serviceEmpty, serviceFull, thresholdReached } from './checks/services.js';
import { staleConnections, staleUdp } from './checks/stale.js';
import { syncBackupWithoutRules, syncDaemonsDiffer, syncInterfaceDown } from './checks/sync.js';

/** All that is looked for, in the order in which it is told. */
export const checks: readonly Check[] = [
  forwardingOff,
  answersMissing,
  schedulerMissing,
  serviceEmpty,
  serviceAllQuiet,
  serviceFull,
  thresholdReached,
  sourceHashRefuses,
  portMappingIgnored,
  ftpModuleMissing,
  staleConnections,
  staleUdp,
  quiescentPersistence,
  connectionReuse,
  syncInterfaceDown,
  syncDaemonsDiffer,
  syncBackupWithoutRules,
  defenceAlways,
  sloppyTcp,
  connectionTableSmall,
];

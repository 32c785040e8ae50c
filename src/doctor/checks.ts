import type { Check } from './check.js';
import { virtualAddressMissing, virtualAddressPrefix } from './checks/addresses.js';
import { answersMissing } from './checks/answers.js';
import { arpDuplicate } from './checks/arp-duplicate.js';
import { arpAnnounces, arpAnswers } from './checks/arp.js';
import { connectionTableSmall } from './checks/connection-table.js';
import { otherController } from './checks/controllers.js';
import { defenceAlways, sloppyTcp } from './checks/defence.js';
import { connectionReuse, quiescentPersistence } from './checks/draining.js';
import { conntrackOff, firewallDrops } from './checks/firewall.js';
import { forwardingOff } from './checks/forwarding.js';
import { moduleMissing, noRules } from './checks/kernel.js';
import { ftpModuleMissing, portMappingIgnored } from './checks/ports.js';
import { directRoutingOffLink, noRoute, redirectsSent } from './checks/routes.js';
import { rulesFileFaulty } from './checks/rules-file.js';
import { schedulerMissing, sourceHashRefuses } from './checks/schedulers.js';
import { natToLoopback, realServerPortClosed } from './checks/servers.js';
import { serviceAllQuiet, serviceEmpty, serviceFull, thresholdReached } from './checks/services.js';
import { staleConnections, staleUdp } from './checks/stale.js';
import { syncBackupWithoutRules, syncDaemonsDiffer, syncInterfaceDown } from './checks/sync.js';
import { reversePathFilter, tunnelDown, tunnelMtu } from './checks/tunnels.js';

/** All checks, in the order in which they are reported. */
export const checks: readonly Check[] = [
  moduleMissing,
  noRules,
  virtualAddressMissing,
  virtualAddressPrefix,
  arpAnswers,
  arpAnnounces,
  arpDuplicate,
  tunnelDown,
  reversePathFilter,
  firewallDrops,
  conntrackOff,
  forwardingOff,
  noRoute,
  directRoutingOffLink,
  natToLoopback,
  realServerPortClosed,
  answersMissing,
  rulesFileFaulty,
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
  redirectsSent,
  tunnelMtu,
  otherController,
];

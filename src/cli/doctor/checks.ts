import type { Check } from './check.js';
import { forwardingOff } from './checks/forwarding.js';
import { serviceEmpty } from './checks/services.js';

/** All that is looked for, in the order in which it is told. */
export const checks: readonly Check[] = [forwardingOff, serviceEmpty];

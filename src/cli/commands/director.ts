import type { ArgumentSpec } from '../option-spec.js';
import {
  addressesOption,
  changeOptions,
  interfaceOption,
  methodOption,
  outputOptions,
} from '../options.js';
import { defineVerb } from '../verb.js';

/** `ipvs director`: this machine as a director. */

const options = {
  method: methodOption('a forwarding method in addition to those of the real servers'),
  vip: addressesOption('--vip', 'a virtual address in addition to those of the services'),
  interface: interfaceOption(
    'interface for the virtual addresses (default: the one that routes to them)',
  ),
};

const rulesFile: ArgumentSpec = {
  name: 'config',
  summary: 'a rules file, as ipvsadm-save writes it',
  isRequired: true,
  completes: 'file',
};

export const directorUp = defineVerb({
  path: ['director', 'up'],
  summary: 'apply sysctls, rules and virtual addresses, in this order',
  arguments: [rulesFile],
  options: { ...options, ...changeOptions, ...outputOptions },
  examples: [
    ['ipvs director up /etc/ipvsadm.rules --dry-run'],
    ['ipvs director up /etc/ipvsadm.rules --interface eth0'],
    ['ipvs director up marks.rules --vip 192.0.2.1 --vip 2001:db8::1'],
  ],
  overview: ['ipvs director up ./rules', 'make this machine a director'],
  action: async () => (await import('../actions/director.js')).directorUp,
});

export const directorDown = defineVerb({
  path: ['director', 'down'],
  summary: 'restore what up found',
  arguments: [
    {
      ...rulesFile,
      summary: 'ignored: the journal of up says what to restore',
      isRequired: false,
    },
  ],
  options: { ...changeOptions, ...outputOptions },
  examples: [['ipvs director down']],
  action: async () => (await import('../actions/director.js')).directorDown,
});

export const directorStatus = defineVerb({
  path: ['director', 'status'],
  summary: 'check the kernel; exit status 0: running, 3: not running',
  arguments: [rulesFile],
  options: { ...options, ...outputOptions },
  examples: [['ipvs director status /etc/ipvsadm.rules']],
  action: async () => (await import('../actions/director.js')).directorStatus,
});

import {
  addressesOption,
  changeOptions,
  interfaceOption,
  methodOption,
  outputOptions,
} from '../options.js';
import { defineVerb } from '../verb.js';

/** `ipvs realserver`: this machine as a real server. */

const options = {
  method: methodOption('how the director forwards packets'),
  vip: addressesOption('--vip', 'a virtual address, with dr and tun'),
  interface: interfaceOption('interface for them (default: lo; with tun, tunl0 or ip6tnl0)'),
  gateway: addressesOption('--gateway', 'with nat: the address of the director on this network'),
};

export const realServerUp = defineVerb({
  path: ['realserver', 'up'],
  summary: 'apply sysctls, virtual addresses and routes, in this order',
  options: {
    ...options,
    method: { ...options.method, isRequired: true },
    ...changeOptions,
    ...outputOptions,
  },
  examples: [
    ['ipvs realserver up --method dr --vip 192.0.2.1'],
    ['ipvs realserver up --method tun --vip 192.0.2.1 --vip 2001:db8::1'],
    ['ipvs realserver up --method nat --gateway 10.0.0.1'],
  ],
  action: async () => (await import('../actions/realserver.js')).realServerUp,
});

export const realServerDown = defineVerb({
  path: ['realserver', 'down'],
  summary: 'restore what up found',
  options: { ...changeOptions, ...outputOptions },
  examples: [['ipvs realserver down']],
  action: async () => (await import('../actions/realserver.js')).realServerDown,
});

export const realServerStatus = defineVerb({
  path: ['realserver', 'status'],
  summary: 'check the kernel; exit status 0: running, 3: not running',
  options: { ...options, ...outputOptions },
  examples: [
    ['ipvs realserver status', 'what up was asked for'],
    ['ipvs realserver status --method dr --vip 192.0.2.1'],
  ],
  action: async () => (await import('../actions/realserver.js')).realServerStatus,
});

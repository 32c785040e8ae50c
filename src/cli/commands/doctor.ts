import type { RoleName } from '../../doctor/check-context.js';
import { RULES_FILES } from '../../rules/rules-file.js';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { addressesOption, outputOptions } from '../options.js';
import { defineVerb } from '../verb.js';

const ignoreOption: OptionSpec<readonly string[]> = {
  flags: '--ignore <id>',
  summary: 'ignore this finding; may be given more than once',
  initial: [],
  shownDefault: 'nothing',
  completes: 'check',
  parse: (id, before) => [...before, id],
};

const roleOption: OptionSpec<RoleName | undefined> = {
  flags: '--role <role>',
  summary: 'the role of this machine, if it cannot be detected',
  initial: undefined,
  choices: ['director', 'realserver'] satisfies RoleName[],
};

const rulesOption: OptionSpec<string | undefined> = {
  flags: '--rules <file>',
  summary: `the rules file restored at boot (default: ${RULES_FILES.join(' or ')})`,
  initial: undefined,
  completes: 'file',
};

export const doctor = defineVerb({
  path: ['doctor'],
  summary: 'diagnose this director or real server and print the fix for each finding',
  options: {
    vip: addressesOption('--vip', 'a virtual address expected on this machine'),
    ignore: ignoreOption,
    role: roleOption,
    rules: rulesOption,
    passive: flag('--passive', 'send no packets: no ARP requests, no connections to real servers'),
    list: flag('--list', 'list the checks without running them'),
    ...outputOptions,
  },
  notes: `Exit status: 0 when nothing was found, 1 when something was, 2 when a check
could not be made. Each finding is explained in ipvs(8).`,
  examples: [
    ['ipvs doctor', 'on a director'],
    ['ipvs doctor --vip 192.0.2.1', 'on a real server that should accept it'],
    ['ipvs doctor --role realserver', 'on a real server of NAT'],
    ['ipvs doctor --ignore other-controller', 'keepalived is here on purpose'],
    ['ipvs doctor --json --passive', 'for a monitoring system'],
  ],
  overview: ['ipvs doctor', 'find what is wrong, and the fix'],
  action: async () => (await import('../actions/doctor.js')).doctor,
});

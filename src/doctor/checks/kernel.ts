import { RULES_FILES, saysRules } from '../../rules/rules-file.js';
import type { Check } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { isMeantAsRealServer } from '../roles.js';

export const moduleMissing: Check = {
  id: 'module-missing',
  severity: 'error',
  title: 'The kernel has no IPVS',
  why:
    'A director cannot balance anything without it. A real server does not need it, so this is not reported where ' +
    'there are virtual addresses, or with --vip or --role realserver.',
  role: 'any',
  run: async (context) => {
    if ((await context.machine.hasIpvs()) || (await isMeantAsRealServer(context))) return [];
    return [{ evidence: '/proc/net/ip_vs does not exist', fix: ['modprobe ip_vs'] }];
  },
};

export const noRules: Check = {
  id: 'no-rules',
  severity: 'error',
  title: 'There are no virtual services',
  why:
    'Nothing is balanced: no rules have been loaded since boot, or they have been cleared. Clients are refused, or ' +
    'reach a server on this machine itself. Reported only where there is a rules file, or with --role director.',
  role: 'any',
  run: async (context) => {
    if (!(await context.machine.hasIpvs()) || (await context.isActive())) return [];
    if (await isMeantAsRealServer(context)) return [];
    const file = await savedRules(context);
    // A NAT real server has an empty table too, and nothing else shows that it is one.
    if (file === undefined && context.role !== 'director') return [];
    return [
      {
        evidence: 'the table is empty: ipvsadm -Ln',
        fix: [file === undefined ? 'ipvs director up FILE' : `ipvsadm-restore < ${file}`],
      },
    ];
  },
};

/** The rules file of the system; undefined if it has no rules, as the one that comes with a package. */
async function savedRules({ host }: CheckContext): Promise<string | undefined> {
  for (const path of RULES_FILES) {
    if (saysRules((await host.read(path)) ?? '')) return path;
  }
  return undefined;
}

import { RULES_FILES, saysRules } from '../../rules-file.js';
import type { Check } from '../check.js';
import type { Facts } from '../facts.js';
import { isMeantAsRealServer } from '../roles.js';

export const moduleMissing: Check = {
  id: 'module-missing',
  severity: 'error',
  title: 'The kernel has no IPVS',
  why:
    'A director cannot balance anything without it. A real server needs none: with virtual addresses of its own, or with ' +
    '--vip, it is not asked for.',
  role: 'any',
  look: async (facts) => {
    if ((await facts.hasIpvs()) || (await isMeantAsRealServer(facts))) return [];
    return [{ evidence: '/proc/net/ip_vs is not there', mend: ['modprobe ip_vs'] }];
  },
};

export const noRules: Check = {
  id: 'no-rules',
  severity: 'error',
  title: 'There are no virtual services',
  why:
    'Nothing is balanced: rules were not loaded since the machine started, or somebody has cleared them. Clients are refused, ' +
    'or answered by this machine itself.',
  role: 'any',
  look: async (facts) => {
    if (!(await facts.hasIpvs()) || (await facts.isDirector())) return [];
    if (await isMeantAsRealServer(facts)) return [];
    const file = await savedRules(facts);
    return [
      {
        evidence: 'the table is empty: ipvsadm -Ln',
        mend: [file === undefined ? 'ipvs director up FILE' : `ipvsadm-restore < ${file}`],
      },
    ];
  },
};

/** The rules file of the system, unless it says nothing, as the one that comes with a package. */
async function savedRules({ machine }: Facts): Promise<string | undefined> {
  for (const path of RULES_FILES) {
    if (saysRules((await machine.read(path)) ?? '')) return path;
  }
  return undefined;
}

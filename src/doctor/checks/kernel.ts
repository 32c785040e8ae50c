import { RULES_FILES, saysRules } from '../../rules/rules-file.js';
import type { Check } from '../check.js';
import type { HostSnapshot } from '../snapshot.js';
import { isMeantAsRealServer } from '../roles.js';

export const moduleMissing: Check = {
  id: 'module-missing',
  severity: 'error',
  title: 'The kernel has no IPVS',
  why:
    'A director cannot balance anything without it. A real server needs none: with virtual addresses of its own, or with ' +
    '--vip, it is not asked for.',
  role: 'any',
  run: async (snapshot) => {
    if ((await snapshot.hasIpvs()) || (await isMeantAsRealServer(snapshot))) return [];
    return [{ evidence: '/proc/net/ip_vs is not there', fix: ['modprobe ip_vs'] }];
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
  run: async (snapshot) => {
    if (!(await snapshot.hasIpvs()) || (await snapshot.isDirector())) return [];
    if (await isMeantAsRealServer(snapshot)) return [];
    const file = await savedRules(snapshot);
    return [
      {
        evidence: 'the table is empty: ipvsadm -Ln',
        fix: [file === undefined ? 'ipvs director up FILE' : `ipvsadm-restore < ${file}`],
      },
    ];
  },
};

/** The rules file of the system, unless it says nothing, as the one that comes with a package. */
async function savedRules({ host }: HostSnapshot): Promise<string | undefined> {
  for (const path of RULES_FILES) {
    if (saysRules((await host.read(path)) ?? '')) return path;
  }
  return undefined;
}

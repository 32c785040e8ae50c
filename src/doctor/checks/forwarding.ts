import { familyOf } from '../../ipvs/model/service.js';
import { sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check } from '../check.js';
import type { HostSnapshot } from '../snapshot.js';

/** Whether packets are forwarded, in each family. */
export const FORWARDING = {
  ipv4: 'net/ipv4/ip_forward',
  ipv6: 'net/ipv6/conf/all/forwarding',
} as const;

/** The families in which there are real servers behind NAT: their answers are forwarded as any router does it. */
async function natFamilies(snapshot: HostSnapshot): Promise<readonly (keyof typeof FORWARDING)[]> {
  const families = new Set<keyof typeof FORWARDING>();
  for (const { service, destinations } of await snapshot.table()) {
    if (destinations.some(({ settings }) => settings.forwardingMethod === 'nat')) {
      families.add(familyOf(service.id));
    }
  }
  return [...families];
}

export const forwardingOff: Check = {
  id: 'forwarding-off',
  severity: 'error',
  title: 'The director does not forward packets, which NAT needs',
  why:
    'What real servers behind NAT answer comes back to the director, which drops it: clients wait, and their connections ' +
    'stay in SYN_RECV.',
  role: 'director',
  run: async (snapshot) => {
    const occurrences = [];
    for (const family of await natFamilies(snapshot)) {
      const setting = FORWARDING[family];
      const value = await snapshot.number(setting);
      if (value === 0) {
        occurrences.push({
          evidence: formatSysctl(setting, 0),
          fix: [sysctlCommand(setting, 1)],
        });
      }
    }
    return occurrences;
  },
};

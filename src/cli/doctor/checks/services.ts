import { formatServiceId } from '../../../ipvs/service.js';
import type { Check } from '../check.js';
import { serviceOption } from '../rule-words.js';

export const serviceEmpty: Check = {
  id: 'service-empty',
  severity: 'error',
  title: 'A virtual service has no real servers',
  why: 'Its clients are refused.',
  role: 'director',
  look: async (facts) =>
    (await facts.table())
      .filter(({ destinations }) => destinations.length === 0)
      .map(({ service: { id } }) => ({
        evidence: `${formatServiceId(id)}: no real servers`,
        mend: [`ipvsadm -a ${serviceOption(id)} -r REAL-SERVER`],
      })),
};

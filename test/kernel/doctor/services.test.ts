import { expect, test } from 'vitest';
import { finding } from '../../support/doctor.js';
import { useNamespace } from '../../support/director.js';

const director = useNamespace();

test('service-empty: a service without real servers, told and mended', async () => {
  const type = (line: string) => director().ipvsadm(line.split(' '));
  await type('-A -t 192.0.2.1:80 -s rr');
  expect(await finding(director(), 'service-empty')).toMatchObject({
    severity: 'error',
    sightings: [
      {
        evidence: 'tcp 192.0.2.1:80: no real servers',
        mend: ['ipvsadm -a -t 192.0.2.1:80 -r REAL-SERVER'],
      },
    ],
  });
  await type('-a -t 192.0.2.1:80 -r 192.0.2.11');
  expect(await finding(director(), 'service-empty')).toBeUndefined();
});

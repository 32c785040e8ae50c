import { expect, test } from 'vitest';
import { finding } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useNamespace } from '../../support/director.js';
import { type } from '../../support/forwarding.js';

const director = useNamespace();

test('service-empty: the doctor finds a service without real servers, and its fix adds one', async () => {
  await type(director(), '-A -t 192.0.2.1:80 -s rr');
  expect(await finding(director(), 'service-empty')).toMatchObject({
    severity: 'error',
    occurrences: [
      {
        evidence: 'tcp:192.0.2.1:80: no real servers',
        fix: ['ipvsadm -a -t 192.0.2.1:80 -r REAL-SERVER'],
      },
    ],
  });
  await type(director(), '-a -t 192.0.2.1:80 -r 192.0.2.11');
  expect(await finding(director(), 'service-empty')).toBeUndefined();
});

test('scheduler-missing: rules that cannot be restored, until they name others', async () => {
  const file = '/run/doctor.rules';
  await shell(
    director(),
    `printf '%s\\n' '-A -t 192.0.2.1:81 -s twos' '-A -t 192.0.2.1:82 -s mh' \\
      '-A -u 192.0.2.1:83 -s rr -p 60 --pe sip' '-A -u 192.0.2.1:84 -s twos -p 60 --pe mgcp' >${file}`,
  );
  const rules = await shell(director(), `cat ${file}`);
  const refused = await director().ipvsadm([], { program: 'ipvsadm-restore', stdin: rules });
  expect(refused).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('Scheduler or persistence engine not found') as string,
  });
  expect(await finding(director(), 'scheduler-missing', '--rules', file)).toMatchObject({
    severity: 'error',
    occurrences: [
      {
        evidence: 'scheduler twos, for tcp:192.0.2.1:81 and 1 more: there is no module ip_vs_twos',
        fix: [
          'Change -s of tcp:192.0.2.1:81 and 1 more in the rules file, or install a kernel that has ip_vs_twos.',
        ],
      },
      {
        evidence: 'persistence engine mgcp, for udp:192.0.2.1:84: there is no module ip_vs_pe_mgcp',
        fix: [
          'Change --pe of udp:192.0.2.1:84 in the rules file, or install a kernel that has ip_vs_pe_mgcp.',
        ],
      },
    ],
  });
  await shell(director(), `sed -i 's/twos/rr/; s/mgcp/sip/' ${file}`);
  expect(await finding(director(), 'scheduler-missing', '--rules', file)).toBeUndefined();
});

test('rules-file-faulty: a restore changes nothing until the lines are fixed', async () => {
  const file = '/run/faulty.rules';
  const restore = async () => {
    const stdin = await shell(director(), `cat ${file}`);
    return director().ipvsadm([], { program: 'ipvsadm-restore', stdin });
  };
  await shell(
    director(),
    `printf '%s\\n' '-A -t 192.0.2.1:91 -s rr' '-a -t 192.0.2.1:91 -r 192.0.2.11 -w x' \\
      '-a -t 192.0.2.1:92 -r 192.0.2.11' >${file}`,
  );
  const before = (await director().ipvsadm(['-S', '-n'])).stdout;
  expect((await restore()).code).toBe(2);
  expect((await director().ipvsadm(['-S', '-n'])).stdout).toBe(before);
  expect(await finding(director(), 'rules-file-faulty', '--rules', file)).toMatchObject({
    severity: 'error',
    occurrences: [
      {
        evidence: `${file}, line 2: illegal weight specified (-a -t 192.0.2.1:91 -r 192.0.2.11 -w x)`,
        fix: [`Fix line 2 of ${file}.`],
      },
      {
        evidence: `${file}, line 3: cannot add the real server 192.0.2.11:92 to the service tcp:192.0.2.1:92: there is no such service (ESRCH) (-a -t 192.0.2.1:92 -r 192.0.2.11)`,
        fix: [`Fix line 3 of ${file}.`],
      },
    ],
  });
  await shell(director(), `sed -i 's/-w x/-w 2/; s/:92/:91/; 3s/2.11/2.12/' ${file}`);
  expect(await finding(director(), 'rules-file-faulty', '--rules', file)).toBeUndefined();
  expect((await restore()).code).toBe(0);
});

import { expect, test } from 'vitest';
import { apply, ipvsadm } from '../../lab/cluster.js';
import { useNamespace } from '../../support/director.js';

/** What scripts look for: text, stream and status. That the genuine program says the same is in test/kernel/agreement. */

const director = useNamespace();

const KNOWN = '-t 192.168.1.200:80';
const SERVER = '-r 192.168.1.197';

interface Refusal {
  readonly line: string;
  readonly text: string;
}

const byKernel: readonly Refusal[] = [
  { line: `-A ${KNOWN}`, text: 'Service already exists' },
  { line: `-a ${KNOWN} ${SERVER}`, text: 'Destination already exists' },
  { line: '-E -t 192.168.1.200:81', text: 'No such service' },
  { line: '-D -t 192.168.1.200:81', text: 'No such service' },
  { line: '-Z -t 192.168.1.200:81', text: 'No such service' },
  { line: `-a -t 192.168.1.200:81 ${SERVER}`, text: 'Service not defined' },
  { line: `-e ${KNOWN} -r 192.168.1.198`, text: 'No such destination' },
  { line: `-d ${KNOWN} -r 192.168.1.198`, text: 'No such destination' },
  { line: '-A -t 192.168.1.200:81 -s foo', text: 'Scheduler or persistence engine not found' },
  { line: '--start-daemon master --mcast-interface eth0', text: 'Daemon has already run' },
  { line: '--stop-daemon backup', text: 'No daemon is running' },
  {
    line: `-a ${KNOWN} -r 224.0.0.1`,
    text: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  },
];

const byProgram: readonly Refusal[] = [
  { line: '-A -t 192.168.1.200', text: 'Zero port specified for non-persistent service' },
  {
    line: '-A -s rr',
    text: "You need to supply the 'service-address' option for the 'add-service' command",
  },
  {
    line: `-a ${KNOWN}`,
    text: "You need to supply the 'real-server' option for the 'add-server' command",
  },
  { line: '-C -n', text: "Illegal 'numeric' option with the 'flush' command" },
  { line: '-L -c --stats', text: 'options conflicts in the list command' },
  { line: '-A -f 0', text: "invalid fwmark value `0' specified" },
  { line: `-a ${KNOWN} -r 192.168.1.198 -w -1`, text: 'illegal weight specified' },
];

async function said(line: string): Promise<unknown> {
  const { code, stdout, stderr } = await director().ipvsadm(line.split(' '));
  return { line, code, stdout, text: stderr.split('\n')[0] };
}

test('S13: a refused change is reported in one line on standard error, with status 255', async () => {
  const link =
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up';
  expect((await director().run(['sh', '-ec', link])).code).toBe(0);
  await apply(director(), `-A ${KNOWN}`, `-a ${KNOWN} ${SERVER}`);
  await ipvsadm(director(), '--start-daemon master --mcast-interface eth0');
  for (const { line, text } of byKernel) {
    const { code, stdout, stderr } = await director().ipvsadm(line.split(' '));
    expect({ line, code, stdout, stderr }).toEqual({
      line,
      code: 255,
      stdout: '',
      stderr: `${text}\n`,
    });
  }
  await ipvsadm(director(), '--stop-daemon master');
});

test('S13: what the program refuses has status 2, a command that is missing 255, a list of an unknown service 1', async () => {
  for (const { line, text } of byProgram) {
    expect(await said(line)).toEqual({ line, code: 2, stdout: '', text });
  }
  const line = '-t 192.168.1.200:80';
  const hint = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";
  expect(await said(line)).toEqual({ line, code: 255, stdout: '', text: hint });
  const list = '-Ln -t 192.168.1.200:81';
  expect(await said(list)).toEqual({ line: list, code: 1, stdout: '', text: 'No such service' });
});

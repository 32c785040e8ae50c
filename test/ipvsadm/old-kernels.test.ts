/** The command on kernels that are older than what it may be asked for. The texts are in test/support/messages.ts. */
import { describe, expect, test } from 'vitest';
import type { Release } from '../../src/index.js';
import { command, silence } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const saved = `\
-A -t 192.0.2.1:80 -s wrr -p 90
-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3 -x 100 -y 50
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 0
-a -t 192.0.2.1:80 -r 10.0.0.4:80 -i -w 1 --tun-type ipip
-A -u [2001:db8::1]:53 -s rr -o
-a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -m -w 1
-A -f 7 -s sh -b sh-port
-a -f 7 -r 10.0.0.5:0 -g -w 1
`;

describe.each<Release>(['3.10', '4.4', '5.4', '6.1'])('on Linux %s', (release) => {
  test('rules are restored, and saved as they were', async () => {
    const kernel = tableKernel({ release });
    expect(await command('-R', { kernel, stdin: saved })).toEqual(silence);
    expect(await command('-Sn', { kernel })).toEqual({ ...silence, stdout: saved });
    const again = await command('-n', { program: 'ipvsadm-restore', kernel, stdin: saved });
    expect(again).toEqual(silence);
    expect(await command('-Sn', { kernel })).toEqual({ ...silence, stdout: saved });
  });

  test('listings show what they show elsewhere', async () => {
    const lists = async (one: Release) => {
      const statistics = {
        connections: 3n,
        incomingPackets: 4n,
        incomingBytes: 2n ** 40n,
        rates: { connectionsPerSecond: 5 },
      };
      const service = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;
      const destination = { address: '10.0.0.2', port: 80 };
      const destinations = [
        { destination, settings: { forwardingMethod: 'tun' }, statistics },
      ] as const;
      const kernel = tableKernel({
        release: one,
        services: [{ service, statistics, destinations }],
      });
      const options = [
        '',
        ' --stats',
        ' --rate',
        ' --thresholds',
        ' --persistent-conn',
        ' --tun-info',
      ];
      return Promise.all(options.map((option) => command(`-Ln${option}`, { kernel })));
    };
    const outcomes = await lists(release);
    expect(outcomes).toEqual(await lists('6.1'));
    expect(outcomes[1]?.stdout).toMatch(/TCP +192\.0\.2\.1:80 +3 +4 +0 +1099G/);
    expect(outcomes[5]?.stdout).toContain('ipip');
  });

  test('daemons are started, listed and stopped', async () => {
    const kernel = tableKernel({ release });
    expect(await command('--start-daemon master --syncid 7', { kernel })).toEqual(silence);
    const { status, stdout } = await command('-L --daemon', { kernel });
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('master sync daemon (mcast=eth0, syncid=7'),
    ]);
    expect(await command('--stop-daemon master', { kernel })).toEqual(silence);
  });
});

test('a restore reports each line that the kernel is too old for, and applies the others', async () => {
  const kernel = tableKernel({ release: '4.1' });
  const lines = [
    '-A -t 192.0.2.1:80',
    '-a -t 192.0.2.1:80 -r 10.0.0.2 -i --tun-type gue --tun-port 6080',
    '-a -t 192.0.2.1:80 -r 10.0.0.3 -i',
    '-a -t 192.0.2.1:80 -r 10.0.0.4 -i --tun-type gre --tun-csum',
    '--start-daemon master --mcast-ttl 2',
  ];
  expect(await command('-R', { kernel, stdin: lines.join('\n') })).toEqual({
    status: 255,
    stdout: '',
    stderr: `\
line 2: Linux 5.2 or later is needed for this tunnel type
  ${lines[1]}
line 4: Linux 5.3 or later is needed for this tunnel type, tunnel checksums
  ${lines[3]}
line 5: Linux 4.3 or later is needed for mcast-ttl
  ${lines[4]}
`,
  });
  const { stdout } = await command('-Sn', { kernel });
  expect(stdout).toBe(
    '-A -t 192.0.2.1:80 -s wlc\n-a -t 192.0.2.1:80 -r 10.0.0.3:80 -i -w 1 --tun-type ipip\n',
  );
  expect(kernel.daemons()).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { ourCommand } from '../../lab/our-commands.js';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { lines, linesOf } from '../../support/lines.js';

/** What the kernel refuses, in the words that scripts know. */

const both = useBoth();

test('services and real servers', async () => {
  both.load('-A -t 1.1.1.1:1\n-a -t 1.1.1.1:1 -r 2.2.2.2\n-A -t [::1]:1\n-A -f 1');
  await both.agree(
    lines(`
      -A -t 1.1.1.1:1
      -A -f 1
      -E -t 9.9.9.9:9
      -E -f 9
      -E -f 1 -6
      -D -t 9.9.9.9:9
      -D -u 1.1.1.1:1
      -Z -t 9.9.9.9:9
      -Z -f 9
      -L -t 9.9.9.9:9
      -Ln -f 9
      -Ln -f 1 -6
      -L --stats -t 9.9.9.9:9
      -a -t 9.9.9.9:9 -r 1.1.1.1
      -d -t 9.9.9.9:9 -r 1.1.1.1
      -e -t 9.9.9.9:9 -r 1.1.1.1
      -a -t 1.1.1.1:1 -r 2.2.2.2
      -a -t 1.1.1.1:1 -r 2.2.2.2 -m -w 3
      -e -t 1.1.1.1:1 -r 3.3.3.3
      -d -t 1.1.1.1:1 -r 3.3.3.3
      -d -t 1.1.1.1:1 -r 2.2.2.2:9
      -E -t 1.1.1.1:1 -s rr -p 30
      -e -t 1.1.1.1:1 -r 2.2.2.2 -w 7
      -Z
      -Z -t 1.1.1.1:1
    `),
  );
});

test('schedulers and engines that there are not', async () => {
  both.load('-A -t 1.1.1.1:1\n-A -u 1.1.1.1:1 --pe sip -p');
  await both.agree(
    lines(`
      -A -t 1.1.1.1:2 -s nosuch
      -E -t 1.1.1.1:1 -s nosuch
      -A -u 1.1.1.1:2 --pe nosuch
      -A -u 1.1.1.1:2 --pe nosuch -p
      -E -u 1.1.1.1:1 --pe nosuch -p
      -E -u 1.1.1.1:1 -p
      -E -t 1.1.1.1:1 --pe sip
      -Ln
    `),
  );
});

testInPart('addresses that are no real server, and thresholds out of order', 2, async (every) => {
  const addresses =
    '224.0.0.1 255.255.255.255 0.0.0.0 127.0.0.1 240.0.0.1 10.255.255.255 [ff02::1]:1 [::]:1 [fe80::1]:1 [::1]:1';
  await both.prepare('ip addr add 10.0.0.1/8 dev lo');
  both.load('-A -t 1.1.1.1:1\n-A -t [2001:db8::1]:1\n-A -f 1\n-A -f 1 -6');
  const services = ['-t 1.1.1.1:1', '-t [2001:db8::1]:1', '-f 1', '-f 1 -6'];
  const pairs = pairsOneIn(every, services, addresses.split(' '));
  const cases = pairs.flatMap(([service, address]) => [
    `-a ${service} -r ${address} -i`,
    `-e ${service} -r ${address} -i -w 2`,
    `-d ${service} -r ${address}`,
  ]);
  await both.agree([
    ...linesOf(cases),
    ...lines(`
      -a -t 1.1.1.1:1 -r 3.3.3.3 -x 5 -y 10
      -a -t 1.1.1.1:1 -r 3.3.3.3 -y 1
      -a -t 1.1.1.1:1 -r 3.3.3.3 -x 5 -y 5
      -e -t 1.1.1.1:1 -r 3.3.3.3 -y 10
      -e -t 1.1.1.1:1 -r 3.3.3.3 -x 9 -y 10
      -e -t 1.1.1.1:1 -r 3.3.3.3 -x 2147483647 -y 2147483647
    `),
  ]);
  await both.prepare('ip addr del 10.0.0.1/8 dev lo');
});

describe('sync daemons', () => {
  test('what is started twice, or not at all, and what their options are', async () => {
    both.load('');
    await both.agree(
      lines(`
        --start-daemon
        --start-daemon foo
        --start-daemon ''
        --start-daemon MASTER
        --stop-daemon foo
        --stop-daemon master
        --stop-daemon backup
        --start-daemon master --mcast-interface lo --mcast-group 1.2.3.4
        --start-daemon master --mcast-interface lo --mcast-group ::1
        --start-daemon master --mcast-interface lo --mcast-group foo
        --start-daemon master --mcast-interface lo --mcast-group foo:
        --start-daemon master --mcast-interface lo --mcast-group 224.1
        --start-daemon master --mcast-interface lo --mcast-group 239.255.255.256
        --start-daemon master --mcast-interface lo --mcast-group ''
        --start-daemon master --mcast-interface lo --mcast-group [ff02::1]
        --start-daemon master --mcast-interface lo --syncid 7
        -L --daemon
        --start-daemon master --mcast-interface lo
        --start-daemon backup --mcast-interface lo --mcast-group 224.0.0.99 --mcast-port 9999 --mcast-ttl 5 --sync-maxlen 1000
        -L --daemon
        --stop-daemon master --syncid 8
        --stop-daemon backup
        -L --daemon
        --start-daemon master --mcast-interface lo --mcast-group 239.255.255.255
        -L --daemon
        --stop-daemon master
        --start-daemon backup --mcast-interface lo --mcast-group ff02::1
        -L --daemon
        --stop-daemon backup
      `),
    );
  });

  testInPart(
    'interfaces that are missing, down, without an address, or narrow',
    2,
    async (every) => {
      await both.prepare(`
      for name in off0 bare0 four0 six0 tiny0 averylonginterf; do ip link add $name type dummy; done
      for name in bare0 four0 six0 tiny0 averylonginterf; do ip link set $name up; ip -6 addr flush dev $name; done
      ip addr add 10.9.0.1/24 dev off0; ip addr add 10.9.1.1/24 dev four0; ip addr add 10.9.2.1/24 dev tiny0
      ip addr add 10.9.3.1/24 dev averylonginterf; ip -6 addr add 2001:db8:9::1/64 dev six0 nodad
      ip link set tiny0 mtu 200`);
      const interfaces = ['', 'nosuch', 'off0', 'bare0', 'four0', 'six0', 'tiny0'];
      const options = [
        '',
        '--mcast-group ff02::81',
        '--sync-maxlen 1',
        '--sync-maxlen 1400',
        '--sync-maxlen 65507',
      ];
      const cases = pairsOneIn(every, interfaces, options).flatMap(([name, option]) =>
        (option === '' ? ['master', 'backup'] : ['master']).flatMap((state) => [
          `--start-daemon ${state} --mcast-interface ${name === '' ? "''" : name} ${option}`,
          '-L --daemon',
          `--stop-daemon ${state}`,
        ]),
      );
      both.load('');
      await both.agree([
        ...linesOf(cases),
        ...lines(`
        --start-daemon master
        --start-daemon master --mcast-interface averylonginterf
        --stop-daemon master
        --start-daemon master --mcast-interface averylonginterfacename
        -L --daemon
        --stop-daemon master
      `),
      ]);
      await both.prepare(
        'for name in off0 bare0 four0 six0 tiny0 averylonginterf; do ip link del $name; done',
      );
    },
  );

  test('and real servers of another family than their service, which old kernels cannot report', async () => {
    both.load('-A -t 1.1.1.1:1\n-A -f 1 -6');
    await both.agree(
      lines(`
        -a -t 1.1.1.1:1 -r 2001:db8::1 -i
        --start-daemon master --mcast-interface lo
        --start-daemon backup --mcast-interface lo
        -L --daemon
        -d -t 1.1.1.1:1 -r 2001:db8::1
        --start-daemon backup --mcast-interface lo
        -a -t 1.1.1.1:1 -r 2001:db8::1 -i
        -a -f 1 -6 -r 2.2.2.2 -i
        -a -t 1.1.1.1:1 -r 2.2.2.2 -i
        --stop-daemon backup
        -a -f 1 -6 -r 2.2.2.2 -i
        -Ln
      `),
    );
  });
});

describe('who is not root', () => {
  const as = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const denied =
    "Can't initialize ipvs: Permission denied (you must be root)\n" +
    'Are you sure that IP Virtual Server is built in the kernel or as module?\n';

  test.each(['-L', '-A -t 1.1.1.1:9', '-R', '--set 1 2 3'])(
    'gets a message that root is needed: %s',
    async (line) => {
      await both.loadNow('-A -t 1.1.1.1:1');
      const words = line.split(' ');
      const genuine = await both.ours().run([...as, '/sbin/ipvsadm', ...words]);
      // What its module loader says comes before.
      expect(genuine.stderr.endsWith(denied)).toBe(true);
      const stdin = line === '-R' ? '-A -f 1' : '';
      const ours = await both.ours().run([...as, ...ourCommand('ipvsadm'), ...words], { stdin });
      expect(ours).toEqual({ ...genuine, stderr: denied });
      expect((await both.ours().genuine(['-Sn'])).stdout).toBe('-A -t 1.1.1.1:1 -s wlc\n');
    },
  );
});

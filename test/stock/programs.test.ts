import { beforeAll, describe, test } from 'vitest';
import { needs, WITHOUT_THRESHOLDS } from '../kernel/agreement/tables.js';
import { useBoth } from '../support/both.js';
import { lines, linesOf } from '../support/lines.js';

/** The built programs, started as administrators start them, beside the genuine ones. */

const both = useBoth({ asProcesses: true });

beforeAll(async () => {
  await both.prepare(
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up',
  );
});

describe('both programs say and do the same', () => {
  test('every command', async () => {
    both.load(WITHOUT_THRESHOLDS);
    await both.agree(linesOf(Object.values(needs)));
  });

  test('a table is made, changed, looked at and taken down', async () => {
    both.load('');
    await both.agree(
      lines(`
        -A -t 10.0.0.1:80 -s wrr
        -A -u [2001:db8::1]:53 -s mh -b mh-fallback
        -A -f 5 -s sh -p 60 -M 255.255.255.0
        -a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 5 -x 10 -y 5
        -a -t 10.0.0.1:80 -r 10.0.1.2 -i --tun-type gue --tun-port 6080
        -a -t 10.0.0.1:80 -r 2001:db8::9 -i
        -a -f 5 -r 10.0.1.1:80
        -e -t 10.0.0.1:80 -r 10.0.1.2 -g -w 7
        -E -t 10.0.0.1:80 -s lblcr -p
        -Ln
        -Ln --stats
        -Ln --rate --exact
        -Ln --thresholds
        -Ln --persistent-conn
        -Ln -t 10.0.0.1:80 --tun-info
        -Lnc
        -Z
        -Z -f 5
        -d -t 10.0.0.1:80 -r 10.0.1.2
        -D -u [2001:db8::1]:53
        -C
        -Ln
      `),
    );
  });

  test('timeouts and daemons', async () => {
    both.load('');
    await both.agree(
      lines(`
        --set 11 12 13
        -L --timeout
        --set 900 120 300
        --start-daemon master --mcast-interface eth0 --syncid 7
        --start-daemon backup --mcast-interface eth0 --mcast-group 224.0.0.99 --mcast-ttl 5
        --start-daemon master --mcast-interface eth0
        -L --daemon
        --stop-daemon master
        --stop-daemon backup
        --stop-daemon backup
      `),
    );
  });

  test('what is wrong', async () => {
    both.load('-A -t 10.0.0.1:80\n-A -f 5');
    await both.agree(
      lines(`
        -A -t 10.0.0.1:80
        -A -t 10.0.0.2:80 -s nosuch
        -A -u 10.0.0.1:5060 -p --pe nosuch
        -A -t 10.0.0.300:80
        -A -t 10.0.0.1
        -E -t 10.0.0.9:80
        -D -f 9
        -a -t 10.0.0.9:80 -r 10.0.1.1
        -a -t 10.0.0.1:80 -r 224.0.0.1
        -a -t 10.0.0.1:80 -r 2001:db8::9 -m
        -e -t 10.0.0.1:80 -r 10.0.1.9
        -d -t 10.0.0.1:80 -r 10.0.1.9
        -L -t 10.0.0.9:80
        -Z -f 9
        -Z -L
        --set 1 2
        --start-daemon master --mcast-interface nosuch
        --stop-daemon master
      `),
    );
  });

  test('rules are saved and restored', async () => {
    both.load('');
    const stdin = WITHOUT_THRESHOLDS;
    await both.agree([
      { words: [], stdin, program: 'ipvsadm-restore' },
      { words: ['-n'], program: 'ipvsadm-save' },
      { words: ['-Ln', '--sort'] },
      { words: ['-C'] },
      { words: ['-R'], stdin },
      { words: ['-S', '-n'] },
    ]);
  });
});

/** Tables and command lines that the comparisons share. */
import type { OperativeCommand } from '../../../src/rules/grammar/commands.js';

/** Every kind of virtual service with every kind of real server. */
export const TABLE = `
-A -t 10.0.0.1:80 -s rr
-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 5 -x 10 -y 5
-a -t 10.0.0.1:80 -r 10.0.1.2 -i
-a -t 10.0.0.1:80 -r 10.0.1.3 -i --tun-type gue --tun-port 6080
-a -t 10.0.0.1:80 -r 10.0.1.4 -i --tun-type gue --tun-port 6080 --tun-csum
-a -t 10.0.0.1:80 -r 10.0.1.5 -i --tun-type gue --tun-port 65535 --tun-remcsum
-a -t 10.0.0.1:80 -r 10.0.1.6 -i --tun-type gre
-a -t 10.0.0.1:80 -r 10.0.1.7 -i --tun-type gre --tun-csum
-a -t 10.0.0.1:80 -r 2001:db8::9 -i
-a -t 10.0.0.1:80 -r [2001:db8::a]:80 -i --tun-type gue --tun-port 6080 -w 0
-a -t 10.0.0.1:80 -r 10.0.1.200 -g -w 2147483647 -x 2147483647
-A -t 10.0.0.1:81 -s sh -b sh-fallback,sh-port
-A -t 10.0.0.1:82 -s rr -b flag-1,flag-3
-A -t 10.0.0.1:83 -s mh -b mh-fallback
-A -t 10.0.0.1:84 -s sh -b flag-1
-A -t 10.0.0.1:85 -s mh -b mh-port -p 2678400
-A -t 10.0.0.1:86 -s wrr -p
-A -t 10.0.0.1:87 -s wlc -p 1 -M 0.0.0.0
-A -u 10.0.0.1:53 -s rr -o
-a -u 10.0.0.1:53 -r 10.0.1.1 -m -w 0
-a -u 10.0.0.1:53 -r 10.0.1.2 -m -w 1 -x 1
-A -u 10.0.0.1:54 -s rr -o -p 30 --pe sip -M 255.255.255.0
-A -u 10.0.0.1:55 -s rr --pe sip
-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip
-A -u [2001:db8::1]:53 -s rr -o -p 9 -M 1
-a -u [2001:db8::1]:53 -r [2001:db8::9]:53
-a -u [2001:db8::1]:53 -r [2001:db8::8]:5353 -m -x 7 -y 7
-A -f 2147483647 -s rr
-A -f 5 -s rr
-a -f 5 -r 10.0.1.1:80 -m
-a -f 5 -r 10.0.1.1:81 -m
-a -f 5 -r 127.0.0.1
-a -f 5 -r 2001:db8::9 -i --tun-type gre --tun-csum
-A -f 5 -6 -s dh -o
-A -f 6 -6 -s wlc -p
-a -f 6 -6 -r [2001:db8::99]:80 -m
-a -f 6 -6 -r 10.0.1.1 -i
-A --sctp-service 10.0.0.1:99
-a --sctp-service 10.0.0.1:99 -r 10.0.1.1:98 -m
-a --sctp-service 10.0.0.1:99 -r 10.0.1.2
-A --sctp-service [2001:db8::1]:99 -s fo
-A -t [2001:db8::1]:80 -p 20 -M 64
-a -t [2001:db8::1]:80 -r [2001:db8::99]:80 -m -w 0
-a -t [2001:db8::1]:80 -r [2001:db8::98]:80 -i --tun-type gue --tun-port 1 --tun-remcsum
-a -t [2001:db8::1]:80 -r 127.0.0.1 -i
-A -t [2001:db8::1]:0 -p
-A -t [::1.2.3.4]:80
-A -t [::ffff:0:1]:80
-A -t [1:0:0:2::]:80
`;

/** The genuine program does not save thresholds: a deviation, with a test of its own. */
export const WITHOUT_THRESHOLDS = TABLE.replaceAll(/ -[xy] \d+/g, '');

/** Enough for a command to be legal by itself. */
export const needs: Readonly<Record<OperativeCommand, string>> = {
  'add-service': '-A -t 10.5.0.1:80',
  'edit-service': '-E -t 10.0.0.1:80',
  'delete-service': '-D -t 10.0.0.1:81',
  flush: '-C',
  list: '-L',
  'add-server': '-a -t 10.0.0.1:80 -r 10.7.0.1',
  'delete-server': '-d -t 10.0.0.1:80 -r 10.0.1.2',
  'edit-server': '-e -t 10.0.0.1:80 -r 10.0.1.2',
  set: '--set 1 2 3',
  'start-daemon': '--start-daemon master',
  'stop-daemon': '--stop-daemon master',
  restore: '-R',
  save: '-S',
  zero: '-Z',
};

/** An argument for each kind, by its name in help. */
export const samples: Readonly<Record<string, string>> = {
  ADDRESS: '10.0.0.9:9',
  MARK: '9',
  NAME: 'lc',
  SECONDS: '77',
  MASK: '255.255.0.0',
  ENGINE: 'sip',
  FLAGS: 'flag-2',
  WEIGHT: '9',
  COUNT: '9',
  TYPE: 'gre',
  PORT: '9',
  ID: '9',
  TTL: '9',
  BYTES: '99',
};

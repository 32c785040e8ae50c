import { expect, test } from 'vitest';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { linesOf } from '../../support/lines.js';

/** Real servers: forwarding methods, tunnels, families, ports. */

const both = useBoth();

testInPart('tunnels of every type with every option', 4, async (every) => {
  both.load('-A -t 1.1.1.1:1');
  const types = ['', '--tun-type ipip', '--tun-type gue', '--tun-type gre', '--tun-type foo'];
  const options = [
    '',
    '--tun-port 5',
    '--tun-nocsum',
    '--tun-csum',
    '--tun-remcsum',
    '--tun-csum --tun-nocsum',
    '--tun-remcsum --tun-csum',
    '--tun-port 5 --tun-nocsum',
    '--tun-port 5 --tun-csum',
    '--tun-port 5 --tun-remcsum',
    '--tun-port 5 --tun-csum --tun-remcsum',
  ];
  await both.agree(
    linesOf(
      pairsOneIn(every, types, [...options.entries()]).flatMap(([type, [index, option]]) => [
        `-a -t 1.1.1.1:1 -r 2.2.2.${index + 1} -i ${type} ${option}`,
        `-e -t 1.1.1.1:1 -r 2.2.2.${index + 1} -i ${type} ${option}`,
        `-a -t 1.1.1.1:1 -r 2.2.3.${index + 1} ${type} ${option}`,
        `-d -t 1.1.1.1:1 -r 2.2.3.${index + 1} ${type} ${option}`,
      ]),
    ),
  );
});

testInPart('every method for every kind of service, of either family', 3, async (every) => {
  const services = ['-t 1.1.1.1:1', '-u 1.1.1.1:1', '--sctp-service [::1]:1', '-f 1', '-f 2 -6'];
  const servers = [
    '2.2.2.200',
    '2.2.2.201:5',
    '[2001:db8::5]:1',
    '2001:db8::6',
    '127.0.0.1',
    '::1',
  ];
  both.load(services.map((service) => `-A ${service}`).join('\n'));
  const methods = ['', '-g', '-m', '-i', '-i --tun-type gre'];
  const cases = pairsOneIn(every, services, servers).flatMap(([service, server]) =>
    methods.map((method, index) =>
      index === 0
        ? `-a ${service} -r ${server}`
        : `-${index % 2 === 0 ? 'e' : 'a'} ${service} -r ${server} ${method}`,
    ),
  );
  await both.agree(linesOf([...cases, '-Ln', '-Ln --tun-info']));
});

testInPart('ports: those of the service, but for masquerading and marks', 3, async (every) => {
  both.load('-A -t 1.1.1.1:80\n-A -t 1.1.1.1:0 -p\n-A -f 1');
  const servers = [
    '2.2.2.2',
    '2.2.2.2:0',
    '2.2.2.2:80',
    '2.2.2.2:81',
    '2.2.2.2:http',
    '2.2.2.2:nosuch',
  ];
  const cases = ['-t 1.1.1.1:80', '-t 1.1.1.1:0', '-f 1'].flatMap((service) =>
    pairsOneIn(every, servers, ['-m', '-g', '-i']).flatMap(([server, method]) => [
      `-a ${service} -r ${server} ${method}`,
      `-e ${service} -r ${server} ${method} -w 9`,
      `-L ${service}`,
      `-d ${service} -r ${server}`,
    ]),
  );
  await both.agree(linesOf(cases));
});

test('replaced settings get their defaults where nothing is given', async () => {
  both.load(
    '-A -t 1.1.1.1:1 -s sh -p 30 -M 255.0.0.0 -b sh-port\n-a -t 1.1.1.1:1 -r 2.2.2.2 -i --tun-type gre --tun-csum -w 9 -x 8 -y 7',
  );
  const results = await both.agree(
    linesOf([
      '-e -t 1.1.1.1:1 -r 2.2.2.2',
      '-Ln',
      '-Ln --thresholds',
      '-E -t 1.1.1.1:1',
      '-Sn',
      '-E -t 1.1.1.1:1 -s mh',
      '-e -t 1.1.1.1:1 -r 2.2.2.2 -i -w 0',
      '-Ln --tun-info',
    ]),
  );
  expect(results[4]?.stdout).toBe('-A -t 1.1.1.1:1 -s wlc\n-a -t 1.1.1.1:1 -r 2.2.2.2:1 -g -w 1\n');
});

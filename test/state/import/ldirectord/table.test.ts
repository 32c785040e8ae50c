import { describe, expect, test } from 'vitest';
import { imported, web } from './imported.js';

const rulesFor = async (text: string) => (await imported(text)).rules;

describe('virtual services', () => {
  test.each([
    ['virtual = 192.0.2.1:80', '-A -t 192.0.2.1:80 -s wrr'],
    ['virtual=192.0.2.1:http', '-A -t 192.0.2.1:80 -s wrr'],
    ['virtual = one.example.com:80', '-A -t 192.0.2.10:80 -s wrr'],
    ['virtual = 192.0.2.1:53', '-A -u 192.0.2.1:53 -s wrr'],
    ['virtual = 192.0.2.1:domain', '-A -u 192.0.2.1:53 -s wrr'],
    ['virtual = 192.0.2.1:53\n\tprotocol = tcp', '-A -t 192.0.2.1:53 -s wrr'],
    ['virtual = 192.0.2.1:80\n    protocol = udp', '-A -u 192.0.2.1:80 -s wrr'],
    ['virtual = 7', '-A -f 7 -s wrr'],
    ['virtual = 7\n    protocol = fwm', '-A -f 7 -s wrr'],
    ['virtual6 = 7', '-A -f 7 -6 -s wrr'],
    ['virtual6 = [2001:db8::1]:80', '-A -t [2001:db8::1]:80 -s wrr'],
    ['virtual = 192.0.2.1:80 # web', '-A -t 192.0.2.1:80 -s wrr'],
  ])('%j is %s', async (text, rule) => {
    expect(await rulesFor(text)).toEqual([rule]);
  });

  test.each([
    ['scheduler = sh', '-s sh'],
    ['persistent = 600', '-s wrr -p 600'],
    ['persistent = 600\n    netmask = 255.255.255.0', '-s wrr -p 600 -M 255.255.255.0'],
    ['netmask = 255.255.255.0', '-s wrr'],
    ['scheduler = sh\n    schedflags = sh-port,sh-fallback', '-s sh -b sh-fallback,sh-port'],
    ['protocol = udp\n    ops = yes', '-s wrr -o'],
    ['ops = yes', '-s wrr'],
  ])('with %j is added with %s', async (settings, options) => {
    const [rule] = await rulesFor(`virtual = 192.0.2.1:80\n    ${settings}`);
    expect(rule?.replace(/^-A -[tu] \S+ /, '')).toBe(options);
  });

  test('of IPv6 have a prefix length', async () => {
    const text = 'virtual6 = [2001:db8::1]:80\n    persistent = 60\n    netmask = 64';
    expect(await rulesFor(text)).toEqual(['-A -t [2001:db8::1]:80 -s wrr -p 60 -M 64']);
  });

  test('have the name of servicename, where it is one and no other has it', async () => {
    const text = ['a', 'a', 'two words'].map(
      (name, port) => `virtual = 192.0.2.1:${port + 1}\n    servicename = ${name}\n`,
    );
    const { names, info } = await imported(text.join('\n'));
    expect(names).toEqual(['a', undefined, undefined]);
    expect(info).toEqual([
      '5 lost: servicename a is left out: another service has it',
      '8 lost: servicename two words is left out: a name has letters, digits, ".", "_" and "-" only',
    ]);
  });

  test('without a port are the firewall mark that ldirectord takes them for, which is info', async () => {
    const { rules, info } = await imported('virtual = 192.0.2.1');
    expect(rules).toEqual(['-A -f 192 -s wrr']);
    expect(info).toEqual([
      '1 info: 192.0.2.1 has no port: ldirectord takes it for the firewall mark 192',
    ]);
  });
});

describe('real servers', () => {
  const TARGET = '-a -t 192.0.2.1:80 -r';
  test.each([
    ['10.0.0.2:80 gate', ['10.0.0.2:80 -g -w 1']],
    ['10.0.0.2:8080 masq 5', ['10.0.0.2:8080 -m -w 5']],
    ['10.0.0.2:http ipip 0', ['10.0.0.2:80 -i -w 0 --tun-type ipip']],
    ['localhost:8080 masq', ['127.0.0.1:8080 -m -w 1']],
    ['10.0.0.2:8080 gate', ['10.0.0.2:80 -g -w 1']],
    ['10.0.0.2:80 masq 2 l:5 u:10', ['10.0.0.2:80 -m -w 2 -x 10 -y 5']],
    ['10.0.0.2:80 masq u:10', ['10.0.0.2:80 -m -w 1 -x 10']],
    ['10.0.0.2:80 masq 2 "a", "b" u:10', ['10.0.0.2:80 -m -w 2 -x 10']],
    [
      '10.0.0.254->10.0.1.1:80 masq 3',
      ['254', '255']
        .map((n) => `10.0.0.${n}:80 -m -w 3`)
        .concat(['0', '1'].map((n) => `10.0.1.${n}:80 -m -w 3`)),
    ],
    [
      'one.example.com->two.example.com:80 gate',
      [10, 11, 12].map((n) => `192.0.2.${n}:80 -g -w 1`),
    ],
  ])('%s', async (real, servers) => {
    const [, ...rules] = await rulesFor(`virtual = 192.0.2.1:80\n    real = ${real}`);
    expect(rules).toEqual(servers.map((server) => `${TARGET} ${server}`));
  });

  test('of a firewall mark have port 0, or one of their own', async () => {
    const text = 'virtual = 7\n    real = 10.0.0.2 gate\n    real = 10.0.0.3:80 masq';
    const [, ...rules] = await rulesFor(text);
    expect(rules).toEqual(['-a -f 7 -r 10.0.0.2:0 -g -w 1', '-a -f 7 -r 10.0.0.3:80 -m -w 1']);
  });

  test('that stand twice: the last line counts, of two that come to one the first', async () => {
    const { rules, info } = await imported(
      web('real = 10.0.0.2:80 masq 9', 'real = 10.0.0.3:80 gate 1', 'real = 10.0.0.3:81 gate 2'),
    );
    expect(rules.slice(1)).toEqual([
      `${TARGET} 10.0.0.2:80 -m -w 9`,
      `${TARGET} 10.0.0.3:80 -g -w 1`,
    ]);
    expect(info.slice(1)).toEqual([
      '3 info: 10.0.0.2:80 is in this service above already: the last line counts',
      '5 info: the port 81 is not used, as gate leaves the port of packets as it is: it is 80 here. ' +
        'Write that, or masq: ldirectord does not find such a server in the table again',
      '5 info: 10.0.0.3:80 is in this service above already, since only masq has ports of its own: the first line counts',
    ]);
  });
});

describe('a fallback', () => {
  const sorry = async (text: string) => (await imported(text)).health['sorryServer'];
  const method = { weight: 1, method: 'dr' };

  test.each([
    ['fallback = 127.0.0.1:80', { server: '127.0.0.1:80', ...method }],
    ['fallback = 127.0.0.1', { server: '127.0.0.1:80', ...method }],
    ['fallback = 127.0.0.1:9000 masq', { server: '127.0.0.1:9000', weight: 1, method: 'nat' }],
    ['fallback = 127.0.0.1:9000 ipip', { server: '127.0.0.1:80', weight: 1, method: 'tun' }],
    ['fallback = localhost:http gate', { server: '127.0.0.1:80', ...method }],
  ])('%s is the sorry server', async (line, wanted) => {
    expect(await sorry(web(line))).toEqual(wanted);
    expect(await sorry(`${line}\n\n${web()}`)).toEqual(wanted);
  });

  test('of a service comes before that of the file', async () => {
    const server = await sorry(`fallback = 127.0.0.9\n${web('fallback = 127.0.0.1')}`);
    expect(server).toEqual({ server: '127.0.0.1:80', ...method });
  });

  test('of IPv6 is for IPv6', async () => {
    const text =
      'fallback6 = [::1]\n\nvirtual6 = [2001:db8::1]:80\n    real6 = [2001:db8::2]:80 gate';
    expect(await sorry(text)).toEqual({ server: '[::1]:80', ...method });
    expect(await sorry(`fallback6 = [::1]\n${web()}`)).toBeUndefined();
  });

  test('of the file is not for firewall marks, which is info', async () => {
    const { health, info } = await imported(
      'fallback = 127.0.0.1\nvirtual = 7\n    real = 10.0.0.2 gate\n    checktype = on',
    );
    expect(health['sorryServer']).toBeUndefined();
    expect(info).toEqual([
      '1 info: fallback of the whole file is not used by a firewall mark, as in ldirectord; write it below virtual',
    ]);
  });

  test('is a server where there is no other', async () => {
    const text = 'virtual = 192.0.2.1:80\n    fallback = 127.0.0.1:9000 masq';
    expect(await rulesFor(text)).toContain('-a -t 192.0.2.1:80 -r 127.0.0.1:9000 -m -w 1');
  });
});

describe('checktype = off', () => {
  test('leaves real servers out, or with quiescent has them with weight 0', async () => {
    const out = await imported(web('checktype = off'));
    expect(out.rules).toHaveLength(1);
    expect(out.info[0]).toMatch(/^3 lost: .*left out: 10\.0\.0\.2:80$/);
    const quiet = await imported(web('checktype = off', 'quiescent = yes'));
    expect(quiet.rules[1]).toBe('-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 0');
  });

  test('has the fallback as a server', async () => {
    const { rules, health } = await imported(web('checktype = off', 'fallback = 127.0.0.1'));
    expect(rules[1]).toBe('-a -t 192.0.2.1:80 -r 127.0.0.1:80 -g -w 1');
    expect(health).toEqual({ check: 'none' });
  });
});

import { describe, expect, test } from 'vitest';
import { imported, web } from './imported.js';

const checkOf = async (text: string) => (await imported(text)).health['check'];

const defaults = { interval: '10s', downInterval: '10s', rise: 1, fall: 1 };
const negotiated = { ...defaults, timeout: '30s' };
const connected = { ...defaults, timeout: '5s' };
const page = { type: 'http', path: '/', status: ['200-299'] };

describe('the times of a check', () => {
  test.each([
    ['', '', '30s'],
    ['checktimeout = 3', '', '3s'],
    ['negotiatetimeout = 4', '', '4s'],
    ['checktimeout = 3\nnegotiatetimeout = 4', '', '4s'],
    ['checktimeout = 3\nnegotiatetimeout = 4', 'checktimeout = 5', '5s'],
    ['checktimeout = 3\nnegotiatetimeout = 4', 'negotiatetimeout = 6', '6s'],
  ])('%j before and %j below give a negotiation %s', async (before, below, timeout) => {
    expect(await checkOf(`${before}\n${web(below)}`)).toMatchObject({ timeout });
  });

  test.each([
    ['', '', '5s'],
    ['negotiatetimeout = 4', '', '4s'],
    ['checktimeout = 3\nnegotiatetimeout = 4', '', '3s'],
    ['checktimeout = 3', 'negotiatetimeout = 6', '6s'],
  ])('%j before and %j below give a connect %s', async (before, below, timeout) => {
    const lines = below === '' ? [] : [below];
    const text = `${before}\n${web('checktype = connect', ...lines)}`;
    expect(await checkOf(text)).toMatchObject({ type: 'tcp', timeout });
  });

  test('are those of the file, and of the service', async () => {
    const text = `checkinterval = 7\nfailurecount = 3\n${web('failurecount = 2', 'checkinterval = 1')}`;
    const times = { interval: '7s', fastInterval: '7s', downInterval: '7s', fall: 2 };
    const { health, info } = await imported(text);
    expect(health['check']).toMatchObject(times);
    expect(info[1]).toMatch(/^6 info: checkinterval of a virtual service counts with fork = yes/);
    expect(await checkOf(`fork = yes\n${web('checkinterval = 1')}`)).toMatchObject({
      interval: '1s',
    });
  });
});

describe('checktype', () => {
  test.each([
    ['on', 'none'],
    ['connect', { type: 'tcp', ...connected }],
    ['ping', { type: 'ping', ...connected }],
    ['negotiate', { ...page, ...negotiated }],
    ['0', { ...page, ...negotiated }],
    [
      '3',
      [
        { type: 'tcp', ...connected },
        { ...page, ...negotiated, interval: '40s', downInterval: '40s' },
      ],
    ],
    ['external', 'none'],
  ])('%s', async (type, check) => {
    expect(await checkOf(web(`checktype = ${type}`))).toEqual(check);
  });

  test('connect is a ping for UDP, checkcount times as long', async () => {
    const text = web('protocol = udp', 'checktype = connect', 'checkcount = 3');
    expect(await checkOf(text)).toMatchObject({ type: 'ping', count: 3, timeout: '15s' });
  });

  test('external runs a program with the words that ldirectord gives it', async () => {
    const { servers } = await imported(
      'virtual6 = [2001:db8::1]:25\n    real6 = [2001:db8::2]:25 gate\n    real6 = [2001:db8::3]:26 gate\n' +
        '    checktype = external\n    checkcommand = "/bin/my check"',
    );
    expect(servers.map(({ health }) => health['check'])).toMatchObject([
      { type: 'exec', command: ['/bin/my check', '[2001:db8::1]', '25', '[2001:db8::2]', '25'] },
      { type: 'exec', command: ['/bin/my check', '[2001:db8::1]', '25', '[2001:db8::3]', '26'] },
    ]);
    const mark =
      'virtual = 7\n  \treal = 10.0.0.2 gate\n\tchecktype = external-perl\n\tcheckcommand = /c';
    const { health, info } = await imported(mark);
    expect(health['check']).toMatchObject({ command: ['/c', '7', '0', '10.0.0.2', '0'] });
    expect(info.join('\n')).toMatch(/^3 lost: external-perl: /m);
  });

  test('goes to checkport, to the port that is written, or to that of the service', async () => {
    expect(await checkOf(web('checktype = connect', 'checkport = 81'))).toMatchObject({ port: 81 });
    const direct = 'virtual = 192.0.2.1:80\n    real = 10.0.0.2:8080 gate\n    checktype = connect';
    expect(await checkOf(direct)).toMatchObject({ type: 'tcp', port: 8080 });
    const mark = 'virtual = 7\n    real = 10.0.0.2 gate\n    checktype = connect';
    expect(await checkOf(`${mark}\n    service = https`)).toMatchObject({ type: 'tcp', port: 443 });
    const { health, info } = await imported(mark);
    expect(health['check']).toBe('none');
    expect(info[0]).toMatch(/^3 lost: there is no port to check: /);
  });
});

describe('negotiations', () => {
  test.each([
    [['request = "a.html"', 'receive = "Te.t"'], { path: '/a.html', expectBody: 'Te.t' }],
    [['virtualhost = "www.example.com"'], { host: 'www.example.com' }],
    [['virtualhost = www.example.com', 'httpmethod = head'], { method: 'HEAD' }],
    [['service = https'], { type: 'https', verify: false }],
    [['service = smtp'], { type: 'smtp' }],
    [['service = submission'], { type: 'smtp' }],
    [['service = nntp'], { type: 'tcp', expect: '^2' }],
    [['service = pops'], { type: 'tcp', expect: '^\\+OK', tls: true }],
    [['service = imap'], { type: 'tcp', expect: '^\\* (OK|PREAUTH)' }],
    [
      ['service = simpletcp', 'request = "PING\\n"', 'receive = "PONG"'],
      { type: 'tcp', send: 'PING\n', expect: 'PONG' },
    ],
    [['service = simpletcp'], { type: 'tcp', expect: '.' }],
    [
      ['service = simpletcp', 'protocol = udp', 'request = "a"', 'receive = "b"'],
      { type: 'udp', send: 'a', expect: 'b' },
    ],
    [
      ['service = dns', 'request = "www.example.com"', 'receive = "192\\.0\\.2\\.1"'],
      { type: 'dns', query: 'www.example.com', recordType: 'A', expect: ['192.0.2.1'], tcp: true },
    ],
    [
      ['service = dns', 'request = "192.0.2.1"', 'receive = "^www.example.com$"'],
      { query: '1.2.0.192.in-addr.arpa', recordType: 'PTR', expect: ['www.example.com'] },
    ],
    [['service = dns', 'request = "2001:db8::1"', 'receive = "a"'], { recordType: 'PTR' }],
  ])('%j', async (lines, check) => {
    const { health, info } = await imported(`quiescent = no\n${web(...lines)}`);
    expect(health['check']).toMatchObject(check);
    expect(info).toEqual([]);
  });

  test.each(['ftp', 'http_proxy', 'ldap', 'ldaps', 'mysql', 'oracle', 'pgsql', 'sip', 'radius'])(
    '%s has no check of its own, which is noted',
    async (kind) => {
      const { health, info } = await imported(`quiescent = no\n${web(`service = ${kind}`)}`);
      expect(health['check']).toMatchObject({ type: kind === 'radius' ? 'udp' : 'tcp' });
      expect(info.join()).toMatch(`4 lost: the ${kind} check of ldirectord `);
    },
  );

  test('of a port that is nobody else’s are none', async () => {
    const text = 'virtual = 192.0.2.1:8080\n    real = 10.0.0.2:80 masq';
    expect(await checkOf(text)).toBe('none');
  });

  test('of a real server with words of its own differ', async () => {
    const { health, servers } = await imported(
      web(
        'real = 10.0.0.3:80 masq 2 "b.html", "B"',
        'real = 10.0.0.4:80 masq "http://10.9.9.9:81/c?d=1","C"',
        'real = 10.0.0.5:80 masq',
        'request = "a.html"',
      ),
    );
    expect(health['check']).toMatchObject({ path: '/a.html' });
    expect(servers.map((one) => one.health)).toMatchObject([
      {},
      { check: { path: '/b.html', expectBody: 'B' } },
      { check: { path: '/c?d=1', expectBody: 'C', address: '10.9.9.9', port: 81 } },
      {},
    ]);
    expect(servers[0]?.health).toEqual({});
  });

  test.each(['(?=a)b', '(a)\\1', '(', 'a++', '\\Qa'])(
    'cannot match %s, which is noted at its line',
    async (pattern) => {
      const { health, info } = await imported(web('service = http', `receive = "${pattern}"`));
      expect(health['check']).not.toHaveProperty('expectBody');
      expect(info.join()).toMatch('4 lost: receive is a regular expression of Perl');
    },
  );

  test.each(['request = "a"', 'receive = "b"'])('dns with %s alone is noted', async (line) => {
    expect((await imported(web('service = dns', line))).info.join()).toMatch('3 lost: a dns check');
  });
});

describe('onFailure', () => {
  test.each([
    ['quiescent = yes', '', 'quiet'],
    ['quiescent = no', '', 'remove'],
    ['quiescent = yes', 'quiescent = no', 'remove'],
    ['', 'quiescent = yes', 'quiet'],
    ['', '', 'remove'],
  ])('%j before and %j below give %s', async (before, below, wanted) => {
    const { health, info } = await imported(`${before}\n${web(below)}`);
    expect(health['onFailure']).toBe(wanted);
    expect(info).toHaveLength(before === '' && below === '' ? 1 : 0);
  });

  test('says that the manual of ldirectord and its program disagree', async () => {
    expect((await imported(web())).info).toEqual([
      '1 info: quiescent is not set: its default is "yes" in the manual of ldirectord and "no" in the program, which counts: onFailure: remove',
    ]);
  });
});

describe('failOpen', () => {
  test.each([
    ['', 'never'],
    ['fallback = 127.0.0.1:80 masq', undefined],
    ['checktype = on', undefined],
  ])(
    'with %j is %j: a service without a fallback is empty when all servers fail',
    async (line, wanted) => {
      expect((await imported(web(line))).health['failOpen']).toBe(wanted);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importLdirectord } from '../../../../src/state/import/ldirectord/ldirectord.js';
import { importSources } from '../../../support/import-sources.js';
import { imported, problems, web } from './imported.js';

describe('a broken configuration is refused with file and line', () => {
  test.each([
    ['quiescent = maybe', '1: quiescent must be yes or no, not maybe'],
    ['nonsense = 1', '1: unknown setting "nonsense"'],
    [
      'timeout = 1',
      '1: unknown setting "timeout"; it is called checktimeout and negotiatetimeout now',
    ],
    ['hello', '1: not a setting: a line is of the form name = value'],
    ['checkinterval = 0', '1: checkinterval must be a number above 0, not 0'],
    ['checkinterval = soon', '1: checkinterval must be a number above 0, not soon'],
    ['request = "a"', '1: request belongs to a virtual service: it is indented below "virtual"'],
    [
      'fallback = ::1',
      '2: not of the form 127.0.0.1:80 masq; IPv6 addresses stand in brackets',
      web(),
    ],
    ['virtual = nothing', '1: nothing is neither an address with a port'],
    ['virtual = [2001:db8::1]:80', '1: an IPv6 address stands behind virtual6, not behind virtual'],
    ['virtual6 = 192.0.2.1:80', '1: 192.0.2.1 is no IPv6 address'],
    ['virtual = 192.0.2.256:80', '1: the host 192.0.2.256 has no IPv4 address here'],
    ['virtual = nobody:80', '1: the host nobody has no IPv4 address here'],
    ['virtual = 192.0.2.1:nothing', '1: the port nothing is neither a number up to 65535 nor in'],
    ['virtual = 192.0.2.1:70000', '1: the port 70000 is neither'],
    ['virtual = 0', '1: 0 is neither an address with a port'],
    ['virtual = 4294967296', '1: 4294967296 is neither'],
    [' real = 10.0.0.2:80 masq', '1: an indented line that belongs to no virtual service'],
  ])('%s', async (line, problem, rest = '') => {
    const [first] = await problems(`${line}\n${rest}`);
    const shifted = problem.startsWith('2:') ? problem.replace('2:', '1:') : problem;
    expect(first?.startsWith(`ld.cf:${shifted}`), first).toBe(true);
  });

  test.each([
    ['real = 10.0.0.3:80', 'not of the form 192.0.2.2:80 masq'],
    ['real = 10.0.0.3:80 nat', 'the forwarding method must be gate, masq or ipip, not nat'],
    ['real = 10.0.0.3:80 masq heavy', 'behind the method only a weight'],
    ['real = 10.0.0.3:80 masq 1 "only request"', 'behind the method only a weight'],
    ['real = 10.0.0.3:80 masq u:2 l:1', 'behind the method only a weight'],
    ['real = 10.0.0.3:80 masq l:2', 'the lower threshold 2 is above the upper one, 0'],
    ['real = 10.0.0.3:80 masq 99999999999', 'ipvsadm refuses it: '],
    ['real = 10.0.0.9->10.0.0.3:80 masq', 'the range ends before it begins: 10.0.0.9->10.0.0.3'],
    ['real = 0.0.0.1->255.255.255.254:80 masq', 'a range of 4294967294 addresses: at most 65536'],
    ['real = nobody:80 masq', 'the host nobody has no IPv4 address here'],
    ['real6 = [2001:db8::2]:80 masq', 'real6 does not go with virtual: write real'],
    ['fallback6 = [::1]', 'fallback6 does not go with virtual: write fallback'],
    ['fallback = 127.0.0.1 nat', 'the forwarding method must be'],
    ['fallback = 127.0.0.1 masq 3', 'not of the form'],
    ['checktype = sometimes', 'checktype must be connect, negotiate, '],
    ['service = gopher', 'service must be one of dns, ftp'],
    ['httpmethod = POST', 'httpmethod must be GET or HEAD, not POST'],
    ['checkport = 70000', 'checkport must be a port from 1 to 65535, not 70000'],
    ['request = index.html', 'request must be text in double quotes'],
    ['protocol = fwm', undefined],
    ['persistent = 0', undefined],
    ['scheduler = sh\n    schedflags = mh-port', undefined],
    ['persistent = 60\n    netmask = 64', undefined],
    ['autoreload = yes', 'autoreload is for the whole file'],
  ])('%s', async (line, problem) => {
    const [first] = await problems(web(line));
    const place = problem === undefined ? 'ld.cf:1: ' : `ld.cf:3: ${problem}`;
    expect(first?.startsWith(place), first).toBe(true);
  });

  test('all problems at once, in the order of their lines', async () => {
    const text = `bad = 1\n${web('real = x masq', 'ops = no')}\n\nvirtual = 192.0.2.1:80\n`;
    expect((await problems(text)).map((one) => one.slice(0, 8))).toEqual([
      'ld.cf:1:',
      'ld.cf:4:',
      'ld.cf:7:',
    ]);
  });

  test('a range of IPv6, a mark with another protocol', async () => {
    const range = 'virtual6 = 7\n    real6 = [2001:db8::1]->[2001:db8::2]:80 masq';
    expect((await problems(range)).join()).toMatch('ld.cf:2: a range of IPv6 addresses');
    const mark = 'virtual = 7\n    protocol = tcp';
    expect(await problems(mark)).toEqual(['ld.cf:1: the protocol of a firewall mark must be fwm']);
  });

  test('a file that is not there', async () => {
    await expect(importLdirectord('gone.cf', importSources({}))).rejects.toThrow(
      'gone.cf: no such file',
    );
  });
});

describe('what ends a block', () => {
  test('an empty line does, a comment does not', async () => {
    const text = web('# comment', 'scheduler = rr # comment', 'receive = "a # b"');
    expect((await problems(text)).join()).toMatch('5: receive must be text in double quotes');
    const { rules } = await imported(web('# comment', 'scheduler = rr # comment'));
    expect(rules[0]).toBe('-A -t 192.0.2.1:80 -s rr');
    expect((await problems(`${web()}\n\n    scheduler = rr`)).join()).toMatch(
      '4: an indented line',
    );
  });

  test('lines may end as those of Windows do', async () => {
    const { rules } = await imported(web('scheduler = rr').replaceAll('\n', '\r\n'));
    expect(rules[0]).toBe('-A -t 192.0.2.1:80 -s rr');
  });
});

describe('whatever stands in it', () => {
  const folder = join(import.meta.dirname, '../../../kernel/import/ldirectord');
  const lines = ['nat', 'web', 'marks', 'udp', 'ipv6', 'edges']
    .map((name) => readFileSync(join(folder, `${name}.cf`), 'utf8'))
    .join('\n')
    .split('\n');

  test('a configuration is imported or refused with lines, and no problem has control characters', async () => {
    const mutated = fc
      .tuple(fc.constantFrom(...lines), fc.nat(60), fc.string({ unit: 'binary', maxLength: 6 }))
      .map(([line, at, noise]) => line.slice(0, at) + noise + line.slice(at));
    const anyLine = fc.oneof(fc.constantFrom(...lines), mutated, fc.string());
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 25 }), async (some) => {
        const text = some.join('\n');
        for (const problem of await problems(text)) {
          // eslint-disable-next-line no-control-regex -- matching them is the point
          expect(problem).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('long lines and many of them are read in no time, and end', async () => {
    const started = performance.now();
    const spaces = ' '.repeat(60_000);
    const quotes = '"'.repeat(60_000);
    const long = [`real = 10.0.0.3:80 masq ${quotes}`, `real = 10.0.0.3:80${spaces}masq`];
    long.push(`real = ${'a'.repeat(60_000)} masq`, `request = ${quotes}`, `fallback = ${quotes}`);
    long.push(
      `real = 10.0.0.3:80 masq "${`"${spaces}`.repeat(1)}`,
      `scheduler${spaces}= ${spaces}rr`,
    );
    await problems(web(...long));
    await problems(web(`receive = "${'('.repeat(30_000)}"`, 'x'.repeat(100_000)));
    const many = Array.from({ length: 20_000 }, () => 'nonsense');
    expect(await problems(many.join('\n'))).toHaveLength(201);
    const ranges = Array.from(
      { length: 5 },
      (_, n) => `real = 10.${n}.0.0->10.${n}.255.255:80 masq`,
    );
    expect((await problems(web(...ranges))).join()).toMatch('more than 200000 real servers in all');
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

import { describe, expect, test } from 'vitest';
import { command, silence } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const running = { services: [{ service: { firewallMark: 1 } }] };

/** The rules of a kernel's table. */
async function rules(kernel: ReturnType<typeof tableKernel>): Promise<string[]> {
  return (await command('-Sn', { kernel })).stdout.split('\n').slice(0, -1);
}

describe('a restore adds the rules of standard input', () => {
  const input = [
    'ipvsadm -A -t 192.0.2.1:80 -s rr -p 30',
    '# a comment',
    '\t -a -t 192.0.2.1:80\t-r 10.0.0.2 ipvsadm -m -w 3\r',
    '',
    '   # another',
    '-a -f 1 -r 10.0.0.3',
  ].join('\n');

  test('to what is there; prefixes, tabs, CR, comments, empty lines and a missing last newline are fine', async () => {
    const kernel = tableKernel(running);
    expect(await command('-R', { kernel, stdin: input })).toEqual(silence);
    expect(await rules(kernel)).toEqual([
      '-A -t 192.0.2.1:80 -s rr -p 30',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 3',
      '-A -f 1 -s wlc',
      '-a -f 1 -r 10.0.0.3:0 -g -w 1',
    ]);
  });

  test('in pieces of any size', async () => {
    const kernel = tableKernel(running);
    const pieces = Array.from(Buffer.from(input), (byte) => Uint8Array.of(byte));
    expect(await command('-R', { kernel, stdin: pieces })).toEqual(silence);
    expect(await rules(kernel)).toHaveLength(4);
  });

  test('nothing of nothing, and ipvsadm-restore then clears', async () => {
    const kernel = tableKernel(running);
    expect(await command('-R', { kernel })).toEqual(silence);
    expect(kernel.table()).toHaveLength(1);
    expect(await command('-x', { kernel, program: 'ipvsadm-restore' })).toEqual(silence);
    expect(kernel.table()).toHaveLength(0);
  });

  test('and other commands are carried out in their place', async () => {
    const kernel = tableKernel();
    const stdin = '-A -f 1\n-Ln\n--set 1 2 3\n-a -f 1 -r 10.0.0.3\n-Sn\n-C\n-Sn\n';
    const { status, stdout } = await command('-R', { kernel, stdin });
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(3)).toEqual([
      'FWM  1 wlc',
      '-A -f 1 -s wlc',
      '-a -f 1 -r 10.0.0.3:0 -g -w 1',
      '',
    ]);
    expect(kernel.timeouts()).toEqual({ tcpSeconds: 1, tcpFinSeconds: 2, udpSeconds: 3 });
  });
});

describe('a restore with a faulty line', () => {
  const stdin = [
    '-A -t 192.0.2.1:80',
    '-a -t 192.0.2.1:80 -r 10.0.0.2 -w many',
    '-A -t 192.0.2.2:80',
    'rubbish \u001b[31m',
    '-A -t 192.0.2.1:80 -q',
  ].join('\n');
  const complaints = [
    'line 2: illegal weight specified',
    '  -a -t 192.0.2.1:80 -r 10.0.0.2 -w many',
    "line 4: Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
    '  rubbish ?[31m',
    'line 5: -q: unknown option',
    '  -A -t 192.0.2.1:80 -q',
    '',
  ].join('\n');

  test.each(['-R', '--restore'])('%s names every such line and changes nothing', async (line) => {
    const kernel = tableKernel(running);
    const expected = { status: 2, stdout: '', stderr: complaints };
    expect(await command(line, { kernel, stdin })).toEqual(expected);
    expect(await rules(kernel)).toEqual(['-A -f 1 -s wlc']);
  });

  test('ipvsadm-restore leaves the running table as it is', async () => {
    const kernel = tableKernel(running);
    expect((await command('', { kernel, stdin, program: 'ipvsadm-restore' })).status).toBe(2);
    expect(await rules(kernel)).toEqual(['-A -f 1 -s wlc']);
  });

  test.each(['-R', '-h', '-v'])('%s is no line of rules', async (line) => {
    const { status, stderr } = await command('-R', { stdin: `-A -f 1\n${line}\n` });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^line 2: Try /);
  });

  test('shows no more than the beginning of a long one', async () => {
    const { stderr } = await command('-R', { stdin: `-A ${'x'.repeat(1000)}` });
    expect(stderr.split('\n')[1]).toBe(`  -A ${'x'.repeat(197)}...`);
  });

  test('of more than 64 Ki characters does not even read it', async () => {
    const { status, stderr } = await command('-R', {
      stdin: `-A -f 1\n${'-n '.repeat(40_000)}\n-A -f 2`,
    });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^line 2: the line is too long\n {2}-n -n/);
  });

  test('stops reading after a thousand of them', async () => {
    const { stderr } = await command('-R', { stdin: 'noise\n'.repeat(2000) });
    expect(stderr.match(/^line /gm)).toHaveLength(1000);
  });
});

describe('what the kernel refuses in a restore', () => {
  const stdin = [
    '-A -f 1',
    '-A -f 2',
    '-a -f 3 -r 10.0.0.2',
    '-e -f 2 -r 10.0.0.2',
    '-A -f 4 -s nosuch',
    '-A -f 5',
    '-D -f 9',
    '-L -f 9',
    '-A -f 6',
  ].join('\n');

  test('is named with its line, and does not stop the rest', async () => {
    const kernel = tableKernel(running);
    const { status, stderr } = await command('-R', { kernel, stdin });
    expect(status).toBe(255);
    expect(stderr.split('\n').filter((line) => line.startsWith('line'))).toEqual([
      'line 1: Service already exists',
      'line 3: Service not defined',
      'line 4: No such destination',
      'line 5: Scheduler or persistence engine not found',
      'line 7: No such service',
      'line 8: No such service',
    ]);
    expect(await rules(kernel)).toEqual([1, 2, 5, 6].map((mark) => `-A -f ${mark} -s wlc`));
  });

  test('gives 255 also when the last line went well', async () => {
    const kernel = tableKernel(running);
    expect((await command('-R', { kernel, stdin: '-A -f 1\n-A -f 2' })).status).toBe(255);
  });

  test('in the clearing of ipvsadm-restore is said without a line', async () => {
    const kernel = tableKernel({
      refuse: ({ command: name }) => (name === 'FLUSH' ? 'ENOMEM' : undefined),
    });
    expect(await command('', { kernel, program: 'ipvsadm-restore' })).toEqual({
      status: 255,
      stdout: '',
      stderr: 'Memory allocation problem\n',
    });
  });
});

describe('host names in rules', () => {
  test('are looked up once each, before anything is changed', async () => {
    const asked: string[] = [];
    const resolver = {
      addressOf: (name: string, family: string) => {
        asked.push(`${family} ${name}`);
        return name === 'nosuch'
          ? Promise.reject(new Error('no'))
          : Promise.resolve(family === 'ipv4' ? '192.0.2.1' : '2001:db8::1');
      },
      nameOf: () => Promise.reject(new Error('no')),
    };
    const kernel = tableKernel();
    const stdin = '-A -t web:80\n-a -t web:80 -r web:81 -m\n-A -t [web]:80\n';
    expect(await command('-R', { kernel, resolver, stdin })).toEqual(silence);
    expect(asked).toEqual(['ipv4 web', 'ipv6 web']);
    expect((await rules(kernel)).sort()).toEqual([
      '-A -t 192.0.2.1:80 -s wlc',
      '-A -t [2001:db8::1]:80 -s wlc',
      '-a -t 192.0.2.1:80 -r 192.0.2.1:81 -m -w 1',
    ]);
    const { status, stderr } = await command('-R', {
      kernel,
      resolver,
      stdin: '-A -f 9\n-A -t nosuch:80',
    });
    expect([status, stderr.split('\n')[0]]).toEqual([
      2,
      'line 2: illegal virtual server address[:port] specified',
    ]);
    expect(await rules(kernel)).toHaveLength(3);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { command, commandWords } from '../support/command.js';

/** A kernel that must not be asked. */
const untouched = () => {
  throw new Error('a socket was opened');
};

async function refusal(words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await commandWords(words, { kernel: untouched as never });
  expect(stdout).toBe('');
  return `${status} ${stderr}`;
}

const SERVICE = '-A -t 192.0.2.1:80';
const SERVER = '-a -t 192.0.2.1:80 -r 10.0.0.2';
const TRY = "255 Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n";

/** Every text about a command line, and the line that gets it. */
describe('a command line that is wrong is told so without asking the kernel', () => {
  test.each([
    ['foo', TRY],
    ['-n', TRY],
    ['-q', TRY],
    ['--list=3', TRY],
    ['-L -q', '255 -q: unknown option\n'],
    ['-A -t', '255 -t: missing argument\n'],
    ['-Ln=3', '255 -Ln=3: option does not take an argument\n'],
    ['-L -h', "2 invalid option `-h'\n"],
    ['-AL', "2 invalid option `-AL'\n"],
    ['-L --set', "2 invalid option `--set'\n"],
    ['-L foo', '2 unexpected argument foo\n'],
    ['--set 1 2', '2 --set option requires 3 timeout values\n'],
    ['--set 1 2 3 4', '2 unexpected argument 4\n'],
    ['--set 1 2 x', "2 invalid timeout value `x' specified\n"],
    ['--set 1 2 2678401', "2 invalid timeout value `2678401' specified\n"],
    ['--start-daemon foo', '2 illegal start-daemon parameter specified\n'],
    ['--stop-daemon foo', '2 illegal start_daemon specified\n'],
    ['-A -t 1 -t 2', '2 illegal virtual server address[:port] specified\n'],
    [`${SERVICE} -u 192.0.2.1:53`, "2 multiple 'service-address' options specified\n"],
    ['-A', "2 You need to supply the 'service-address' option for the 'add-service' command\n"],
    [
      '-a -t 192.0.2.1:80',
      "2 You need to supply the 'real-server' option for the 'add-server' command\n",
    ],
    [`${SERVICE} -w 1`, "2 Illegal 'weight' option with the 'add-service' command\n"],
    ['-C -n', "2 Illegal 'numeric' option with the 'flush' command\n"],
    [
      '-L -c --timeout',
      "2 The option 'timeout' conflicts with the 'connection' option in the 'list' command\n",
    ],
    ['-L -c --stats', '2 options conflicts in the list command\n'],
    ['-L --timeout --persistent-conn', '2 options conflicts in the list command\n'],
    ['-A -t nosuch.invalid:80', '2 illegal virtual server address[:port] specified\n'],
    ['-A -t 192.0.2.1:65536', '2 illegal virtual server address[:port] specified\n'],
    ['-a -t 192.0.2.1:80 -r 10.0.0.2:x', '2 illegal real server address[:port] specified\n'],
    ['-a -r 10.0.0.2:nosuch -t 192.0.2.1:80', '2 illegal real server address[:port] specified\n'],
    ['-A -f 0', "2 invalid fwmark value `0' specified\n"],
    ['-A -f 4294967296', "2 invalid fwmark value `4294967296' specified\n"],
    [`${SERVICE} -p 0`, "2 invalid timeout value `0' specified\n"],
    [`${SERVICE} -p 2678401`, "2 invalid timeout value `2678401' specified\n"],
    [`${SERVICE} -M x.invalid`, '2 illegal virtual server persistent mask specified\n'],
    ['-A -t [2001:db8::1]:80 -M 129', '2 illegal ipv6 netmask specified\n'],
    [`${SERVER} -w -1`, '2 illegal weight specified\n'],
    [`${SERVER} -w 2147483648`, '2 illegal weight specified\n'],
    [`${SERVER} -x x`, '2 illegal u_threshold specified\n'],
    [`${SERVER} -y x`, '2 illegal l_threshold specified\n'],
    ['--start-daemon master --syncid 256', '2 illegal syncid specified\n'],
    ['--start-daemon master --mcast-port 0', '2 illegal mcast-port specified\n'],
    ['--start-daemon master --mcast-ttl 256', '2 illegal mcast-ttl specified\n'],
    ['--start-daemon master --sync-maxlen 65508', '2 illegal sync-maxlen specified\n'],
    ['--start-daemon master --mcast-group 192.0.2.1', "2 invalid IPv4 mcast-group `192.0.2.1'\n"],
    ['--start-daemon master --mcast-group ::1', "2 invalid IPv6 mcast-group `::1'\n"],
    [`${SERVER} -i --tun-type foo`, '2 illegal tunnel type specified\n'],
    [`${SERVER} -i --tun-port 0`, '2 illegal tunnel port specified\n'],
    [`${SERVICE} -b foo`, "2 invalid scheduler flag `foo'\n"],
    [`${SERVICE} -b sh-port`, "2 incompatible scheduler flag `sh-port'\n"],
    ['-A -t 192.0.2.1', '2 Zero port specified for non-persistent service\n'],
    [`${SERVICE} -o`, '2 One-Packet Scheduling is only for UDP virtual services\n'],
    [
      '-a -t 192.0.2.1:80 -r 2001:db8::2',
      '2 Different address family is allowed only for tunneling servers\n',
    ],
    [`${SERVER} --tun-csum`, '2 Tunnel options conflict with forward method\n'],
    [`${SERVER} -i --tun-csum`, "2 Illegal 'tun-csum' option with the 'ipip' tunnel type\n"],
    [
      `${SERVER} -i --tun-type gue`,
      "2 You need to supply the 'tun-port' option for the 'gue' tunnel type\n",
    ],
    [
      `${SERVER} -i --tun-type gre --tun-csum --tun-nocsum`,
      "2 The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gre' tunnel type\n",
    ],
    [`${SERVICE} -6`, '2 -6 used before -f\n\n'],
    ['-L -6', '2 -6 used before -f\n\n'],
  ])('ipvsadm %s', async (line, expected) => {
    expect(await refusal(line.split(' '))).toBe(expected);
  });

  test('an empty word is an unexpected argument, named with nothing', async () => {
    expect(await refusal(['-C', ''])).toBe('2 unexpected argument \n');
  });

  test('an empty list of scheduler flags is an error, not a crash', async () => {
    expect(await refusal([...SERVICE.split(' '), '-b', ''])).toBe("2 invalid scheduler flag `'\n");
    expect(await refusal([...SERVICE.split(' '), '-b', ','])).toBe("2 invalid scheduler flag `'\n");
  });

  test('control characters of a word do not reach the terminal', async () => {
    expect(await refusal(['-L', 'a\u001b[2Jb\u009bc\nd'])).toBe(
      '2 unexpected argument a?[2Jb?c?d\n',
    );
  });

  test('options are complained of in their order, and legality comes after all of them', async () => {
    expect(await refusal('-L -w x -q'.split(' '))).toBe('2 illegal weight specified\n');
    expect(await refusal('-L -w 1 -q'.split(' '))).toBe('255 -q: unknown option\n');
    expect(await refusal('-L -w 1 foo'.split(' '))).toBe('2 unexpected argument foo\n');
    expect(await refusal('-D -t 192.0.2.1:80 -b foo'.split(' '))).toBe(
      "2 invalid scheduler flag `foo'\n",
    );
  });
});

describe('whatever the words are', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '-A',
      '-a',
      '-L',
      '-t',
      '192.0.2.1:80',
      '-r',
      '-m',
      '-w',
      '1',
      '-p',
      '--set',
      '-f',
      '-6',
      '-M',
      '-b',
      '-Z',
      '-R',
      '--',
      '-',
      '',
    ),
  );

  test('the command ends with a known status, and a line on standard error unless that is 0', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (words) => {
        const { status, stderr } = await commandWords(words);
        expect([0, 1, 2, 255]).toContain(status);
        expect(stderr === '').toBe(status === 0);
      }),
    );
  });

  test('and whatever standard input is, so does a restore', async () => {
    const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
    const input = fc.oneof(
      fc.string(),
      fc.uint8Array(),
      fc.array(line).map((lines) => lines.join('\n')),
    );
    await fc.assert(
      fc.asyncProperty(input, async (stdin) => {
        const { status, stderr } = await command('-R', { stdin: [stdin] });
        expect([0, 2, 255]).toContain(status);
        expect(stderr === '').toBe(status === 0);
      }),
    );
  });
});

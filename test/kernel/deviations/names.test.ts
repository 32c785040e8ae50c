import { beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import type { CommandResult } from '../../lab/lab.js';
import { useNamespace } from '../../support/director.js';

/** Where ours differs from the genuine 1.31 on purpose: names of hosts. */

const director = useNamespace();
const PROGRAMS = {
  genuine: '/sbin/ipvsadm',
  ours: ourCommandLine('ipvsadm'),
};
const LONG = `${'a-very-long-name-of-a-machine.'.repeat(2)}that-somebody-gave.example.org`;

const hosts = `127.0.0.1 localhost
::1 localhost
10.0.0.9 ${LONG}
2001:db8::1 web6
2001:db8::2 rs6
`;

/** Runs a program where a file of /etc has other contents: each process in a namespace has mounts of its own. */
function withFile(
  file: 'hosts' | 'resolv.conf',
  text: string,
  command: string,
): Promise<CommandResult> {
  const own = `/run/names-${file}`;
  const script = `printf %s "$1" >${own} && mount --bind ${own} /etc/${file} && ${command}`;
  return director().run(['sh', '-c', script, 'sh', text]);
}

/** A program with the names of this file, and the rules that it leaves, in numbers. */
async function restore(program: keyof typeof PROGRAMS, rules: string) {
  await director().genuine(['-C']);
  const command = `printf %s '${rules}' | ${PROGRAMS[program]} -R`;
  const { code, stderr } = await withFile('hosts', hosts, command);
  return { code, stderr, rules: (await director().genuine(['-Sn'])).stdout };
}

async function load(rules: string): Promise<void> {
  await director().genuine(['-C']);
  const loaded = await director().genuine(['-R'], { stdin: rules });
  expect([loaded.code, loaded.stderr]).toEqual([0, '']);
}

const show = (program: keyof typeof PROGRAMS, words: string) =>
  withFile('hosts', hosts, `${PROGRAMS[program]} ${words}`);

const REFUSED = 'illegal virtual server address[:port] specified\n';

describe('deviation 6: names are never cut off', () => {
  const rules = '-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 10.0.0.9:81 -m -w 1\n';

  test('in lists, where a port stands behind them', async () => {
    await load(rules);
    const listed = (await show('genuine', '-L')).stdout.split('\n').slice(3);
    expect(listed).toEqual([
      `TCP  ${LONG.slice(0, 28)} rr`,
      `  -> ${LONG.slice(0, 28)} Masq    1      0          0         `,
      '',
    ]);
    expect((await show('ours', '-L')).stdout.split('\n').slice(3)).toEqual([
      `TCP  ${LONG}:http rr`,
      `  -> ${LONG}:81 Masq    1      0          0         `,
      '',
    ]);
  });

  test('in rules, which can be restored', async () => {
    await load(rules);
    const lost = (await show('genuine', '-S')).stdout;
    expect(lost.split('\n')[0]).toBe(`-A -t ${LONG.slice(0, 59)} -s rr`);
    const saved = (await show('ours', '-S')).stdout;
    expect(saved.split('\n')[0]).toBe(`-A -t ${LONG}:http -s rr`);
    expect(await restore('genuine', lost)).toEqual({ code: 2, stderr: REFUSED, rules: '' });
    expect(await restore('ours', saved)).toEqual({ code: 0, stderr: '', rules });
  });
});

describe('deviation 7: names of IPv6 addresses are saved in a form that restores', () => {
  const rules =
    '-A -t [2001:db8::1]:80 -s rr\n' +
    '-a -t [2001:db8::1]:80 -r [::1]:80 -m -w 1\n' +
    '-a -t [2001:db8::1]:80 -r [2001:db8::2]:8080 -m -w 1\n';

  test('which the genuine program writes, but does not read', async () => {
    await load(rules);
    const saved = await show('ours', '-S');
    expect(saved.stdout).toBe(
      '-A -t [web6]:http -s rr\n' +
        '-a -t [web6]:http -r [localhost]:http -m -w 1\n' +
        '-a -t [web6]:http -r [rs6]:http-alt -m -w 1\n',
    );
    expect(await show('genuine', '-S')).toEqual(saved);
    expect(await restore('genuine', saved.stdout)).toEqual({ code: 2, stderr: REFUSED, rules: '' });
    expect(await restore('ours', saved.stdout)).toEqual({ code: 0, stderr: '', rules });
  });
});

describe('deviation 12: a dead name server does not hang a listing', () => {
  const services = Array.from({ length: 20 }, (_, index) => `10.0.0.${index + 1}`);

  beforeAll(async () => {
    // Whatever is sent there is lost.
    const script =
      'ip link add dead type dummy && ip addr add 10.9.9.1/24 dev dead && ip link set dead up';
    expect((await director().run(['sh', '-c', script])).code).toBe(0);
  });

  test('ours gives numbers, while the genuine program still asks', async () => {
    await load(services.map((address) => `-A -t ${address}:80 -s rr\n`).join(''));
    const list = (command: string) =>
      withFile('resolv.conf', 'nameserver 10.9.9.53\n', `exec timeout ${command} -L`);
    const [theirs, mine] = await Promise.all([
      list(`4 ${PROGRAMS.genuine}`),
      list(`15 ${PROGRAMS.ours}`),
    ]);
    expect(theirs.code).toBe(124);
    expect([mine.code, mine.stderr]).toEqual([0, '']);
    const expected = services.map((address) => `TCP  ${address}:http rr`);
    expect(mine.stdout.split('\n').slice(3, -1)).toEqual(expected);
  });
});

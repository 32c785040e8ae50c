import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Lab, LabError, type Namespace } from '../lab/lab.js';
import {
  acceptVirtualAddress,
  buildFlatNetwork,
  buildNatNetwork,
  countAnswers,
  serveName,
  type Network,
} from '../lab/network.js';
import { PATIENCE_MS } from '../lab/patience.js';
import { runningIn } from '../lab/processes.js';
import { useLab, useNamespace } from '../support/director.js';

const FIXTURES = join(import.meta.dirname, '../lab/fixtures');
const RUN = join(import.meta.dirname, '../../scripts/run.js');
const CALLABLE = join(FIXTURES, 'callable.ts');

const lab = useLab();
const director = useNamespace();

async function say(line: string): Promise<string> {
  return (await lab().run(['sh', '-c', line])).stdout;
}

describe('the guest', () => {
  test('is Linux with IPVS, and we are root there', async () => {
    expect(await say('id -u; grep -c "^ip_vs " /proc/modules')).toBe('0\n1\n');
    expect((await director().genuine(['-Ln'])).stdout).toContain('(size=4096)');
  });

  test('cannot write to the host outside the shared folder', async () => {
    const { code, stderr } = await lab().run(['touch', join(import.meta.dirname, 'written')]);
    expect(code).toBe(1);
    expect(stderr).toContain('Read-only file system');
  });

  test('has a home, standard streams as files, and a path of its own', async () => {
    expect(await say('echo $HOME $PATH; ls /dev/fd >/dev/null && cat /dev/stdin')).toBe(
      '/run/home /usr/sbin:/usr/bin:/sbin:/bin\n',
    );
  });

  test('loads the schedulers a service asks for', async () => {
    const { code } = await director().genuine(['-A', '-u', '192.0.2.1:53', '-s', 'sed']);
    expect(code).toBe(0);
    expect(await say('grep -c "^ip_vs_sed " /proc/modules')).toBe('1\n');
  });
});

describe('a process in the guest', () => {
  test('gets its input, and gives status, output and errors', async () => {
    const result = await lab().run(['sh', '-c', 'cat; echo "$WORD" >&2; exit 3'], {
      stdin: 'naïve\n',
      env: { WORD: 'error' },
    });
    expect(result).toEqual({ code: 3, stdout: 'naïve\n', stderr: 'error\n' });
  });

  test('may read and write megabytes', async () => {
    const stdin = 'a line of text, and é\n'.repeat(100_000);
    expect((await lab().run(['cat'], { stdin })).stdout === stdin).toBe(true);
  });

  test('does not wait for the others', async () => {
    const fifo = '/run/lab-test-fifo';
    await say(`mkfifo ${fifo}`);
    const [read] = await Promise.all([say(`cat ${fifo}`), say(`echo met >${fifo}`)]);
    expect(read).toBe('met\n');
  });

  test('keeps its answer among many', async () => {
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map((number) => say(`echo ${number} ${'x'.repeat(number * 30)}`)),
    );
    expect(answers.map((answer) => parseInt(answer))).toEqual(numbers);
  });

  test('that a signal ended has 128 and its number', async () => {
    expect((await lab().run(['sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  });

  test('that is not there is an error', async () => {
    await expect(lab().run(['no-such-program'])).rejects.toThrow(/no-such-program.*ENOENT/);
  });

  test('ends with all it has started when its time is over', async () => {
    const failed = lab().run(['sh', '-c', 'echo begun; sleep 9876 & sleep 9876'], {
      deadlineMs: 3000,
    });
    const error = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LabError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/sleep 9876: not done within 3000 ms.*\nbegun/) as string,
      result: { code: 124, stdout: 'begun\n' },
    });
    await expect.poll(() => say('pgrep -f "^sleep 9876" || echo none')).toBe('none\n');
  });
});

describe('a namespace', () => {
  test('has its own IPVS table and its own interfaces', async () => {
    await using other = await lab().namespace();
    await director().genuine(['-A', '-t', '192.0.2.1:80']);
    expect((await director().genuine(['-Ln'])).stdout).toContain('192.0.2.1:80 wlc');
    expect((await other.genuine(['-Ln'])).stdout).not.toContain('192.0.2.1:80');
    await director().run(['ip', 'link', 'add', 'own0', 'type', 'dummy']);
    const links = async (namespace: Namespace) => (await namespace.run(['ip', 'link'])).stdout;
    expect(await links(director())).toContain(' own0: ');
    expect(await links(other)).not.toContain('own0');
  });

  test('runs our command in its agent and as a process, and the genuine one', async () => {
    await using other = await lab().namespace();
    const stdin = '-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 192.0.2.2:80 -m -w 7\n';
    const restored = await other.ipvsadm([], { program: 'ipvsadm-restore', stdin });
    expect(restored).toEqual({ code: 0, stdout: '', stderr: '' });
    const listing = await other.genuine(['-Ln']);
    expect(listing.stdout).toContain('-> 192.0.2.2:80                 Masq    7');
    expect(await other.ipvsadm(['-Ln'])).toEqual(listing);
    expect(await other.binary(['-Ln'])).toEqual(listing);
  });

  test('has an agent that calls our functions', async () => {
    expect(await director().call(CALLABLE, 'join', '-', ['a', 'b'])).toBe('a-b');
    expect(await director().call(CALLABLE, 'interfaces')).toEqual(['lo']);
    await expect(director().call(CALLABLE, 'fail')).rejects.toThrow('as asked');
    await expect(director().call(CALLABLE, 'none')).rejects.toThrow('does not export none');
  });

  test('has a new agent after one has hung', async () => {
    await using other = await lab().namespace();
    await expect(other.callWithin(500, CALLABLE, 'hang')).rejects.toThrow('not done within');
    expect(await other.call(CALLABLE, 'join', '-', ['a', 'b'])).toBe('a-b');
  });

  test('takes its processes with it', async () => {
    const other = await lab().namespace('short');
    await serveName(other, { name: 'here' });
    await other.close();
    const left = 'ip netns list | grep short; pgrep -f [/]run/www/short';
    await expect.poll(() => say(left), { timeout: PATIENCE_MS }).toBe('');
  });
});

describe('a network', () => {
  async function serve(network: Network): Promise<void> {
    for (const [index, { namespace }] of network.realServers.entries())
      await serveName(namespace, { name: `rs${index + 1}` });
  }

  async function balance(
    network: Network,
    family: 'ipv4' | 'ipv6',
    method: string,
  ): Promise<Map<string, number>> {
    const host = (text: string): string => (family === 'ipv6' ? `[${text}]` : text);
    const service = `${host(network.virtual[family])}:80`;
    await network.director.genuine(['-A', '-t', service, '-s', 'rr']);
    for (const { addresses } of network.realServers)
      await network.director.genuine([
        ...['-a', '-t', service, '-r', `${host(addresses[family])}:80`, method],
      ]);
    return await countAnswers(network.client, `http://${service}/`, 9);
  }

  const thirds = new Map([1, 2, 3].map((number) => [`rs${number}`, 3]));
  const sorted = (counts: Map<string, number>): Map<string, number> => new Map([...counts].sort());

  test('of two nets masquerades', async () => {
    await using network = await buildNatNetwork(lab(), { realServers: 3 });
    await serve(network);
    expect(sorted(await balance(network, 'ipv4', '-m'))).toEqual(thirds);
    expect(sorted(await balance(network, 'ipv6', '-m'))).toEqual(thirds);
  });

  test('of one net routes directly', async () => {
    await using network = await buildFlatNetwork(lab(), { realServers: 3 });
    await serve(network);
    for (const { namespace } of network.realServers)
      await acceptVirtualAddress(namespace, network.virtual);
    expect(sorted(await balance(network, 'ipv4', '-g'))).toEqual(thirds);
    expect(sorted(await balance(network, 'ipv6', '-g'))).toEqual(thirds);
  });

  test('says why nobody answers', async () => {
    await using network = await buildNatNetwork(lab());
    const counts = await countAnswers(network.client, `http://${network.virtual.ipv4}/`, 3);
    expect(counts).toEqual(new Map([['failed: ECONNREFUSED', 3]]));
  });
});

describe('of a lab that has ended, nothing is left', () => {
  interface Place {
    readonly folder: string;
    readonly group: number;
  }

  function left({ folder, group }: Place): unknown {
    return { folder: existsSync(folder), processes: runningIn(group) };
  }

  const nothing = { folder: false, processes: [] };

  test('after it is closed', async () => {
    const own = await Lab.boot({ cpu: lab().cpu });
    const { folder, group = 0 } = own.owner().machine;
    expect(left({ folder, group })).toMatchObject({ folder: true });
    expect(runningIn(group)).not.toEqual([]);
    const asked = own.run(['sleep', '9876']);
    asked.catch(() => undefined);
    await own.close();
    expect(left({ folder, group })).toEqual(nothing);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder);
    await expect(asked).rejects.toThrow('the lab is closed');
    await expect(own.run(['true'])).rejects.toThrow('the lab is closed');
  });

  test('after it was not up in time, and the error quotes its console', async () => {
    await expect(Lab.boot({ cpu: lab().cpu, deadlineMs: 1000 })).rejects.toThrow(
      /not up within 1000 ms.*console:\n.*\S/s,
    );
  });

  test.for(['SIGINT', 'SIGKILL'] as const)(
    'after the script that booted it got %s',
    async (signal) => {
      const script = spawn(process.execPath, [RUN, join(FIXTURES, 'boots-and-waits.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, IPVS_LAB_CPU: String(lab().cpu) },
      });
      onTestFinished(() => void script.kill('SIGKILL'));
      const ended = new Promise((resolve) => script.once('exit', resolve));
      const line = await new Promise<string>((resolve) => {
        createInterface({ input: script.stdout }).once('line', (text) => {
          resolve(text);
        });
      });
      const place = JSON.parse(line) as Place;
      expect(left(place)).toMatchObject({ folder: true });
      script.kill(signal);
      await ended;
      await expect.poll(() => left(place), { timeout: PATIENCE_MS }).toEqual(nothing);
    },
  );
});

/** What a restore reads: all of it, before anything is changed, and no more than it may hold. */
import { describe, expect, test, vi } from 'vitest';
import { command, noNames, silence } from '../support/command.js';
import { gate } from '../support/async.js';
import { largeTexts } from '../support/messages.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const running = { services: [{ service: { firewallMark: 1 } }] };

function* repeated(piece: string, count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) yield piece;
}

/** The numbers of the lines that were complained of. */
const numbersOf = (stderr: string) =>
  Array.from(stderr.matchAll(/^line (\d+):/gm), ([, number]) => Number(number));

describe('faults', () => {
  test('are reported in the order of the lines, however the input is divided', async () => {
    const lines = Array.from({ length: 500 }, (_, index) =>
      index % 100 === 7 ? `-A -f ${index} -q` : `-A -f ${index + 2}`,
    );
    const whole = `${lines.join('\n')}\n`;
    for (const size of [1, 7, 100, 10_000]) {
      const kernel = tableKernel(running);
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
        whole.slice(index * size, (index + 1) * size),
      );
      const { status, stderr } = await command('-R', { kernel, stdin: pieces });
      expect([status, numbersOf(stderr)]).toEqual([2, [8, 108, 208, 308, 408]]);
      expect(kernel.requests).toEqual([]);
    }
  });

  test('count empty lines and comments', async () => {
    const stdin = '\n# one\n\n   \n-A -f x\n\r\n-A -f y';
    expect(numbersOf((await command('-R', { stdin })).stderr)).toEqual([5, 7]);
  });

  test('behind thousands of good lines change nothing', async () => {
    const kernel = tableKernel(running);
    const good = Array.from({ length: 2000 }, (_, index) => `-A -f ${index + 2}\n`);
    const setting = { kernel, stdin: [...good, 'rubbish'], program: 'ipvsadm-restore' } as const;
    const { status, stderr } = await command('', setting);
    expect([status, numbersOf(stderr)]).toEqual([2, [2001]]);
    expect(kernel.requests).toEqual([]);
  });
});

describe('input without an end', () => {
  test('of lines is not read beyond a million, and changes nothing', async () => {
    const kernel = tableKernel(running);
    const taken = vi.fn();
    const endless = function* () {
      for (;;) {
        taken();
        yield '#\n'.repeat(100_000);
      }
    };
    const outcome = await command('-R', { kernel, stdin: endless() });
    expect(outcome).toEqual({
      status: 2,
      stdout: '',
      stderr: 'line 1000001: more than 1000000 lines\n  #\n',
    });
    expect(taken).toHaveBeenCalledTimes(11);
    expect(kernel.requests).toEqual([]);
  });

  test('of a million lines is read', async () => {
    const stdin = repeated('#\n'.repeat(100_000), 10);
    expect(await command('-R', { stdin })).toEqual(silence);
  });

  test('of bytes is not read beyond 256 MiB, and changes nothing', async () => {
    const kernel = tableKernel(running);
    // 1 MiB in 32 lines.
    const piece = Buffer.from(`# ${'x'.repeat(32 * 1024 - 3)}\n`.repeat(32));
    expect(piece).toHaveLength(2 ** 20);
    const taken = vi.fn();
    const endless = function* () {
      yield '-A -f 2\n';
      for (;;) {
        taken();
        yield piece;
      }
    };
    const outcome = await command('-R', { kernel, stdin: endless() });
    expect(outcome.status).toBe(2);
    expect(numbersOf(outcome.stderr)).toEqual([1 + 255 * 32]);
    expect(largeTexts.map((text) => text.replace('%s', '256'))).toEqual(['more than 256 MiB']);
    expect(outcome.stderr).toContain(': more than 256 MiB\n');
    expect(taken).toHaveBeenCalledTimes(256);
    expect(kernel.requests).toEqual([]);
  });

  test('without a line in it is not kept', async () => {
    const stdin = repeated('x'.repeat(2 ** 20), 300);
    const { status, stderr } = await command('-R', { stdin });
    expect(status).toBe(2);
    expect(stderr).toContain('more than 256 MiB');
    expect(stderr.length).toBeLessThan(1000);
  });

  test('of faults is not read beyond a thousand of them', async () => {
    const taken = vi.fn();
    const endless = function* () {
      for (;;) {
        taken();
        yield 'rubbish\n'.repeat(100);
      }
    };
    const { stderr } = await command('-R', { stdin: endless() });
    expect(numbersOf(stderr)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    expect(taken).toHaveBeenCalledTimes(10);
  });
});

describe('host names', () => {
  /** A resolver that answers when all that it will be asked for was asked for, or never. */
  function togetherOf(count: number) {
    const asked: string[] = [];
    const all = gate();
    const addressOf = async (name: string, family: string) => {
      if (asked.push(`${family} ${name}`) === count) all.open();
      await all.opened;
      return `10.0.0.${name.slice(1)}`;
    };
    return { asked, resolver: { ...noNames, addressOf } };
  }

  test('of many lines are looked up together', async () => {
    const { asked, resolver } = togetherOf(50);
    const kernel = tableKernel();
    const names = Array.from({ length: 50 }, (_, index) => `h${index + 1}`);
    const stdin = `-A -f 1\n${names.map((name) => `-a -f 1 -r ${name}\n`).join('')}`;
    expect(await command('-R', { kernel, resolver, stdin })).toEqual(silence);
    expect(asked).toEqual(names.map((name) => `ipv4 ${name}`));
    expect(kernel.table()[0]?.destinations).toHaveLength(50);
  });

  test('that stand in many lines are looked up once each', async () => {
    const { asked, resolver } = togetherOf(2);
    const stdin = '-A -t h1:80\n-a -t h1:80 -r h2\n-A -u h2:80\n-a -u h2:80 -r h1\n-A -t h1:81\n';
    expect(await command('-R', { resolver, stdin })).toEqual(silence);
    expect(asked.sort()).toEqual(['ipv4 h1', 'ipv4 h2']);
  });

  test('are looked up also when other lines are faulty, and nothing is changed', async () => {
    const { asked, resolver } = togetherOf(1);
    const kernel = tableKernel(running);
    const stdin = '-A -f x\n-A -t h1:80\n-A -t h1:80 -q\n';
    const { status, stderr } = await command('-R', { kernel, resolver, stdin });
    expect([status, numbersOf(stderr)]).toEqual([2, [1, 3]]);
    expect(asked).toEqual(['ipv4 h1']);
    expect(kernel.requests).toEqual([]);
  });

  test('that nobody knows are faults of each of their lines', async () => {
    const stdin = '-A -t nosuch:80\n-A -f 2\n-A -u nosuch:80\n';
    const { status, stderr } = await command('-R', { stdin });
    expect([status, numbersOf(stderr)]).toEqual([2, [1, 3]]);
  });
});

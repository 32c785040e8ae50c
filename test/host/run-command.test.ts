import { describe, expect, test } from 'vitest';
import { startCommand } from '../../src/host/run-command.js';
import type { Command, CommandResult } from '../../src/host/run-command.js';

const run = (command: Command): Promise<CommandResult> =>
  new Promise((resolve) => {
    startCommand(command, resolve);
  });

const shell = (script: string, more: Partial<Command> = {}) =>
  run({ words: ['/bin/sh', '-c', script], ...more });

describe('a command', () => {
  test('tells how it ended and what it printed on which output', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toEqual({
      end: { kind: 'exited', status: 3 },
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('gets its input, however long it is', async () => {
    expect(await shell('wc -c', { input: 'x'.repeat(1_000_000) })).toMatchObject({
      stdout: '1000000\n',
    });
  });

  test('need not read its input', async () => {
    expect(await shell('exit 0', { input: 'x'.repeat(1_000_000) })).toMatchObject({
      end: { kind: 'exited', status: 0 },
    });
  });

  test('has the environment that it is given', async () => {
    expect(await shell('echo $ONE', { environment: { ONE: 'a b' } })).toMatchObject({
      stdout: 'a b\n',
    });
  });

  test('may print 64 KiB, and no more', async () => {
    const { end, stdout } = await shell('head -c 65536 /dev/zero');
    expect(end).toEqual({ kind: 'exited', status: 0 });
    expect(stdout).toHaveLength(65_536);
    expect(await shell('head -c 65537 /dev/zero; sleep 1000')).toMatchObject({
      end: { kind: 'too-much' },
    });
  });

  test.each(['', '/nonexistent', 'a\0b'])('%j cannot be started', async (word) => {
    expect(await run({ words: [word] })).toMatchObject({
      end: { kind: 'not-started' },
      stdout: '',
    });
  });

  test('that is killed does not tell its end', async () => {
    const ends: CommandResult[] = [];
    for (const word of ['/bin/true', 'a\0b', '/bin/sleep']) {
      startCommand({ words: [word, '1000'] }, (result) => ends.push(result)).kill();
    }
    await shell('sleep 1');
    expect(ends).toEqual([]);
  });
});

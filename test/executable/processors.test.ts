/** The executable for arm64 on an emulated processor, without a kernel of its own. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executables, harmless, run } from './executables.js';

/** Emulates the processor, with Debian's C library for it. */
const emulated = (command: string, ...words: readonly string[]) =>
  run([
    'qemu-aarch64-static',
    '-L',
    '/usr/aarch64-linux-gnu',
    '-0',
    command,
    join(executables.arm64, 'ipvs'),
    ...words,
  ]);
const native = (command: string, ...words: readonly string[]) =>
  run([join(executables.native, command), ...words]);

describe.skipIf(process.arch === 'arm64')('on an emulated arm64 processor', () => {
  test.each([
    ...harmless.filter(([command]) => command !== 'ipvsadm-restore'),
    ['ipvsadm', '-A'],
    ['ipvsadm', '-A -t 1.2.3'],
    ['ipvsadm', '-X'],
    ['ipvs', 'nothing'],
    ['ipvs', 'director up'],
  ] as const)('%s %s prints what it does on x64', async (command, line) => {
    const words = line.split(' ');
    expect(await emulated(command, ...words)).toEqual(await native(command, ...words));
  });
});

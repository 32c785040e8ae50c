import { join } from 'node:path';
import { compilePreload, findUserModeKernel, hasRoomInSharedMemory } from './host.js';
import { INIT, type Launch } from './launch.js';

/** Debian's user-mode Linux. */
export async function userMode(folder: string, memoryMegabytes: number): Promise<Launch> {
  const program = findUserModeKernel();
  const preload = await compilePreload(folder);
  return {
    program,
    args: kernelArguments(folder, memoryMegabytes),
    env: {
      ...(hasRoomInSharedMemory(memoryMegabytes) ? {} : { TMPDIR: folder }),
      ...(preload === undefined ? {} : { LD_PRELOAD: preload }),
    },
    guest: {
      LAB_SHARE_TYPE: 'hostfs',
      LAB_SHARE_OPTIONS: folder,
      LAB_MODULES: '/usr/lib/uml/modules',
      LAB_CONTROL: '/dev/tty1',
      LAB_TERMINAL: '/dev/tty2',
    },
  };
}

function kernelArguments(folder: string, memoryMegabytes: number): string[] {
  return [
    `mem=${memoryMegabytes}M`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    `uml_dir=${folder}/`,
    'init=/bin/sh',
    'con=null',
    'con0=null,fd:1',
    'con1=fd:3',
    'con2=fd:4',
    '--',
    join(folder, INIT),
  ];
}

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, symlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from './project.js';

/**
 * Input: the guest's process group, once it is known. The input ends when this process does, even if it is killed;
 * then the group ends whole, and the shared folder goes.
 */
const SCRIPT = `group=
while read -r line; do group=$line; done
[ -n "$group" ] && kill -s KILL -- "-$group"
rm -rf -- "$1"`;

/** Sees to it that nothing of a lab stays behind, however the process that booted it ends. */
export class Guard {
  /** What host and guest share, and all the lab writes. */
  readonly folder: string;
  readonly #shell: ChildProcess;
  readonly #gone: Promise<void>;

  constructor() {
    // The kernel's command line is split at blanks.
    const parent = /\s/.test(tmpdir()) ? '/tmp' : tmpdir();
    this.folder = mkdtempSync(join(parent, `ipvs-lab-${process.pid}-`));
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'guard', this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#gone = new Promise((resolve) => {
      this.#shell.once('exit', () => {
        resolve();
      });
    });
    this.#shell.unref();
    (this.#shell.stdin as Socket | null)?.unref();
    // What is bundled into the folder finds the project's packages.
    symlinkSync(join(projectFolder, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Names the processes to end. */
  watch(group: number): void {
    this.#shell.stdin?.write(`${group}\n`);
  }

  /** Ends them now. */
  async end(): Promise<void> {
    this.#shell.ref();
    this.#shell.stdin?.destroy();
    await this.#gone;
  }
}

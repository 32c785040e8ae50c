/** What is measured on this machine itself, without a lab. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle, leaveBundler, useBundler } from '../test/lab/bundle.js';
import { projectFolder } from '../test/lab/project.js';
import { compile } from './compile.js';
import { readMeasured, type Measured } from './measured.js';

const execute = promisify(execFile);

/** Measures a command, of which a status is expected. */
export type Measure = (command: readonly string[], status?: number) => Promise<Measured>;

/** Lends a folder of its own, which goes at the end, also when this process ends before. */
export async function withScratch<T>(use: (scratch: Scratch) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ipvs-bench-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  useBundler();
  try {
    // What is bundled into it finds the project's packages.
    await symlink(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
    return await use(new Scratch(folder));
  } finally {
    await leaveBundler();
    process.off('exit', remove);
    remove();
  }
}

export class Scratch {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Puts a TypeScript file of the project, with all it imports, where a process can run it. */
  bundle(file: string): Promise<string> {
    return bundle(join(projectFolder, file), this.#folder);
  }

  /** Runs it in a fresh process; what it prints is JSON. */
  async run(script: string, ...words: readonly string[]): Promise<Record<string, number>> {
    const { stdout } = await execute(process.execPath, [script, ...words]);
    return JSON.parse(stdout) as Record<string, number>;
  }

  /** Compiles a C program of this folder; returns its path. */
  compile(name: string): Promise<string> {
    return compile(name, this.#folder);
  }

  async measurer(): Promise<Measure> {
    const program = await this.compile('measure');
    return async (command, status = 0) => {
      const { stdout } = await execute(program, ['/dev/null', '-', '', ...command]);
      return readMeasured(stdout, command, status);
    };
  }
}

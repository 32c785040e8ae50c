/** The real kernel that programs are measured on, and what runs there. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../test/lab/bundle.js';
import { Lab, type CommandResult, type Namespace } from '../test/lab/lab.js';
import { projectFolder } from '../test/lab/project.js';
import { compile } from './compile.js';
import { readMeasured, type Measured } from './measured.js';

/** In the guest's memory: its other files are the host's, and slow. */
const FOLDER = '/run/bench';
/** A function of the shell: how many services there are in all namespaces, as the module of their scheduler tells. */
const SERVICES = 'services() { cat /sys/module/ip_vs_rr/refcnt 2>/dev/null || echo 0; }';
/** Only what hangs comes near. */
const DEADLINE_MS = 900_000;

export interface MeasureOptions {
  /** A file of the guest, for standard input. */
  readonly input?: string;
  /** How the line begins whose arrival is timed; by default the first. */
  readonly firstLine?: string;
  /** Name of the output. What is kept under one name is lost when the next takes it. */
  readonly keep?: string;
}

export class Guest {
  readonly #lab: Lab;
  readonly #shared: string;

  private constructor(lab: Lab, shared: string) {
    this.#lab = lab;
    this.#shared = shared;
  }

  static async boot(onStep: (text: string) => void): Promise<Guest> {
    const lab = await Lab.boot({ onStep });
    const guest = new Guest(lab, lab.owner().machine.folder);
    try {
      await guest.shell(`mkdir -p ${FOLDER}`);
      await guest.compile('measure');
      return guest;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#lab.close();
  }

  /** Compiles a C program of this folder; returns its path in the guest. */
  async compile(name: string): Promise<string> {
    await this.shell(`cp ${await compile(name, this.#shared)} ${FOLDER}/`);
    return this.path(name);
  }

  /** The path in the guest of what {@link compile} has made, or {@link put}. */
  path(name: string): string {
    return join(FOLDER, name);
  }

  /** Puts a file into the guest; returns its path there. */
  async put(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(this.#shared, name), content);
    await this.shell(`mv ${this.#shared}/${name} ${FOLDER}/`);
    return this.path(name);
  }

  /** Puts a TypeScript file of the project, with all it imports, where the guest can run it. */
  bundle(file: string): Promise<string> {
    return bundle(join(projectFolder, file), this.#shared);
  }

  /** A network namespace of its own, for what `use` does. */
  async within<T>(use: (namespace: Namespace) => Promise<T>): Promise<T> {
    // Services of other namespaces stay.
    const services = await this.shell(`${SERVICES}; echo $(services)`);
    const namespace = await this.#lab.namespace('bench');
    try {
      return await use(namespace);
    } finally {
      await namespace.close();
      // The kernel deletes its table in its own time, which must not fall into the next measurement.
      await this.shell(
        `${SERVICES}; while [ "$(services)" -gt ${services.trim()} ]; do sleep 0.02; done`,
      );
    }
  }

  /** Measures a command. One that fails, or says anything on standard error, is no measurement. */
  async measure(
    namespace: Namespace,
    command: readonly string[],
    { input = '/dev/null', firstLine = '', keep }: MeasureOptions = {},
  ): Promise<Measured> {
    const output = keep === undefined ? '-' : this.path(keep);
    const words = [this.path('measure'), input, output, firstLine, ...command];
    return readMeasured(await this.run(namespace, words), command);
  }

  /** Runs a command that is not measured; returns its output. */
  async run(namespace: Namespace, command: readonly string[]): Promise<string> {
    return checked(command, await namespace.run(command, { deadlineMs: DEADLINE_MS }));
  }

  async shell(script: string): Promise<string> {
    const words = ['sh', '-ec', script];
    return checked(words, await this.#lab.run(words, { deadlineMs: DEADLINE_MS }));
  }

  /** Fails when two files differ: what is fast and wrong does not count. */
  async same(path: string, other: string, what: string): Promise<void> {
    const { code, stdout, stderr } = await this.#lab.run(['cmp', path, other]);
    if (code !== 0) throw new Error(`${what}: ${stdout}${stderr}`);
  }
}

function checked(words: readonly string[], { code, stdout, stderr }: CommandResult): string {
  if (code === 0 && stderr === '') return stdout;
  throw new Error(`${words.join(' ')} ended with ${code}\n${stderr.slice(0, 2000)}`);
}

/** Real servers that are one process: servers.c, which has all addresses of loopback. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A connection that a server has accepted. */
export interface Arrival {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  /** The server's, as a number. */
  readonly address: number;
}

export class Servers {
  readonly #process: ChildProcess;
  readonly #closings = new Map<number, (atMs: number) => void>();
  #arrivals: Arrival[] = [];
  #onOpen: () => void = () => undefined;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (process.stdout === null) throw new Error('the servers have no output');
    createInterface(process.stdout).on('line', (line) => {
      this.#take(line);
    });
  }

  /** @param program what compiling servers.c gave. */
  static async open(program: string, ports: readonly number[]): Promise<Servers> {
    const child = spawn(program, ports.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    const servers = new Servers(child);
    await new Promise<void>((resolve, reject) => {
      servers.#onOpen = resolve;
      child.once('error', reject);
      child.once('exit', (code) => {
        reject(new Error(`the servers ended with ${code ?? 'a signal'}`));
      });
    });
    return servers;
  }

  /** The connections that they accept in so long. */
  async arrivals(milliseconds: number): Promise<readonly Arrival[]> {
    this.#arrivals = [];
    this.#say('note');
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    this.#say('rest');
    return this.#arrivals;
  }

  /** Closes a port: all servers that have it die at once. @returns when, by CLOCK_MONOTONIC. */
  close(port: number): Promise<number> {
    return this.#closing('close', port);
  }

  /** Closes a port right after one more connection to it: whoever checks it notices as late as can be. */
  closeAfterNext(port: number): Promise<number> {
    return this.#closing('last', port);
  }

  end(): void {
    this.#process.stdin?.end();
  }

  #closing(command: string, port: number): Promise<number> {
    this.#say(`${command} ${port}`);
    return new Promise((resolve) => this.#closings.set(port, resolve));
  }

  #say(command: string): void {
    this.#process.stdin?.write(`${command}\n`);
  }

  #take(line: string): void {
    const [what, time = '', of = ''] = line.split(' ');
    const atMs = Number(time) / 1000;
    if (what === 'got') this.#arrivals.push({ atMs, address: parseInt(of, 16) });
    else if (what === 'closed') this.#closings.get(Number(of))?.(atMs);
    else this.#onOpen();
  }
}

import type { Program } from '../common/programs.js';
import type { ProgramResult } from '../common/run-program.js';

/** Everything that set-up and the doctor do to a machine. Tests use a table of files and a function instead. */
export interface Host {
  /** The text of a file, below /proc or elsewhere; undefined if it does not exist. @throws HostError if it cannot be read. */
  read(path: string): Promise<string | undefined>;
  /** The names in a folder; none if it does not exist. @throws HostError if it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** The target of a symbolic link: `net:[4026531840]`; undefined if it cannot be read. */
  link(path: string): Promise<string | undefined>;
  /** Sets a sysctl by its path, which begins with /proc/sys/. Rejects as node:fs does. */
  write(path: string, text: string): Promise<void>;
  /**
   * Opens a TCP connection and closes it. Undefined when it was accepted, otherwise why not: `ECONNREFUSED`, `ETIMEDOUT` after
   * the timeout, `EHOSTUNREACH` …
   */
  probeTcp(address: string, port: number, timeoutMs: number): Promise<string | undefined>;
  /** Runs a program without a shell; undefined if it is not installed. */
  run(
    program: Program,
    words: readonly string[],
    input?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<ProgramResult | undefined>;
}

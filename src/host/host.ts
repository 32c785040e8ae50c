import type { Program } from '../common/programs.js';
import type { ProgramResult } from '../common/run-program.js';

/** All that is touched of a machine by who sets it up or examines it; a test has a table of files and a function. */
export interface Host {
  /** The text of a file of the system, below /proc or elsewhere; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** The names in a folder; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Where a symbolic link points to, as `net:[4026531840]`; undefined when it cannot be seen. */
  link(path: string): Promise<string | undefined>;
  /** Writes a file of the kernel's settings, below /proc/sys. Rejects as node:fs does. */
  write(path: string, text: string): Promise<void>;
  /**
   * Opens a TCP connection and closes it. Undefined when it was taken, and else why not: `ECONNREFUSED`, `ETIMEDOUT` after
   * the deadline, `EHOSTUNREACH` …
   */
  probeTcp(address: string, port: number, deadlineMs: number): Promise<string | undefined>;
  /** Runs a program, without a shell; undefined when it is not installed. */
  run(
    program: Program,
    words: readonly string[],
    input?: string,
  ): Promise<ProgramResult | undefined>;
}

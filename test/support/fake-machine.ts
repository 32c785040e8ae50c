import type { ProgramResult } from '../../src/common/run-program.js';
import type { Host } from '../../src/host/host.js';
import type { Program } from '../../src/common/programs.js';

export interface FakeMachine extends Host {
  /** Every file by its path; a test may change them. */
  readonly files: Map<string, string>;
  /** What was written and started, in order: `write PATH VALUE`, `ip WORDS`. */
  readonly deeds: string[];
  /** What was read, in order: a path. */
  readonly reads: string[];
}

export interface FakeMachineOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** What a program says; undefined when it is not installed. By default none is. */
  readonly run?: (
    program: Program,
    words: readonly string[],
    input: string,
  ) => ProgramResult | string | undefined;
  /** What takes connections: `192.0.2.1 80`; all else refuses. */
  readonly open?: readonly string[];
  /** An error for a setting that cannot be written. */
  readonly refuse?: (path: string) => Error | undefined;
}

/** A machine that is a table of files and a function. */
export function fakeMachine({
  files: initial = {},
  links = {},
  run,
  open = [],
  refuse,
}: FakeMachineOptions = {}): FakeMachine {
  const files = new Map(Object.entries(initial));
  const deeds: string[] = [];
  const reads: string[] = [];
  return {
    files,
    deeds,
    reads,
    read: (path) => {
      reads.push(path);
      return Promise.resolve(files.get(path));
    },
    list: (folder) => {
      reads.push(folder);
      return Promise.resolve(namesIn(folder, [...files.keys(), ...Object.keys(links)]));
    },
    link: (path) => Promise.resolve(links[path]),
    write: (path, text) => {
      const error = refuse?.(path);
      if (error !== undefined) return Promise.reject(error);
      deeds.push(`write ${path} ${text}`);
      files.set(path, `${text}\n`);
      return Promise.resolve();
    },
    probeTcp: (address, port) =>
      Promise.resolve(open.includes(`${address} ${port}`) ? undefined : 'ECONNREFUSED'),
    run: (program, words, input = '') => {
      deeds.push([program, ...words].join(' '));
      const said = run?.(program, words, input);
      return Promise.resolve(
        typeof said === 'string' ? { status: 0, stdout: said, stderr: '' } : said,
      );
    },
  };
}

function namesIn(folder: string, paths: readonly string[]): string[] {
  const prefix = `${folder.replace(/\/$/, '')}/`;
  const inside = paths.filter((path) => path.startsWith(prefix));
  return [...new Set(inside.map((path) => path.slice(prefix.length).split('/')[0] ?? ''))];
}

import { readFileSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { errorText } from '../common/system-errors.js';
import type { Io, TerminalSize, TextSink } from './io.js';
import { exitStatus } from './exit-status.js';
import { systemResolver } from './main-resolver.js';

/**
 * Runs a command as this process: its arguments, its streams, its exit status.
 * @param program its name, for complaints.
 * @param failed the exit status when the output cannot be written, and for unexpected errors.
 */
export async function main(
  program: string,
  failed: number,
  run: (words: readonly string[], io: Io) => Promise<number>,
): Promise<void> {
  const output = sink(1, (error) => endUnwritten(program, failed, error));
  // Nobody reads them, as after a terminal has gone: no reason to leave work half done.
  const complaints = sink(2, () => undefined);
  const io: Io = {
    stdin: { [Symbol.asyncIterator]: readStandardInput },
    terminal: async () => {
      // Loading it costs many milliseconds.
      const { isatty } = await import('node:tty');
      return isatty(2) ? complaints : undefined;
    },
    screen,
    colours,
    screenOpener: async () => (await import('./main-screen.js')).screenOpener(),
    interruption,
    daemon: async () => (await import('./main-daemon.js')).daemonProcess(),
    stdout: output,
    stderr: complaints,
    resolver: systemResolver,
    superuser: process.geteuid?.() === 0,
  };
  try {
    process.exitCode = await run(process.argv.slice(2), io);
  } catch (error) {
    // Unexpected: print the message only, since the stack trace of a bundle is useless to users.
    complain(program, errorText(error));
    process.exitCode = failed;
  }
  // Look-ups that were given up, and input that nobody reads any more, must not keep the process.
  process.exit();
}

async function screen(): Promise<TerminalSize | undefined> {
  const { isatty } = await import('node:tty');
  if (!isatty(1)) return undefined;
  const { columns, rows } = process.stdout;
  // A terminal that does not know its size says 0.
  return { columns: columns || DEFAULT_SIZE.columns, rows: rows || DEFAULT_SIZE.rows };
}

const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 };

/** https://no-color.org, and FORCE_COLOR as most programs of Node take it. */
async function colours(): Promise<boolean> {
  const { FORCE_COLOR = '', NO_COLOR = '', TERM } = process.env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  const { isatty } = await import('node:tty');
  return isatty(1) && TERM !== 'dumb';
}

const READ_BYTES = 64 * 1024;

/**
 * Reads at once: the process's own stream costs milliseconds and threads, and takes a folder for an empty file: a restore
 * from that would clear the table. Where there is nothing yet and nobody may wait (EAGAIN), it is left to the stream.
 */
async function* readStandardInput(): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  for (;;) {
    let length: number;
    try {
      length = readSync(0, buffer);
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EAGAIN') throw error;
      for await (const piece of process.stdin) yield piece as Uint8Array;
      return;
    }
    if (length === 0) return;
    yield buffer.subarray(0, length);
  }
}

/** 128 and the signal's number, as shells report it. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(128 + constants.signals[name]);
    });
  }
  return controller.signal;
}

/**
 * Writes to a file descriptor of the process, at once: the streams of process would cost milliseconds at each start. One
 * that is set to non-blocking and full is left to its stream, which waits.
 */
function sink(descriptor: 1 | 2, fail: (error: unknown) => void): TextSink {
  let stream: NodeJS.WriteStream | undefined;
  const write = (bytes: Uint8Array): void | Promise<void> => {
    let written = 0;
    try {
      while (stream === undefined && written < bytes.length) {
        written += writeSync(descriptor, bytes, written);
      }
      if (stream === undefined) return undefined;
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EAGAIN') {
        fail(error);
        return undefined;
      }
      stream = descriptor === 1 ? process.stdout : process.stderr;
    }
    return writeAll(stream, bytes.subarray(written), fail);
  };
  // One buffer for all: a listing of thousands of lines leaves no garbage.
  let buffer: Buffer | undefined;
  return {
    write: (text) => {
      if (text.length * LONGEST_CHARACTER > BUFFER_BYTES) return write(Buffer.from(text));
      buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
      return write(buffer.subarray(0, buffer.write(text)));
    },
  };
}

/** Room for what is collected before it is written, at the most bytes that UTF-8 has for a unit of text. */
const BUFFER_BYTES = 128 * 1024;
const LONGEST_CHARACTER = 3;

function writeAll(
  stream: NodeJS.WriteStream,
  bytes: Uint8Array,
  fail: (error: unknown) => void,
): Promise<void> {
  return new Promise((resolve) => {
    stream.write(bytes, (error) => {
      if (error) fail(error);
      resolve();
    });
  });
}

/** A reader that went away is no fault (`ipvsadm -Ln | head`); a full disk is, and its loss must not go unnoticed. */
function endUnwritten(program: string, failed: number, error: unknown): never {
  if (isSystemError(error) && error.code === 'EPIPE') {
    process.exit(callerIgnoresBrokenPipes() ? exitStatus.done : exitStatus.brokenPipe);
  }
  complain(program, `cannot write: ${errorText(error)}`);
  process.exit(failed);
}

/**
 * Whether the caller ignores SIGPIPE, as systemd does. A C program that inherits this carries on and exits with 0. Node
 * always ignores the signal itself, so the caller's setting is read.
 */
function callerIgnoresBrokenPipes(): boolean {
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'utf8');
    const [, ignored = '0'] = /^SigIgn:\s*([\da-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${ignored}`) >> BigInt(constants.signals.SIGPIPE - 1)) % 2n === 1n;
  } catch {
    return false;
  }
}

/** Says something when nothing else can be counted on. */
function complain(program: string, text: string): void {
  try {
    writeSync(2, `${program}: ${text}\n`);
  } catch {
    // Nobody listens; the exit status still says it.
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

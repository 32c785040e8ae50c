import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { codeOf } from '../common/error-code.js';
import type { TerminalSize } from './io.js';
import type { OpenScreen, Screen, ScreenEvent } from './screen.js';

/** The other screen, without a cursor; what is pasted is marked as such, so that it is not taken for keys. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?2004h\u001B[H\u001B[2J';
const LEAVE = '\u001B[?2026l\u001B[?2004l\u001B[0m\u001B[?25h\u001B[?1049l';

const RETRY_MS = 10;
/** Where nobody reads, the terminal cannot be given back. */
const PATIENCE_MS = 500;
/** A second one must not end the process before the terminal is given back. */
const ENDING = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/** @returns what takes the terminal of this process; undefined when it has none that can show a live view. */
export function screenOpener(): OpenScreen | undefined {
  const { TERM = 'dumb' } = process.env;
  if (!isatty(0) || !isatty(1) || TERM === 'dumb') return undefined;
  return (onEvent) => new ProcessScreen(onEvent);
}

class ProcessScreen implements Screen {
  readonly unicode = hasUnicode();
  readonly #onEvent: (event: ScreenEvent) => void;
  readonly #output = openOutput();
  #isOpen = true;
  #isClosed = false;

  constructor(onEvent: (event: ScreenEvent) => void) {
    this.#onEvent = onEvent;
    process.on('exit', this.#exit);
    process.on('uncaughtExceptionMonitor', this.#close);
    for (const name of ENDING) process.on(name, ignore);
    process.on('SIGTSTP', this.#suspend);
    process.stdout.on('resize', this.#resized);
    process.stdin.on('data', this.#typed).on('end', this.#gone).on('error', this.#gone);
    process.stdout.on('error', this.#gone);
    this.#enter();
  }

  size(): TerminalSize {
    const { columns, rows } = process.stdout;
    // A serial line does not know its size.
    return { columns: columns || 80, rows: rows || 24 };
  }

  write(text: string): void | Promise<void> {
    const bytes = Buffer.from(text);
    const written = this.#attempt(bytes);
    return written < bytes.length ? this.#writeLater(bytes.subarray(written)) : undefined;
  }

  suspend(): void {
    this.#suspend();
  }

  close(): void {
    this.#close();
  }

  /** @returns how much was written: all of it once nobody can read it. */
  #attempt(bytes: Uint8Array): number {
    let written = 0;
    try {
      while (!this.#isClosed && written < bytes.length) {
        written += writeSync(this.#output, bytes, written);
      }
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return written;
      this.#gone();
    }
    return this.#isClosed ? bytes.length : written;
  }

  async #writeLater(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && this.#isOpen) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      rest = rest.subarray(this.#attempt(rest));
    }
  }

  #enter(): void {
    setRawMode(true);
    void this.write(ENTER);
  }

  #leave(): void {
    const bytes = Buffer.from(LEAVE);
    const deadline = performance.now() + PATIENCE_MS;
    let written = this.#attempt(bytes);
    // A process that ends cannot wait for a timer.
    while (written < bytes.length && performance.now() < deadline) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      written += this.#attempt(bytes.subarray(written));
    }
    setRawMode(false);
  }

  readonly #suspend = (): void => {
    if (!this.#isOpen) return;
    this.#leave();
    process.off('SIGTSTP', this.#suspend);
    // The shell waits for all of its job. Where there is no shell to continue it, the kernel does not stop it.
    process.kill(0, 'SIGTSTP');
    process.on('SIGTSTP', this.#suspend);
    this.#enter();
    this.#onEvent({ type: 'redraw' });
  };

  readonly #resized = (): void => {
    this.#onEvent({ type: 'resize' });
  };

  readonly #typed = (bytes: Uint8Array): void => {
    this.#onEvent({ type: 'input', bytes });
  };

  readonly #gone = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onEvent({ type: 'closed' });
  };

  /**
   * Without its terminal the process ends by the signal that says so: Node 20 would abort when it finds at its exit that it
   * cannot reset the terminal.
   */
  readonly #exit = (): void => {
    this.#close();
    if (isatty(0) && isatty(1)) return;
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  };

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#leave();
    this.#isOpen = false;
    process.stdin.pause();
    process.off('SIGTSTP', this.#suspend);
    if (this.#output !== 1) closeSync(this.#output);
  };
}

function ignore(): void {
  // What it means is for the interruption of the command to say.
}

/** A terminal that has gone has no mode. */
function setRawMode(raw: boolean): void {
  try {
    process.stdin.setRawMode(raw);
  } catch {
    // Nothing is left to be set.
  }
}

/**
 * The terminal, opened again so as not to block: one that nobody reads, as after a connection was lost, must not keep the
 * process from ending at a signal. Other processes share standard output itself.
 */
function openOutput(): number {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync('/proc/self/fd/1', O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return 1;
  }
}

/** Whether the locale, as the C library chooses it, is one of UTF-8. */
function hasUnicode(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test([LC_ALL, LC_CTYPE, LANG].find((value) => value) ?? '');
}

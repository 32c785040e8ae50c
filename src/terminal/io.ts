import { TextPieces } from '../common/text-pieces.js';
import type { Resolver } from '../rules/names.js';
import type { OpenScreen } from './screen.js';

/** Where text goes; a promise means that the reader is slow and wants to be waited for. */
export interface TextSink {
  write(text: string): void | Promise<void>;
}

/** How much a terminal shows at once. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a program that stays needs of its process. */
export interface DaemonProcess {
  readonly pid: number;
  /** CLOCK_MONOTONIC. */
  monotonicMs(): number;
  /** CLOCK_BOOTTIME, which goes on while the machine sleeps. */
  bootMs(): number;
  /** Where systemd waits to hear that it is ready; undefined: it does not wait. */
  readonly notifySocket: string | undefined;
  /** How often systemd waits to hear that it lives; undefined: it does not wait. */
  readonly watchdogMs: number | undefined;
  /** Where systemd says that state is kept. */
  readonly stateFolder: string | undefined;
  /**
   * From now on SIGHUP calls back; the first SIGINT or SIGTERM aborts `ended`, the second one `hurried`.
   */
  signals(onHangup: () => void): { readonly ended: AbortSignal; readonly hurried: AbortSignal };
}

/** All that the command touches of its process. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Where long work may show how far it is: standard error when that is a terminal. Asked for only when it is needed. */
  readonly terminal?: () => Promise<TextSink | undefined>;
  /** How large the terminal is that standard output goes to, now; undefined when it goes elsewhere. */
  readonly screen?: () => Promise<TerminalSize | undefined>;
  /** Whether standard output is looked at by somebody who wants colours. Asked for only where there are some. */
  readonly colours?: () => Promise<boolean>;
  /** What takes the terminal for a live view; undefined when the command has none, for keys and for text. */
  readonly screenOpener?: () => Promise<OpenScreen | undefined>;
  /**
   * From now on SIGHUP, SIGINT and SIGTERM abort this signal instead of ending the process. The reason is the exit status.
   */
  readonly interruption?: () => AbortSignal;
  /** What a program that stays needs; undefined when the command cannot stay. */
  readonly daemon?: () => Promise<DaemonProcess>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly resolver: Resolver;
  /** Whether the caller is root: who is not may not load modules. Default true. */
  readonly superuser?: boolean;
}

/** Text below this size is kept until there is more: a listing of thousands of lines is a few hundred writes. */
const WRITE_BYTES = 32 * 1024;

/** Collects lines and writes them in large pieces. */
export class LineWriter {
  /** What is not written yet. Whoever adds to it calls {@link flushIfFull} now and then. */
  readonly text = new TextPieces();
  readonly #sink: TextSink;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  line(text: string): Promise<void> {
    return this.lines(`${text}\n`);
  }

  /** Takes any number of lines, each with its end. */
  async lines(text: string): Promise<void> {
    this.text.add(text);
    await this.flushIfFull();
  }

  /** Writes what was collected once there is enough of it. */
  flushIfFull(): void | Promise<void> {
    if (this.text.length >= WRITE_BYTES) return this.flush();
  }

  async flush(): Promise<void> {
    const text = this.text.take();
    if (text !== '') await this.#sink.write(text);
  }
}

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CommandResult } from '../lab/protocol.js';
import { runProcess } from './run-process.js';
import { PATIENCE_MS } from '../lab/patience.js';

/** Only what hangs comes near. */
export const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };

type Run = (argv: readonly [string, ...string[]]) => Promise<CommandResult>;

export interface TmuxSize {
  readonly columns: number;
  readonly rows: number;
}

/** Runs a program where tmux is: on this machine, by default. */
const onThisMachine: Run = (argv) => runProcess(argv);

/** A shell on a terminal of tmux, which is a real one to whatever runs there. */
export class TmuxTerminal implements AsyncDisposable {
  readonly #run: Run;
  readonly #folder: string;

  private constructor(run: Run, folder: string) {
    this.#run = run;
    this.#folder = folder;
  }

  static async open(
    { columns, rows }: TmuxSize,
    { run = onThisMachine, where = tmpdir() }: { readonly run?: Run; readonly where?: string } = {},
  ): Promise<TmuxTerminal> {
    const { stdout } = await run(['mktemp', '-d', join(where, 'ipvs-tmux.XXXXXX')]);
    const terminal = new TmuxTerminal(run, stdout.trim());
    const size = ['-x', String(columns), '-y', String(rows)];
    const shell = `env PS1='$ ' HISTFILE= bash --norc`;
    await terminal.#tmux('new-session', '-d', ...size, shell);
    await terminal.#tmux('set-option', '-g', 'remain-on-exit', 'off');
    await terminal.sees(/^\$/m);
    return terminal;
  }

  /** A file of the terminal's folder, which the shell can write to. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Types keys by their names in tmux: `Down`, `C-c`; other words as they are. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Types a line, and Enter. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', line);
    await this.press('Enter');
  }

  /** Pastes a text, marked as such where the program wants that. */
  async paste(text: string): Promise<void> {
    await this.#tmux('set-buffer', text);
    await this.#tmux('paste-buffer', '-p');
  }

  async resize({ columns, rows }: TmuxSize): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What the screen shows, without what is blank at the ends of lines. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  async sees(pattern: RegExp): Promise<string> {
    await expect.poll(() => this.screen(), PATIENCE).toMatch(pattern);
    return this.screen();
  }

  async #tmux(...words: readonly string[]): Promise<string> {
    const socket = this.path('socket');
    const env = ['env', 'TERM=xterm-256color', 'LANG=C.UTF-8', 'LC_ALL=C.UTF-8'] as const;
    const { code, stdout, stderr } = await this.#run([
      ...env,
      ...['tmux', '-f', '/dev/null', '-S', socket],
      ...words,
    ]);
    if (code !== 0) throw new Error(`tmux ${words.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Ends whatever the terminal runs: it is closed. */
  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.#run(['rm', '-rf', this.#folder]);
  }
}

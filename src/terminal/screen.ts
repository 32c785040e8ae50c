import type { TerminalSize } from './io.js';

/** What happens on a screen. */
export type ScreenEvent =
  /** Bytes of keys, as the terminal sends them: a key may come in pieces, and several at once. */
  | { readonly type: 'input'; readonly bytes: Uint8Array }
  | { readonly type: 'resize' }
  /** What the terminal shows is lost: it has to be drawn again. */
  | { readonly type: 'redraw' }
  /** Nothing can be typed or shown any more: the terminal has been closed. */
  | { readonly type: 'closed' };

/** A terminal that a command has for itself, until it closes it: its other screen, without echo, keys as they are typed. */
export interface Screen {
  /** Whether characters beyond ASCII can be shown. */
  readonly unicode: boolean;
  size(): TerminalSize;
  /** Writes all of it, or nothing more once the terminal has been closed. A promise: the terminal is slow. */
  write(text: string): void | Promise<void>;
  /** Gives the terminal back and stops the process, as Ctrl-Z does. Comes back when it goes on, with `redraw`. */
  suspend(): void;
  /** Gives the terminal back as it was. Again: does nothing. */
  close(): void;
}

/** Takes the terminal. */
export type OpenScreen = (onEvent: (event: ScreenEvent) => void) => Screen;

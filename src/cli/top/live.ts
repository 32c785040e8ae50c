import { HostError } from '../../host/host-error.js';
import { isIpvsError } from '../../ipvs/errors.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { KeyReader } from '../../terminal/keys.js';
import type { Key } from '../../terminal/keys.js';
import type { Painter } from '../../terminal/painter.js';
import type { OpenScreen, Screen, ScreenEvent } from '../../terminal/screen.js';
import type { TopAction } from './action.js';
import type { Readings } from './readings.js';
import type { TopState } from './state.js';
import { update } from './update.js';
import type { TopEvent } from './update.js';
import { viewLines } from './view.js';

/** When nothing follows in this time, Escape was the key and not the beginning of another. */
const ESCAPE_MS = 50;

interface LiveOptions {
  readonly readings: Readings;
  readonly painter: Painter;
  readonly open: OpenScreen;
  /** Of which the size is not yet known. */
  readonly state: TopState;
  /** How many readings to show; undefined: until it is left. */
  readonly count: number | undefined;
  /** Does what was confirmed. @returns a sentence. @throws CliError, HostError, IpvsError */
  readonly act: (action: TopAction) => Promise<string>;
  /** Its reason is the exit status. */
  readonly interruption: AbortSignal | undefined;
}

/** Shows the table on the terminal until it is left. @returns the exit status. */
export async function watchLive(options: LiveOptions): Promise<number> {
  let view: LiveView | undefined;
  const screen = options.open((event) => view?.onEvent(event));
  try {
    return await new Promise<number>((resolve, reject) => {
      const { interruption } = options;
      const onInterruption = () => {
        resolve(Number(interruption?.reason));
      };
      interruption?.addEventListener('abort', onInterruption);
      view = new LiveView(options, screen, resolve, reject);
      view.start();
      if (interruption?.aborted === true) onInterruption();
    });
  } finally {
    view?.stop();
    screen.close();
  }
}

/** Binds what happens on the screen to the model, and the model to what is drawn. */
class LiveView {
  readonly #screen: Screen;
  readonly #painter: Painter;
  readonly #readings: Readings;
  readonly #act: LiveOptions['act'];
  readonly #end: (status: number) => void;
  readonly #fail: (error: unknown) => void;
  readonly #keys = new KeyReader();
  #state: TopState;
  #readingsLeft: number;
  /** When to read next, by a clock that is never set back. */
  #nextMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #escape: NodeJS.Timeout | undefined;
  #isReading = false;
  #isWriting = false;
  #isStopped = false;

  constructor(
    { readings, painter, state, count, act }: LiveOptions,
    screen: Screen,
    end: (status: number) => void,
    fail: (error: unknown) => void,
  ) {
    this.#screen = screen;
    this.#painter = painter;
    this.#readings = readings;
    this.#act = act;
    this.#state = { ...state, size: screen.size() };
    this.#readingsLeft = count ?? Infinity;
    this.#end = end;
    this.#fail = fail;
  }

  start(): void {
    this.#draw();
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#escape);
  }

  readonly onEvent = (event: ScreenEvent): void => {
    this.#guard(() => {
      switch (event.type) {
        case 'input':
          this.#onKeys(this.#keys.read(event.bytes));
          this.#awaitEscape();
          break;
        case 'redraw':
          this.#painter.forget();
          this.#apply({ type: 'resize', size: this.#screen.size() });
          break;
        case 'resize':
          this.#apply({ type: 'resize', size: this.#screen.size() });
          break;
        case 'closed':
          this.#end(exitStatus.hangup);
      }
    });
  };

  #awaitEscape(): void {
    clearTimeout(this.#escape);
    if (!this.#keys.isWaiting) return;
    this.#escape = setTimeout(() => {
      this.#guard(() => {
        this.#onKeys(this.#keys.flush());
      });
    }, ESCAPE_MS);
  }

  /** Several keys may come at once: they are drawn once. */
  #onKeys(keys: readonly Key[]): void {
    const before = this.#state;
    for (const key of keys) {
      const name = key.type === 'named' ? key.name : undefined;
      if (name === 'ctrl-z') this.#screen.suspend();
      else if (name === 'ctrl-l') this.#painter.forget();
      else this.#state = update(this.#state, { type: 'key', key });
      const { ended } = this.#state;
      if (ended !== undefined) {
        this.#end(ended === 'quit' ? exitStatus.done : exitStatus.interrupted);
        return;
      }
    }
    this.#draw();
    const { opened, isPaused, intervalSeconds, requested } = this.#state;
    if (requested !== undefined) void this.#perform(requested);
    if (opened !== undefined && opened !== before.opened) this.#readOpened(opened);
    if (intervalSeconds !== before.intervalSeconds) {
      this.#nextMs = Math.min(this.#nextMs, performance.now() + intervalSeconds * 1000);
    }
    if (isPaused !== before.isPaused || intervalSeconds !== before.intervalSeconds)
      this.#schedule();
  }

  #apply(event: TopEvent): void {
    this.#state = update(this.#state, event);
    this.#draw();
  }

  #draw(): void {
    // What changes while the terminal is busy is drawn when it has time.
    if (this.#isWriting || this.#isStopped) return;
    const lines = viewLines(this.#state, this.#screen.unicode);
    const text = this.#painter.paint(lines, this.#state.size.columns);
    if (text === '') return;
    const written = this.#screen.write(text);
    if (written === undefined) return;
    this.#isWriting = true;
    const onWritten = () => {
      this.#isWriting = false;
      this.#guard(() => {
        this.#draw();
      });
    };
    written.then(onWritten, this.#fail);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#state.isPaused || this.#isStopped) return;
    this.#timer = setTimeout(
      () => {
        void this.#read();
      },
      Math.max(0, this.#nextMs - performance.now()),
    );
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const intervalMs = this.#state.intervalSeconds * 1000;
    // Readings that were late are not made up for.
    this.#nextMs = Math.max(this.#nextMs + intervalMs, performance.now());
    await this.#show(() => this.#readings.all(this.#state.opened));
    this.#isReading = false;
    this.#readingsLeft -= 1;
    if (this.#readingsLeft <= 0) this.#end(exitStatus.done);
    else this.#schedule();
  }

  /** Does what was confirmed, says what came of it, and shows it. */
  async #perform(action: TopAction): Promise<void> {
    this.#apply({ type: 'begun' });
    let text: string;
    try {
      text = await this.#act(action);
    } catch (error) {
      const isSaid = isIpvsError(error) || error instanceof CliError || error instanceof HostError;
      if (!isSaid) {
        this.#fail(error);
        return;
      }
      // What to do about it is on further lines; there is room for one.
      [text = ''] = error.message.split('\n');
    }
    this.#guard(() => {
      this.#apply({ type: 'done', text });
      this.#nextMs = performance.now();
      this.#schedule();
    });
  }

  #readOpened(key: string): void {
    // The reading that is under way began with another service opened.
    void this.#show(() => this.#readings.opened(key));
  }

  async #show(read: () => Promise<TopEvent>): Promise<void> {
    try {
      this.#apply(await read());
    } catch (error) {
      if (!isIpvsError(error) && !(error instanceof CliError)) {
        this.#fail(error);
        return;
      }
      this.#guard(() => {
        this.#apply({ type: 'problem', text: error.message });
      });
    }
  }

  #guard(work: () => void): void {
    try {
      if (!this.#isStopped) work();
    } catch (error) {
      this.#fail(error);
    }
  }
}

import { startTimeout } from '../../host/timeout.js';
import type { Probe, ProbeOutcome } from './check-type.js';
import { connectionReason, isOwnFault } from './reasons.js';

/** One run of a probe that is under way. */
export interface ProbeRun {
  /** Lets go of all that it holds. Called once, when the outcome is known. */
  release(): void;
  /** What it means that the time is up; without it, that there was no answer. */
  onTimeout?(): ProbeOutcome;
}

export type Settle = (outcome: ProbeOutcome) => void;

/** A probe of which each run begins with `start`, and settles once: by `settle`, by the end of its time, or by `close`. */
export function timedProbe(timeoutMs: number, start: (settle: Settle) => ProbeRun): Probe {
  const underWay = new Set<TimedRun>();
  return {
    run: () =>
      new Promise<ProbeOutcome>((resolve) => {
        const run = new TimedRun(timeoutMs, (outcome) => {
          underWay.delete(run);
          resolve(outcome);
        });
        underWay.add(run);
        run.begin(start);
      }),
    close: () => {
      for (const run of underWay) run.settle(failing('the check has ended'));
    },
  };
}

class TimedRun {
  readonly #onOutcome: Settle;
  readonly #cancelTimeout: () => void;
  #run: ProbeRun | undefined;
  #isOver = false;

  constructor(timeoutMs: number, onOutcome: Settle) {
    this.#onOutcome = onOutcome;
    this.#cancelTimeout = startTimeout(timeoutMs, () => {
      this.settle(this.#run?.onTimeout?.() ?? failing(noAnswer(timeoutMs)));
    });
  }

  begin(start: (settle: Settle) => ProbeRun): void {
    try {
      this.#run = start(this.settle);
      // It may have settled before it could hand over what it holds.
      if (this.#isOver) this.#run.release();
    } catch (error) {
      this.settle(failed(error));
    }
  }

  readonly settle = (outcome: ProbeOutcome): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimeout();
    this.#run?.release();
    this.#onOutcome(outcome);
  };
}

export function failing(reason: string): ProbeOutcome {
  return { passing: false, reason };
}

/** What an error means: that the server fails, or that this machine could not ask. */
export function failed(error: unknown, reasonOf = connectionReason): ProbeOutcome {
  const outcome = failing(reasonOf(error));
  return isOwnFault(error) ? { ...outcome, isInconclusive: true } : outcome;
}

export function passing(reason: string): ProbeOutcome {
  return { passing: true, reason };
}

export function noAnswer(timeoutMs: number): string {
  return `no answer in ${seconds(timeoutMs)}`;
}

/** `2 s`, `0.5 s`. */
export function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

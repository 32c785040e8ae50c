import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test has to say at the end of the run. */
    closingLine?: string;
  }
}

/** Ends the output with `N passed, N failed`, alone on its line. */
export class TotalsReporter implements Reporter {
  #watching = false;

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    const lines = { compared: 0, differing: 0 };
    const closing: string[] = [];
    for (const module of modules) {
      // A file that cannot be loaded has no tests, and must not count as nothing.
      totals.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        totals[test.result().state] += 1;
        const { comparedLines = 0, differingLines = 0, closingLine } = test.meta();
        if (closingLine !== undefined) closing.push(`${closingLine}\n`);
        lines.compared += comparedLines;
        lines.differing += differingLines;
      }
    }
    const skipped = totals.skipped + totals.pending;
    const rest = skipped > 0 ? `, ${skipped} skipped` : '';
    const print = (): void => {
      process.stdout.write(`${closing.join('')}${agreement(lines)}`);
      process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${rest}\n`);
    };
    // The coverage report comes after this.
    if (this.#watching) print();
    else process.once('exit', print);
  }
}

/** How many command lines ours and the genuine program have agreed on; nothing when none was run with both. */
function agreement({ compared, differing }: { compared: number; differing: number }): string {
  if (compared === 0) return '';
  const agreeing = `${compared} command lines run with both programs: ${compared - differing} agree`;
  return differing === 0 ? `${agreeing}\n` : `${agreeing}, ${differing} differ\n`;
}

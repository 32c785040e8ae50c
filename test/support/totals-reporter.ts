import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';

/** Ends the output with `N passed, N failed`, alone on its line. */
export class TotalsReporter implements Reporter {
  #watching = false;

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that cannot be loaded has no tests, and must not count as nothing.
      totals.failed += module.errors().length;
      for (const test of module.children.allTests()) totals[test.result().state] += 1;
    }
    const skipped = totals.skipped + totals.pending;
    const rest = skipped > 0 ? `, ${skipped} skipped` : '';
    const print = (): void => {
      process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${rest}\n`);
    };
    // The coverage report comes after this.
    if (this.#watching) print();
    else process.once('exit', print);
  }
}

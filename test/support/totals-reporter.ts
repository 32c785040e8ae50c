import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';
import { scenarioReport, scenarios, scenariosIn } from './scenarios.js';
import type { Tally } from './scenarios.js';

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
    const tallies = new Map<string, Tally>();
    let long = 0;
    for (const module of modules) {
      // A file that cannot be loaded has no tests, and must not count as nothing.
      totals.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        if (isLeftOut(test)) long += 1;
        else totals[test.result().state] += 1;
        countScenarios(test, tallies);
        const { comparedLines = 0, differingLines = 0, closingLine } = test.meta();
        if (closingLine !== undefined) closing.push(`${closingLine}\n`);
        lines.compared += comparedLines;
        lines.differing += differingLines;
      }
    }
    // Whoever runs a file or two asks for these alone.
    const played = Object.keys(scenarios).filter((id) => tallies.has(id)).length;
    if (played > Object.keys(scenarios).length / 2) {
      const { text, missing } = scenarioReport(tallies);
      closing.push(text);
      totals.failed += missing;
    }
    if (long > 0) closing.push(`${long} long tests left to \`npm run test:all\`\n`);
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

/** A long test, which `npm test` does not run. */
function isLeftOut(test: TestCase): boolean {
  return test.tags.includes('long') && test.result().state === 'skipped';
}

/** A test counts for every scenario that its name, or that of a group around it, begins with. */
function countScenarios(test: TestCase, tallies: Map<string, Tally>): void {
  const { state } = test.result();
  if (state !== 'passed' && state !== 'failed') return;
  for (const id of new Set(test.fullName.split(' > ').flatMap(scenariosIn))) {
    const tally = tallies.get(id) ?? { passed: 0, failed: 0 };
    tally[state] += 1;
    tallies.set(id, tally);
  }
}

/** How many command lines ours and the genuine program have agreed on; nothing when none was run with both. */
function agreement({ compared, differing }: { compared: number; differing: number }): string {
  if (compared === 0) return '';
  const agreeing = `${compared} command lines run with both programs: ${compared - differing} agree`;
  return differing === 0 ? `${agreeing}\n` : `${agreeing}, ${differing} differ\n`;
}

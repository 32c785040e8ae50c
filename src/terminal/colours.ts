import type { Io } from './io.js';

/** Colours for words that are to catch the eye; text as it is for whoever wants none. */
export interface Colours {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  /** The line that keys act on. */
  readonly selected: (text: string) => string;
}

const plain = (text: string): string => text;

/** @returns what paints for the reader of standard output. */
export async function coloursFor({ colours }: Io): Promise<Colours> {
  if (colours === undefined || !(await colours())) {
    return {
      ...{ good: plain, bad: plain, warning: plain, strong: plain, faint: plain },
      selected: plain,
    };
  }
  // Only views that have colours wait for it to load. What the terminal is has been asked already.
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    good: chalk.green,
    bad: chalk.red,
    warning: chalk.yellow,
    strong: chalk.bold,
    faint: chalk.dim,
    selected: chalk.inverse,
  };
}

import { InvalidArgumentError } from 'commander';
import type { ArgumentSpec } from '../option-spec.js';

/** Services and real servers of the kernel, of the verbs that look at some of them or at all. */
export const selectorsArgument: ArgumentSpec = {
  name: 'selector',
  summary: 'virtual services or real servers (default: all)',
  isRequired: false,
  isVariadic: true,
  completes: 'selector',
};

const SHORTEST_SECONDS = 0.1;
const LONGEST_SECONDS = 86_400;

/** Reads an interval in seconds. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = /^\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (value >= SHORTEST_SECONDS && value <= LONGEST_SECONDS) return value;
  throw new InvalidArgumentError(
    `It must be a number of seconds from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}.`,
  );
}

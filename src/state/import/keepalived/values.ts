import { IpAddress } from '../../../ipvs/model/address.js';
import type { ImportReport } from '../report.js';
import type { Statement } from './tree.js';

/** Reads the words of statements; what cannot be read is reported, and undefined. */

const UNSIGNED = /^\s*\+?(\d{1,10})$/;
/** What a timer can wait. */
const LONGEST = 2_147_483;
const SECONDS = /^\d{0,10}(?:\.\d{0,9})?$/;

export function wordAt(
  statement: Statement,
  index: number,
  report: ImportReport,
): string | undefined {
  const word = statement.words[index];
  if (word === undefined) report.problem(statement, `${statement.keyword}: a value is missing`);
  return word;
}

/** A whole number within a range. */
export function numberAt(
  statement: Statement,
  index: number,
  [least, most]: readonly [number, number],
  report: ImportReport,
): number | undefined {
  const word = wordAt(statement, index, report);
  if (word === undefined) return undefined;
  const value = Number(UNSIGNED.exec(word)?.[1]);
  if (value >= least && value <= most) return value;
  const range = `${least} to ${most}`;
  invalid(statement, `"${word}" is not a whole number from ${range}`, report);
  return undefined;
}

/** A time in seconds, with decimals. */
export function secondsAt(
  statement: Statement,
  index: number,
  report: ImportReport,
): number | undefined {
  const word = wordAt(statement, index, report);
  if (word === undefined) return undefined;
  if (SECONDS.test(word) && /\d/.test(word) && Number(word) <= LONGEST) return Number(word);
  invalid(statement, `"${word}" is not a time in seconds, up to ${LONGEST}`, report);
  return undefined;
}

/** A word that must look like something. */
export function matchingAt(
  statement: Statement,
  [pattern, what]: readonly [RegExp, string],
  report: ImportReport,
): string | undefined {
  const word = wordAt(statement, 0, report);
  if (word === undefined || pattern.test(word)) return word;
  invalid(statement, `"${word}" is not ${what}`, report);
  return undefined;
}

/** Yes without a word; else what the word says. */
export function flagAt(statement: Statement, index: number, report: ImportReport): boolean {
  const word = statement.words[index]?.toLowerCase() ?? 'yes';
  if (['on', 'true', 'yes'].includes(word)) return true;
  if (!['off', 'false', 'no'].includes(word)) {
    invalid(statement, `"${word}" is none of on, off, yes, no`, report);
  }
  return false;
}

/** What keepalived goes on without, so that its table may not be the one that is meant. */
export function invalid(statement: Statement, what: string, report: ImportReport): void {
  report.problem(
    statement,
    `${statement.keyword}: ${what}; keepalived logs this and leaves it out`,
  );
}

/** An address, and a port that may be missing, which is 0. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** The address and the port that begin at a word. */
export function endpointAt(
  statement: Statement,
  index: number,
  report: ImportReport,
): Endpoint | undefined {
  const address = addressAt(statement, index, report);
  const hasPort = statement.words[index + 1] !== undefined;
  const port = hasPort ? numberAt(statement, index + 1, [0, 65_535], report) : 0;
  return address === undefined || port === undefined ? undefined : { address, port };
}

export function addressAt(
  statement: Statement,
  index: number,
  report: ImportReport,
): IpAddress | undefined {
  const word = wordAt(statement, index, report);
  if (word === undefined) return undefined;
  const address = IpAddress.tryParse(word);
  if (address === undefined) {
    invalid(
      statement,
      `"${word}" is not an IPv4 or IPv6 address, and keepalived takes no names`,
      report,
    );
  }
  return address;
}

/** Bytes in hexadecimal digits. A word with an odd number of digits ends with half a byte. `x`: any digit, where allowed. */
export function hexBytes(words: readonly string[], isWildAllowed: boolean): string | undefined {
  const digits = isWildAllowed ? /^[\da-fx]+$/i : /^[\da-f]+$/i;
  if (words.length === 0 || !words.every((word) => digits.test(word))) return undefined;
  return words
    .flatMap((word) => word.toLowerCase().match(/..?/g) ?? [])
    .map((byte) => byte.padStart(2, '0'))
    .join('');
}

import { createHash } from 'node:crypto';
import { isRecord } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';

/** A longer text is replaced by its digest: there may be ten thousands of keys. */
const LONGEST_DIFFERENCE = 120;

/**
 * What distinguishes a check from one of its type for which nothing is set: the empty text where nothing does, so that
 * writing out a default makes no other check.
 */
export function differenceOf(facts: JsonRecord, standard: JsonRecord): string {
  const own = Object.entries(facts).filter(
    ([key, value]) => sortedJson(value) !== sortedJson(standard[key]),
  );
  if (own.length === 0) return '';
  const text = sortedJson(Object.fromEntries(own));
  if (text.length <= LONGEST_DIFFERENCE) return text;
  return createHash('sha256').update(text).digest('base64url');
}

/** A value as JSON in one line, the same for equal objects, in whatever order their keys were written. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    isRecord(one) ? Object.fromEntries(Object.entries(one).sort(byKey)) : one,
  );
}

const byKey = ([one]: [string, unknown], [other]: [string, unknown]): number =>
  one < other ? -1 : 1;

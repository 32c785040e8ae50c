import type { JsonRecord } from '../../common/json.js';
import type { PortNames } from '../selection.js';
import type { Flaws } from './check.js';
import type { DefaultsValue } from './fields.js';

/** What reading a part of a file needs. */
export interface Reading {
  readonly flaws: Flaws;
  readonly ports: PortNames | undefined;
  readonly defaults: DefaultsValue;
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What has been complained about counts as empty. */
export function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** The keys that are for the agent, as they stand there. */
export function picked(value: object, keys: ReadonlySet<string>): JsonRecord {
  const own = Object.entries(value).filter(([key]) => keys.has(key));
  return own.length === 0 ? NOTHING : Object.fromEntries(own);
}

export const NOTHING: JsonRecord = {};

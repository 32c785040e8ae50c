import { shown } from './check.js';
import { offsetIn, repeatedKeys } from './json-places.js';
import { Lines } from './position.js';
import type { Source } from './source.js';

/** Reads JSON; undefined when the text is none. */
export function readJsonSource(text: string): Source | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  let lines: Lines | undefined;
  const positionAt = (offset: number) => (lines ??= new Lines(text)).positionOf(offset);
  return {
    value,
    problems: repeatedKeys(text).map(({ key, offset }) => ({
      position: positionAt(offset),
      message: `the key ${shown(key)} is there already`,
    })),
    positionOf: (path, at) => positionAt(offsetIn(text, path, at)),
  };
}

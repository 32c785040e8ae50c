import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/doctor/checks.js';
import { project } from '../support/sources.js';

/** The laws of the table of what the doctor looks for. */

const folder = join(project, 'test/kernel/doctor');
// One needs a lab of its own.
const files = [...readdirSync(folder), '../no-module.test.ts'];
const tests = files.map((name) => readFileSync(join(folder, name), 'utf8'));
/** The first words of the names of tests. */
const named =
  tests.join('\n').match(/(?<=^\s*test(?:\.\w+\([^)]*\))?\(\s*['`])[a-z-]+(?=: )/gm) ?? [];

test('ids are unique, and of words and hyphens', () => {
  const ids = checks.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.filter((id) => !/^[a-z]+(?:-[a-z]+)*$/.test(id))).toEqual([]);
});

describe.each(checks)('$id', ({ id, title, why }) => {
  test('is caused and fixed in the lab by a test of its name', () => {
    expect(named).toContain(id);
  });

  test('has a title and an explanation that are sentences', () => {
    expect(title).toMatch(/^[A-Z0-9].*[^.]$/);
    expect(why).toMatch(/^[A-Z0-9].*\.$/);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/common/json.js';

test('writes a counter above 2⁵³ in full', () => {
  expect(jsonText({ bytes: 2n ** 64n - 1n, list: [1n] })).toBe(
    '{\n  "bytes": 18446744073709551615,\n  "list": [\n    1\n  ]\n}',
  );
});

test('leaves out what is undefined, and asks values for their own JSON', () => {
  const value = { toJSON: () => ({ address: '192.0.2.1', port: undefined }) };
  expect(jsonText({ value })).toBe(JSON.stringify({ value }, undefined, 2));
});

test('writes everything else as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonText(value)).toBe(JSON.stringify(value, undefined, 2));
    }),
  );
});

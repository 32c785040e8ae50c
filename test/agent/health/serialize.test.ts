import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CheckHealth } from '../../../src/agent/health/health.js';
import { formatHealth, parseHealth } from '../../../src/agent/health/serialize.js';
import type { SavedHealth } from '../../../src/agent/health/serialize.js';
import { at, check, passed, server, service } from './fixtures.js';
import { Scene } from './scene.js';

function saved(): SavedHealth {
  const config = service([server(1, [check('a')]), server(2, [check('b')])], {
    slowStartMs: 30_000,
  });
  const scene = new Scene(config).fail(1, 2);
  scene.decide();
  scene.pass(1).result('b', passed(0, { request: { kind: 'share', percent: 50 } }));
  scene.override(2, 'maintenance');
  const { memory } = scene.decide();
  const checks = new Map<string, CheckHealth>([
    ...scene.checks,
    ['c', { verdict: 'assumed', contrary: 1, last: undefined }],
  ]);
  return { at: at(7), services: new Map([[config.key, memory]]), checks };
}

test('what is written is read again', () => {
  expect(parseHealth(formatHealth(saved()))).toEqual(saved());
});

test('a reason is cut where it is too long', () => {
  const reason = 'x'.repeat(100_000);
  const checks = new Map<string, CheckHealth>([
    ['a', { verdict: 'passing', contrary: 0, last: passed(0, { reason }) }],
  ]);
  const read = parseHealth(formatHealth({ ...saved(), checks }));
  expect(read?.checks.get('a')?.last?.reason).toBe('x'.repeat(1000));
});

const text = formatHealth(saved());

test.each([
  ['nothing', ''],
  ['text that is no JSON', '{"version":1,'],
  ['a list', '[]'],
  ['another version', text.replace('"version":1', '"version":2')],
  ['a file without the time', text.replace('"at":{"m', '"no":{"m')],
  ['a state that there is not', text.replaceAll('"maintenance"', '"gone"')],
  ['a verdict that there is not', text.replace('"assumed"', '"maybe"')],
  ['a count that is none', text.replace('"contrary":1', '"contrary":-1')],
  ['a time that is none', text.replace(/"sinceWallMs":\d+/, '"sinceWallMs":1e99')],
  ['a time that is text', text.replace(/"failedAtMs":\d+/, '"failedAtMs":"x"')],
  ['a server that is there twice', text.replace('10.0.0.2:80', '10.0.0.1:80')],
  ['a reason that is no text', text.replace('"reason":"new memory"', '"reason":7')],
  ['a request that there is not', text.replaceAll('"kind":"share"', '"kind":"more"')],
  ['a request for less than nothing', text.replaceAll('"percent":50', '"percent":-1')],
])('%s is nothing that can be taken up', (_what, damaged) => {
  expect(damaged).not.toBe(text);
  expect(parseHealth(damaged)).toBeUndefined();
});

test('no damage makes it fail', () => {
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(text.length), fc.string(), (from, to, inserted) => {
      const damaged = text.slice(0, Math.min(from, to)) + inserted + text.slice(Math.max(from, to));
      const read = parseHealth(damaged);
      // What can still be read can be written.
      if (read !== undefined) expect(parseHealth(formatHealth(read))).toEqual(read);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.json(), (any) => {
      expect(parseHealth(any)).toBeUndefined();
    }),
  );
});

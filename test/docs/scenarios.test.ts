import { expect, test } from 'vitest';
import { scenarioReport, scenarios, scenariosIn } from '../support/scenarios.js';

test('a test says by its name which scenarios it plays', () => {
  expect(scenariosIn('S22: NAT with another port')).toEqual(['S22']);
  expect(scenariosIn('S29, S30: turns')).toEqual(['S29', 'S30']);
  expect(scenariosIn('SCTP: S1')).toEqual([]);
});

test('the report has a line for each scenario, and counts those that were not run', () => {
  const some = new Map([
    ['S1', { passed: 2, failed: 0 }],
    ['S2', { passed: 2, failed: 1 }],
  ]);
  const { text, missing } = scenarioReport(some);
  const lines = text.trimEnd().split('\n').slice(1);
  expect(lines).toHaveLength(Object.keys(scenarios).length);
  expect(lines[0]).toBe('S1  passed 2     is IPVS there; versions');
  expect(lines[1]).toBe('S2  FAILED 1     virtual services: add, edit, delete, clear');
  expect(lines[2]).toBe('S3  NOT RUN      real servers: add, edit, delete');
  expect(lines[57]).toBe('S58 left out     data behind the service: advice, nothing to run');
  const leftOut = Object.values(scenarios).filter((one) => one.leftOut !== undefined).length;
  expect(missing).toBe(lines.length - leftOut - 2);
});

import { expect, test } from 'vitest';
import { runChecks } from '../../src/doctor/examine.js';
import { reportJson, reportText } from '../../src/doctor/report.js';
import { serviceEmpty } from '../../src/doctor/checks/services.js';
import { CheckSkipped } from '../../src/doctor/check.js';
import type { Check } from '../../src/doctor/check.js';
import { hostCall } from '../../src/host/host-error.js';
import type { Colours } from '../../src/terminal/colours.js';
import { factsOf } from '../support/doctor-facts.js';
import type { Known } from '../support/doctor-facts.js';
import { fakeMachine } from '../support/fake-machine.js';
import { ipvs } from '../support/ipvs-command.js';

const EVERYTHING = { active: false, ignored: new Set<string>() };
const noInterfaces = () => '';
const plain = (text: string): string => text;
const paint: Colours = {
  ...{ good: plain, bad: plain, warning: plain, strong: plain, faint: plain },
  selected: plain,
};

test('of one thing in seven places five are shown, and JSON has them all', async () => {
  const services = [1, 2, 3, 4, 5, 6, 7].map((firewallMark) => ({ service: { firewallMark } }));
  const snapshot = factsOf({ services, run: noInterfaces });
  const report = await runChecks([serviceEmpty], snapshot, EVERYTHING);
  expect(reportText(report, paint).match(/^ {2}- .*/gm)).toEqual([
    ...[1, 2, 3, 4, 5].map((mark) => `  - mark:${mark}: no real servers`),
    '  - and 2 more: ipvs doctor --json',
  ]);
  const json = reportJson(report);
  expect(json.findings[0]?.occurrences).toHaveLength(7);
});

test('five places are shown without a word of more', async () => {
  const services = [1, 2, 3, 4, 5].map((firewallMark) => ({ service: { firewallMark } }));
  const snapshot = factsOf({ services, run: noInterfaces });
  const text = reportText(await runChecks([serviceEmpty], snapshot, EVERYTHING), paint);
  expect(text.match(/^ {2}- .*/gm)).toHaveLength(5);
});

test('the last line counts findings, checks and skipped checks, and says what the machine is', async () => {
  const lastLine = async (checks: readonly Check[], services: Known['services'] = []) => {
    const report = await runChecks(checks, factsOf({ services, run: noInterfaces }), EVERYTHING);
    return reportText(report, paint).trimEnd().split('\n').at(-1);
  };
  const services = [{ service: { firewallMark: 1 } }];
  const failing: Check = {
    ...serviceEmpty,
    run: () => Promise.reject(new CheckSkipped('No right to look.')),
  };
  expect(await lastLine([serviceEmpty, failing], services)).toBe(
    '1 finding in 2 checks, 1 skipped. This machine is a director.',
  );
  const always: Check = { ...serviceEmpty, role: 'any' };
  expect(await lastLine([always])).toBe(
    'Nothing found in 1 check. This machine is neither a director nor a real server: if it is to be one, say which with --role.',
  );
});

test('without the program ip the director is looked at, and the real server is not', async () => {
  const asRealServer: Check = { ...serviceEmpty, id: 'for-real-servers', role: 'real server' };
  const snapshot = factsOf({
    services: [{ service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } }],
  });
  const { findings, skipped } = await runChecks([serviceEmpty, asRealServer], snapshot, EVERYTHING);
  expect(findings.map(({ check: { id } }) => id)).toEqual(['service-empty']);
  expect(skipped.map(({ check: { id }, reason }) => [id, reason])).toEqual([
    ['for-real-servers', 'The program ip is not installed: install the package iproute2'],
  ]);
});

test('a rules file that cannot be read is something that could not be looked at, and no finding', async () => {
  expect(await ipvs(['doctor', '--rules', '/nosuch'], { host: fakeMachine() })).toEqual({
    status: 2,
    stdout: '',
    stderr: 'Cannot read /nosuch: No such file or directory\n',
  });
});

test('a file of the machine that cannot be read is named, in the words of the system', async () => {
  const error = Object.assign(new Error("EACCES: permission denied, open '/x'"), {
    errno: -13,
    code: 'EACCES',
    syscall: 'open',
  });
  const failing: Check = {
    ...serviceEmpty,
    role: 'any',
    run: () => hostCall('cannot read /x', Promise.reject(error)),
  };
  const { skipped } = await runChecks([failing], factsOf({ run: noInterfaces }), EVERYTHING);
  expect(skipped.map(({ reason }) => reason)).toEqual(['cannot read /x: Permission denied']);
});

import { describe, expect, test } from 'vitest';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { checkTypes, prepareProbe } from '../../../src/agent/checks/check-types.js';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { checkTypeFields } from '../../../src/state/file/check-fields.js';
import { parseState } from '../../../src/state/file/parse.js';

test('each type that a state file may name can be checked, and no other', () => {
  const names = checkTypes.map(({ name }) => name).sort();
  expect(names).toEqual(Object.keys(checkTypeFields).sort());
});

test('each type says when it passes', () => {
  for (const { summary } of checkTypes) expect(summary).toMatch(/^[a-z].*[^.]$/);
});

/** What is said of a check that cannot work. */
function complaint(check: object): string {
  const services = [{ service: 'tcp:192.0.2.1:80', check, servers: ['10.0.0.2:80'] }];
  const [config] =
    readAgentConfig(parseState(JSON.stringify({ services }))).services[0]?.servers[0]?.checks ?? [];
  if (config === undefined) throw new Error('there is no check');
  try {
    prepareProbe(config);
  } catch (error) {
    if (error instanceof CheckError) return error.message;
    throw error;
  }
  return '';
}

describe('a check that cannot work is refused before it runs', () => {
  test.each([
    [{ type: 'tcp', expect: '(' }, "the regular expression '('"],
    [{ type: 'http', expectBody: '(?=x)' }, "the regular expression '(?=x)'"],
    [{ type: 'http', expectHeader: { a: '[' } }, "the regular expression '['"],
    [{ type: 'http', headers: { 'a b': '1' } }, '"a b" cannot be the name of a header'],
    [{ type: 'https', ca: '/nowhere/ca.pem' }, 'cannot read /nowhere/ca.pem'],
    [{ type: 'https', ca: '/dev/null' }, 'cannot read /dev/null: it is not a regular file'],
    [{ type: 'https', ca: '/etc' }, 'cannot read /etc: it is not a regular file'],
    [{ type: 'https', ca: '/etc/hostname' }, '/etc/hostname does not hold certificates in PEM'],
    [
      { type: 'https', clientCertificate: '/etc/hostname' },
      '/etc/hostname does not hold a certificate with its key in PEM',
    ],
    [{ type: 'tcp', tls: true, clientCertificate: '/x\u001b' }, 'cannot read /x?: '],
    [{ type: 'smtp', startTls: true, ca: '/nowhere' }, 'cannot read /nowhere'],
  ])('%j', (check, message) => {
    expect(complaint(check)).toContain(message);
  });

  test('files are of no matter without TLS', () => {
    expect(complaint({ type: 'tcp', ca: '/nowhere' })).toBe('');
    expect(complaint({ type: 'smtp', ca: '/nowhere' })).toBe('');
  });
});

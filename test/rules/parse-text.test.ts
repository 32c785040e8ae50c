import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IpAddress } from '../../src/ipvs/model/address.js';
import { formatRules } from '../../src/rules/format-rules.js';
import { parseRule, parseRules, RulesError } from '../../src/rules/parse-text.js';
import { tableFrom } from '../../src/state/wanted-table.js';
import { arbitraryTable } from '../support/arbitrary-table.js';

/** The faults of a text, as line and reason. */
function faultsOf(text: string): readonly (readonly [number, string])[] {
  try {
    parseRules(text);
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    return error.faults.map(({ line, reason }) => [line, reason]);
  }
  return [];
}

describe('parsing rules', () => {
  test('gives an operation for each line, and passes over comments and empty lines', () => {
    const text = '# web\n\n-A -t 192.0.2.1:80 -s rr\r\nipvsadm -C\n  -D -f 7\n-Z\n';
    expect(parseRules(text).map(({ type }) => type)).toEqual([
      'addService',
      'flush',
      'deleteService',
      'zeroAll',
    ]);
  });

  test('gives nothing for a text without rules', () => {
    expect(parseRules('')).toEqual([]);
  });

  test('reports every line that is not a rule, with its number', () => {
    const text = '-A -t 192.0.2.1:80\n-A -t 192.0.2.1\u00df:80\n\n-a -t 192.0.2.1:80\n';
    expect(faultsOf(text)).toEqual([
      [2, 'illegal virtual server address[:port] specified'],
      [4, "You need to supply the 'real-server' option for the 'add-server' command"],
    ]);
  });

  test.each(['--set 900 120 300', '--start-daemon master', '-Ln', '-S'])(
    'refuses %s, which does not concern the table',
    (rule) => {
      expect(faultsOf(rule)).toEqual([[1, 'a rule of the table is expected']]);
    },
  );

  test('shows in its message the lines with what is wrong, without control characters', () => {
    expect(() => parseRules('-A -t 192.0.2.1:80 -s rr\n-D -f \u001b[2J')).toThrow(
      "line 2: invalid fwmark value `?[2J' specified\n  -D -f ?[2J",
    );
  });

  test('knows no names unless it is given some', () => {
    const rule = '-A -t www.example.com:http';
    expect(faultsOf(rule)).toHaveLength(1);
    const names = { host: () => IpAddress.parse('192.0.2.1'), port: () => 80 };
    expect(parseRules(rule, { names })).toMatchObject([
      { type: 'addService', service: { protocol: 'tcp', port: 80 } },
    ]);
  });

  test('reads what was formatted as the table it was', () => {
    fc.assert(
      fc.property(arbitraryTable, (table) => {
        const text = formatRules(
          table.map(({ service, destinations }) => ({ ...service, destinations })),
        );
        expect(formatRules(tableFrom(parseRules(text)))).toBe(text);
      }),
    );
  });
});

describe('parsing one rule', () => {
  test('gives its operation', () => {
    expect(parseRule('-d -t 192.0.2.1:80 -r 10.0.0.2')).toMatchObject({
      type: 'deleteDestination',
      destination: { port: 80 },
    });
  });

  test.each(['', '  # nothing'])('refuses %j, in which there is none', (text) => {
    expect(() => parseRule(text)).toThrow('there is no rule');
  });
});

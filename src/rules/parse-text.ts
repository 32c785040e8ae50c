import type { Operation } from '../ipvs/client/operations.js';
import type { Names } from './grammar/parsed-options.js';
import { readRule, refusal } from './parse-rules.js';

/** How to parse rules. */
export interface ParseRulesOptions {
  /**
   * Looks up names of hosts and ports. Default: none, so that a rule with a name in it is an error. `ipvsadm-save -n` writes
   * numbers only.
   */
  readonly names?: Names | undefined;
}

/** A line that is not a rule, and why. */
export interface RuleFault {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** In the words of ipvsadm: `invalid scheduler flag \`x'`. */
  readonly reason: string;
}

/**
 * Lines that are not rules, all of them. The message names each with its number.
 *
 * @example
 * ```ts
 * import { parseRules, RulesError } from 'ipvs/rules';
 *
 * try {
 *   parseRules('-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -w 1\n');
 * } catch (error) {
 *   if (!(error instanceof RulesError)) throw error;
 *   const [fault] = error.faults;
 *   console.log(fault?.line, fault?.reason); // 2 You need to supply the 'real-server' option for the 'add-server' command
 * }
 * ```
 */
export class RulesError extends Error {
  declare readonly name: 'RulesError';
  readonly faults: readonly RuleFault[];

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'RulesError' });
  }

  constructor(faults: readonly RuleFault[]) {
    super(
      faults.map(({ line, text, reason }) => refusal({ number: line, text }, reason)).join('\n'),
    );
    this.faults = faults;
  }
}

const NUMBERS_ONLY: Names = { host: () => undefined, port: () => undefined };

/**
 * Parses the rules of a table, as `ipvsadm-save -n` writes them and `ipvsadm-restore` reads them: a command of ipvsadm(8) a
 * line, `-A`, `-a`, `-E`, `-e`, `-D`, `-d`, `-C` or `-Z`. Empty lines and lines that begin with `#` are passed over. Pure:
 * `IpvsClient.batch` carries the operations out.
 * @throws RulesError when a line is not such a rule; what concerns timeouts and sync daemons, not the table, is none.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { parseRules } from 'ipvs/rules';
 *
 * const rules = `
 *   -A -t 192.0.2.1:80 -s wrr
 *   -a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3
 * `;
 * await using client = await IpvsClient.open();
 * const { applied } = await client.batch(parseRules(rules));
 * console.log(applied); // 2
 * ```
 */
export function parseRules(text: string, options: ParseRulesOptions = {}): Operation[] {
  const operations: Operation[] = [];
  const faults: RuleFault[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const rule = readOperation(line, options);
    if (typeof rule === 'string') faults.push({ line: index + 1, text: line, reason: rule });
    else if (rule !== undefined) operations.push(rule);
  }
  if (faults.length > 0) throw new RulesError(faults);
  return operations;
}

/**
 * Parses one rule; the word `ipvsadm` before it does not matter.
 * @throws RulesError when the text is not a rule of the table.
 *
 * @example
 * ```ts
 * import { parseRule } from 'ipvs/rules';
 *
 * const rule = parseRule('ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 0');
 * console.log(rule.type); // replaceDestination
 * ```
 */
export function parseRule(text: string, options: ParseRulesOptions = {}): Operation {
  const rule = readOperation(text, options) ?? 'there is no rule';
  if (typeof rule === 'string') throw new RulesError([{ line: 1, text, reason: rule }]);
  return rule;
}

/** What a line asks for, or what is wrong with it; undefined for an empty line and a comment. */
function readOperation(
  text: string,
  { names = NUMBERS_ONLY }: ParseRulesOptions,
): Operation | string | undefined {
  const read = readRule({ number: 1, text }, names);
  if (read === undefined) return undefined;
  if (read === 'lookup') return 'a host name was not looked up';
  if ('complaint' in read) return read.complaint;
  return 'operation' in read.invocation
    ? read.invocation.operation
    : 'a rule of the table is expected';
}

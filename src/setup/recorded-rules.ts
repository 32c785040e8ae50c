import type { ChangeInvocation } from '../rules/invocation.js';
import type { Names } from '../rules/grammar/parsed-options.js';
import { isForKernel } from '../rules/parse-rules.js';
import { parse } from '../rules/parse.js';
import { WantedTable } from '../state/table.js';
import type { WantedService } from '../state/table.js';
import { CliError } from '../terminal/cli-error.js';
import type { State } from './step.js';

/** The rules of a journal, and the commands that are rules, as values. */

/** The service that rules of a journal add to an empty table; undefined for no rules. @throws CliError */
export function serviceFromRules(rules: State, names: Names): WantedService | undefined {
  const table = new WantedTable();
  for (const rule of rules) {
    const invocation = invocationOf(rule.split(' '), names);
    if ('operation' in invocation) table.apply(invocation.operation);
  }
  return table.services()[0];
}

/** The change that the words of a rule ask for. @throws CliError when they are not such a rule. */
export function invocationOf(words: readonly string[], names: Names): ChangeInvocation {
  const parsed = parse(words, names);
  if (parsed.kind === 'invocation' && isForKernel(parsed.invocation)) {
    const { invocation } = parsed;
    if (invocation.command !== 'list' && invocation.command !== 'save') return invocation;
  }
  throw new CliError(`not a rule: ${words.join(' ')}`);
}

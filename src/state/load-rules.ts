import { formatDestinationId, toDestinationId } from '../ipvs/model/destination.js';
import type { Operation } from '../ipvs/client/operations.js';
import { formatServiceId, toServiceId } from '../ipvs/model/service.js';
import { findFaults } from '../rules/parse-rules.js';
import type { Fault, ReadContext, Rule, RuleLine } from '../rules/parse-rules.js';
import { readRulesFile } from '../rules/rules-file.js';
import { WantedTable } from './table.js';
import type { WantedService } from './table.js';

/** What the rules of a file come to. */
export interface LoadedRules {
  readonly services: readonly WantedService[];
  /** The lines that services and real servers come from, by the texts of {@link keyOf}. Made when it is asked for. */
  readonly lines: () => ReadonlyMap<string, RuleLine>;
  /** Rules that are about something else than the table: timeouts, daemons. */
  readonly others: readonly Rule[];
  /** Rules that contradict those before them. */
  readonly contradictions: readonly Fault[];
}

/** What a file comes to whose lines are carried out in order, as far as they can be. */
export interface LoadedRulesFile extends LoadedRules {
  readonly file: string;
  /** Lines that ask for nothing that can be done. */
  readonly faults: readonly Fault[];
}

/** @throws RuleError when there is no such file, or it cannot be read. */
export async function loadRulesFile(context: ReadContext, file: string): Promise<LoadedRulesFile> {
  const rules: Rule[] = [];
  const faults = await findFaults(context, readRulesFile(file), (rule) => rules.push(rule));
  return { file, faults, ...loadRules(rules) };
}

/** What the rules come to when they are carried out in order. */
export function loadRules(rules: readonly Rule[]): LoadedRules {
  const table = new WantedTable();
  const carriedOut: (readonly [Operation, RuleLine])[] = [];
  const others: Rule[] = [];
  const contradictions: Fault[] = [];
  for (const rule of rules) {
    const { invocation, line } = rule;
    if (!('operation' in invocation) || invocation.command === 'zero') {
      others.push(rule);
      continue;
    }
    const refused = table.apply(invocation.operation);
    if (refused === undefined) carriedOut.push([invocation.operation, line]);
    else contradictions.push({ line, complaint: refused.message });
  }
  let known: ReadonlyMap<string, RuleLine> | undefined;
  const lines = () => (known ??= new Map(carriedOut.map(([one, line]) => [keyOf(one), line])));
  return { services: table.services(), lines, others, contradictions };
}

/** What an operation is about. */
export function keyOf(operation: Operation): string {
  if (!('service' in operation)) return operation.type;
  const service = formatServiceId(toServiceId(operation.service));
  if (!('destination' in operation)) return service;
  return `${service} -> ${formatDestinationId(toDestinationId(operation.destination))}`;
}

import { formatDestinationId, toDestinationId } from '../ipvs/destination.js';
import type { Operation } from '../ipvs/operations.js';
import { formatServiceId, toServiceId } from '../ipvs/service.js';
import { kernelErrorText } from '../ipvsadm/kernel-errors.js';
import { findFaults } from '../ipvsadm/read-rules.js';
import type { Fault, Rule, RuleLine } from '../ipvsadm/read-rules.js';
import type { Session } from '../ipvsadm/session.js';
import { WantedTable } from '../plan/wanted.js';
import type { WantedService } from '../plan/wanted.js';
import { readRulesFile } from './rules-file.js';

/** What the rules of a file come to. */
export interface Folded {
  readonly services: readonly WantedService[];
  /** The line that a service or a real server comes from. */
  readonly lines: ReadonlyMap<string, RuleLine>;
  /** Rules that are about something else than the table: timeouts, daemons. */
  readonly others: readonly Rule[];
  /** Rules that contradict those before them. */
  readonly contradictions: readonly Fault[];
}

/** What a file comes to whose lines are carried out in order, as far as they can be. */
export interface FoldedFile extends Folded {
  readonly file: string;
  /** Lines that ask for nothing that can be done. */
  readonly faults: readonly Fault[];
}

/** @throws Problem when there is no such file, or it cannot be read. */
export async function foldRulesFile(session: Session, file: string): Promise<FoldedFile> {
  const rules: Rule[] = [];
  const faults = await findFaults(session, readRulesFile(file), (rule) => rules.push(rule));
  return { file, faults, ...foldRules(rules) };
}

/** What the rules come to when they are carried out in order. */
function foldRules(rules: readonly Rule[]): Folded {
  const table = new WantedTable();
  const lines = new Map<string, RuleLine>();
  const others: Rule[] = [];
  const contradictions: Fault[] = [];
  for (const rule of rules) {
    const { invocation, line } = rule;
    if (!('operation' in invocation) || invocation.command === 'zero') {
      others.push(rule);
      continue;
    }
    const refused = table.apply(invocation.operation);
    if (refused === undefined) lines.set(keyOf(invocation.operation), line);
    else contradictions.push({ line, complaint: kernelErrorText(invocation.command, refused) });
  }
  return { services: table.services(), lines, others, contradictions };
}

/** What an operation is about. */
export function keyOf(operation: Operation): string {
  if (!('service' in operation)) return operation.operation;
  const service = formatServiceId(toServiceId(operation.service));
  if (!('destination' in operation)) return service;
  return `${service} -> ${formatDestinationId(toDestinationId(operation.destination))}`;
}

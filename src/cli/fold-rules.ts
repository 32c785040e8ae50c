import { formatDestinationId, toDestinationId } from '../ipvs/destination.js';
import type { Operation } from '../ipvs/operations.js';
import { formatServiceId, toServiceId } from '../ipvs/service.js';
import { kernelErrorText } from '../ipvsadm/kernel-errors.js';
import { refusal } from '../ipvsadm/read-rules.js';
import type { Rule, RuleLine } from '../ipvsadm/read-rules.js';
import type { Session } from '../ipvsadm/session.js';
import { WantedTable } from '../plan/wanted.js';
import type { WantedService } from '../plan/wanted.js';

/** What the rules of a file come to. */
export interface Folded {
  readonly services: readonly WantedService[];
  /** The line that a service or a real server comes from. */
  readonly lines: ReadonlyMap<string, RuleLine>;
  /** Rules that are about something else than the table: timeouts, daemons. */
  readonly others: readonly Rule[];
  /** Whether no rule contradicted those before it. */
  readonly well: boolean;
}

/** What the rules come to when they are carried out in order. Those that contradict others are reported. */
export async function foldRules(session: Session, rules: readonly Rule[]): Promise<Folded> {
  const table = new WantedTable();
  const lines = new Map<string, RuleLine>();
  const others: Rule[] = [];
  let well = true;
  for (const rule of rules) {
    const { invocation, line } = rule;
    if (!('operation' in invocation) || invocation.command === 'zero') {
      others.push(rule);
      continue;
    }
    const refused = table.apply(invocation.operation);
    if (refused === undefined) lines.set(keyOf(invocation.operation), line);
    else {
      await session.complain(refusal(line, kernelErrorText(invocation.command, refused)));
      well = false;
    }
  }
  return { services: table.services(), lines, others, well };
}

/** What an operation is about. */
export function keyOf(operation: Operation): string {
  if (!('service' in operation)) return operation.operation;
  const service = formatServiceId(toServiceId(operation.service));
  if (!('destination' in operation)) return service;
  return `${service} -> ${formatDestinationId(toDestinationId(operation.destination))}`;
}

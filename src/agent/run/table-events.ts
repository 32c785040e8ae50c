import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { IpvsError } from '../../ipvs/errors.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { ruleOf } from '../../state/rule-text.js';
import type { PlanStep } from '../../state/plan/plan.js';
import type { NewEvent } from '../control/shapes.js';
import type { Drift } from './drift.js';
import type { ReconcileListener } from './reconciler.js';
import type { Lateness } from './scheduler.js';
import type { TableFailure } from '../../state/plan/send-steps.js';

export interface TableEventsOptions {
  readonly tell: (event: NewEvent) => void;
  /** A service is gone that was to go. */
  readonly forget: (service: string) => void;
  readonly isDry: boolean;
  readonly isOnce: boolean;
}

/** What happens to the table, as events. */
export class TableEvents implements ReconcileListener {
  readonly #options: TableEventsOptions;
  /** What was refused is tried again and again, and is an event once. */
  #refused = new Set<string>();
  /** What a dry run has said already. */
  readonly #said = new Set<string>();
  #steps: readonly PlanStep[] = [];
  /** How many changes of others were repaired. */
  driftRepairs = 0;
  /** How many times the table was written. */
  writes = 0;

  constructor(options: TableEventsOptions) {
    this.#options = options;
  }

  /** What was written since this was asked last, in a run that writes once. */
  takeSteps(): readonly PlanStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  onDrift({ service, server, found }: Drift): void {
    if (!this.#options.isDry) this.driftRepairs += 1;
    const place = { service, ...(server !== undefined && { server }) };
    this.#options.tell({
      type: 'drift',
      severity: 'warning',
      ...place,
      reason: `${found}; ${this.#remedy()}`,
    });
  }

  onWritten(steps: readonly PlanStep[]): void {
    if (!this.#options.isDry) this.writes += 1;
    this.#refused = new Set();
    if (this.#options.isOnce) this.#steps = [...this.#steps, ...steps];
    else if (this.#options.isDry) this.#tellRules(steps);
  }

  #tellRules(steps: readonly PlanStep[]): void {
    const rules = steps.map(({ operation }) => ruleOf(operation));
    for (const rule of rules) {
      if (this.#said.has(rule)) continue;
      this.#said.add(rule);
      this.#options.tell({ type: 'agent', severity: 'info', reason: `would do: ipvsadm ${rule}` });
    }
    for (const rule of this.#said) if (!rules.includes(rule)) this.#said.delete(rule);
  }

  onRefused({ step, error }: TableFailure): void {
    if (this.#refused.has(error.message)) return;
    this.#refused.add(error.message);
    const { service, destination } = step;
    this.#options.tell({
      ...{ type: 'agent', severity: 'error', service: formatServiceId(service) },
      ...(destination !== undefined && { server: formatDestinationId(destination) }),
      reason: error.message,
    });
  }

  onSettingRefused({ message: reason }: IpvsError): void {
    if (this.#refused.has(reason)) return;
    this.#refused.add(reason);
    this.#options.tell({ type: 'agent', severity: 'error', reason });
  }

  onUnreachable(reason: string): void {
    this.#options.tell({ type: 'agent', severity: 'error', to: 'unreachable', reason });
  }

  onReachable(): void {
    const reason = 'the table can be read and written again';
    this.#options.tell({ type: 'agent', severity: 'info', to: 'reachable', reason });
  }

  onUnrecorded(reason: string): void {
    this.#options.tell({ type: 'agent', severity: 'error', reason });
  }

  onGone(service: string): void {
    this.#options.forget(service);
  }

  #remedy(): string {
    return this.#options.isDry ? 'not repaired in a dry run' : 'repaired';
  }
}

/** Where nothing was thrown away, only long times. */
const LONG_MS = 5000;

export function isWorthTelling({ lateMs, discarded }: Lateness): boolean {
  return discarded > 0 || lateMs >= LONG_MS;
}

export function lateText({ kind, lateMs, discarded }: Lateness): string {
  const seconds = (lateMs / 1000).toFixed(1);
  if (kind === 'busy') {
    return `the agent was late by ${seconds} s in all; checks without an answer in that time do not count`;
  }
  return `the agent did not run for ${seconds} s; results thrown away: ${discarded}`;
}

import { printable } from '../../common/printable.js';
import type { AgentConfig, HookConfig } from '../config/config.js';
import type { EventJson, NewEvent } from '../control/shapes.js';
import { HookQueue } from './hook-queue.js';
import { commandTarget, webhookTarget } from './hook-target.js';
import type { HookTarget } from './hook-target.js';

/** How long the last events may take to be delivered when the agent ends. */
const LAST_MS = 2000;

/** Sends events to programs and URLs: those of a service to its own targets, if it has some, all others to those of the file. */
export class Hooks {
  readonly #tell: (event: NewEvent) => void;
  readonly #queues = new Map<string, HookQueue>();
  #common: readonly HookTarget[] = [];
  #own: ReadonlyMap<string, readonly HookTarget[]> = new Map();
  /** Set while a failure of a target is reported: that event is not sent to targets, which would never end. */
  #isTelling = false;

  constructor(tell: (event: NewEvent) => void) {
    this.#tell = tell;
  }

  use({ hooks, services }: AgentConfig): void {
    this.#common = targetsOf(hooks);
    this.#own = new Map(services.map((service) => [service.key, targetsOf(service.hooks)]));
    const used = new Set([this.#common, ...this.#own.values()].flat().map(({ key }) => key));
    for (const [key, queue] of this.#queues) {
      if (used.has(key)) continue;
      queue.stop();
      this.#queues.delete(key);
    }
  }

  onEvent(event: EventJson): void {
    if (this.#isTelling) return;
    const { service } = event;
    const targets = (service !== undefined ? this.#own.get(service) : undefined) ?? this.#common;
    if (targets.length === 0) return;
    const body = JSON.stringify(event);
    for (const target of targets) this.#queueOf(target).add(body);
  }

  /** Stops, after giving queued events a moment to be delivered. */
  async stop(): Promise<void> {
    const queues = [...this.#queues.values()];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MS);
    });
    await Promise.race([Promise.all(queues.map((queue) => queue.idle())), late]);
    clearTimeout(timer);
    for (const queue of queues) queue.stop();
  }

  #queueOf(target: HookTarget): HookQueue {
    const known = this.#queues.get(target.key);
    if (known !== undefined) return known;
    const name = printable(target.name);
    const queue = new HookQueue(target, {
      onFailure: (reason) => {
        this.#say('warning', `${name}: ${reason}; events are lost`);
      },
      onRecovered: (lost) => {
        this.#say('info', `${name} takes events again; lost: ${lost}`);
      },
    });
    this.#queues.set(target.key, queue);
    return queue;
  }

  #say(severity: NewEvent['severity'], reason: string): void {
    this.#isTelling = true;
    try {
      this.#tell({ type: 'agent', severity, reason });
    } finally {
      this.#isTelling = false;
    }
  }
}

function targetsOf({ onChange, webhook }: HookConfig): readonly HookTarget[] {
  return [
    ...(onChange === undefined ? [] : [commandTarget(onChange)]),
    ...(webhook === undefined ? [] : [webhookTarget(webhook)]),
  ];
}

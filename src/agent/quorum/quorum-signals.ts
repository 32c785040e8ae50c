import { errorText } from '../../common/system-errors.js';
import type { IpAddress } from '../../ipvs/model/address.js';
import type { ServiceConfig } from '../config/config.js';
import type { NewEvent } from '../control/shapes.js';
import type { ServiceDecision } from '../health/health.js';
import type { QuorumSystem } from './quorum-system.js';
import type { Readiness } from './readiness.js';

/** An address or a file on this machine that shows whether a quorum is met. */
export type QuorumSignal = {
  readonly isMet: boolean;
  /** The keys of the services that it is about. */
  readonly services: readonly string[];
} & (
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'address'; readonly device: string; readonly address: IpAddress }
);

/**
 * The signals that `announce` and `trackFile` of services ask for, by their address or file. One that several services share
 * shows a met quorum only while the quorum of each of them is met.
 */
export function quorumSignals(
  services: Iterable<ServiceConfig>,
  decisionOf: (key: string) => Pick<ServiceDecision, 'isQuorumMet'> | undefined,
): ReadonlyMap<string, QuorumSignal> {
  const signals = new Map<string, QuorumSignal>();
  const add = (key: string, signal: QuorumSignal) => {
    const other = signals.get(key);
    const isMet = signal.isMet && other?.isMet !== false;
    signals.set(key, {
      ...signal,
      isMet,
      services: [...(other?.services ?? []), ...signal.services],
    });
  };
  for (const { key, announce, trackFile: path } of services) {
    const isMet = decisionOf(key)?.isQuorumMet;
    if (isMet === undefined) continue;
    const common = { isMet, services: [key] };
    if (path !== undefined) add(`file ${path}`, { ...common, kind: 'file', path });
    if (announce !== undefined) {
      const { interface: device, address } = announce;
      add(`address ${address} ${device}`, { ...common, kind: 'address', device, address });
    }
  }
  return signals;
}

export interface QuorumSignalsOptions {
  readonly system: QuorumSystem;
  readonly wanted: () => ReadonlyMap<string, QuorumSignal>;
  readonly readiness: Pick<Readiness, 'isReady' | 'forget'>;
  /** Waits until the table is what has been decided. */
  readonly tableIsWritten: () => Promise<void>;
  readonly tell: (event: NewEvent) => void;
}

/**
 * Keeps files and addresses in step with the quorum of services. Changes are made one at a time, and the latest state wins. A
 * quorum that is lost is shown at once; one that is met, when the table has the servers that are up: clients may come then.
 */
export class QuorumSignals {
  readonly #options: QuorumSignalsOptions;
  /** What has been set. */
  #done = new Map<string, QuorumSignal>();
  readonly #failing = new Set<string>();
  /** Services whose quorum is met, and not shown yet. */
  #waiting: ReadonlySet<string> = new Set();
  #working: Promise<void> | undefined;
  #isAsked = false;
  #isWithdrawn = false;

  constructor(options: QuorumSignalsOptions) {
    this.#options = options;
  }

  /** Sets what has changed. */
  update(): void {
    if (this.#isWithdrawn) return;
    this.#isAsked = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Whether results of a service may be all that it waits for. */
  waitsFor(service: string): boolean {
    return this.#waiting.has(service);
  }

  /** Sets everything again: somebody may have changed it, or what failed before may work now. */
  refresh(): void {
    for (const [key, signal] of this.#options.wanted()) {
      if (this.#done.get(key)?.isMet === signal.isMet) this.#done.delete(key);
    }
    this.update();
  }

  /** Waits for changes in progress. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Shows every quorum as lost, and ignores later updates. */
  async withdraw(): Promise<void> {
    this.#isWithdrawn = true;
    await this.settled();
    for (const [key, signal] of this.#options.wanted())
      await this.#set(key, { ...signal, isMet: false });
  }

  async #work(): Promise<void> {
    while (this.#isAsked) {
      this.#isAsked = false;
      const wanted = this.#options.wanted();
      for (const [key, signal] of this.#done) {
        // A file is left alone: its reader would take a change for a lost quorum.
        if (!wanted.has(key) && signal.kind === 'address' && signal.isMet) {
          await this.#set(key, { ...signal, isMet: false });
        }
        if (!wanted.has(key)) this.#done.delete(key);
      }
      // Also one that was met for a moment and never shown.
      for (const { isMet, services } of wanted.values()) {
        if (!isMet) for (const service of services) this.#options.readiness.forget(service);
      }
      const changed = [...wanted].filter(
        ([key, { isMet }]) => this.#done.get(key)?.isMet !== isMet,
      );
      for (const [key, signal] of changed) {
        if (!signal.isMet) await this.#set(key, signal);
      }
      await this.#show(changed.filter(([, { isMet }]) => isMet));
    }
  }

  /** Shows quorums that are met, as far as that is ready. */
  async #show(met: readonly (readonly [string, QuorumSignal])[]): Promise<void> {
    const { readiness, tableIsWritten } = this.#options;
    const isReady = ({ services }: QuorumSignal) =>
      services.every((service) => readiness.isReady(service));
    const ready = met.filter(([, signal]) => isReady(signal));
    const late = met.filter((one) => !ready.includes(one));
    this.#waiting = new Set(late.flatMap(([, { services }]) => services));
    if (ready.length === 0) return;
    await tableIsWritten();
    const now = this.#options.wanted();
    for (const [key] of ready) {
      const signal = now.get(key);
      if (signal?.isMet === true && isReady(signal)) await this.#set(key, signal);
    }
  }

  async #set(key: string, signal: QuorumSignal): Promise<void> {
    const { system, tell } = this.#options;
    try {
      if (signal.kind === 'file') await system.writeFile(signal.path, signal.isMet ? '0\n' : '1\n');
      else await system.setAddress(signal.device, signal.address, signal.isMet);
      this.#done.set(key, signal);
      for (const service of signal.services) this.#options.readiness.forget(service);
      this.#failing.delete(key);
    } catch (error) {
      if (this.#failing.has(key)) return;
      this.#failing.add(key);
      const what = signal.kind === 'file' ? `trackFile ${signal.path}` : 'announce';
      tell({ type: 'agent', severity: 'error', reason: `${what}: ${errorText(error)}` });
    }
  }
}

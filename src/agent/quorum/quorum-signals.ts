import { errorText } from '../../common/system-errors.js';
import type { IpAddress } from '../../ipvs/model/address.js';
import type { ServiceConfig } from '../config/config.js';
import type { NewEvent } from '../control/shapes.js';
import type { ServiceDecision } from '../health/health.js';
import type { QuorumSystem } from './quorum-system.js';

/** An address or a file on this machine that shows whether a quorum is met. */
export type QuorumSignal =
  | { readonly kind: 'file'; readonly path: string; readonly isMet: boolean }
  | {
      readonly kind: 'address';
      readonly device: string;
      readonly address: IpAddress;
      readonly isMet: boolean;
    };

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
    const isMet = signal.isMet && signals.get(key)?.isMet !== false;
    signals.set(key, { ...signal, isMet });
  };
  for (const { key, announce, trackFile: path } of services) {
    const isMet = decisionOf(key)?.isQuorumMet;
    if (isMet === undefined) continue;
    if (path !== undefined) add(`file ${path}`, { kind: 'file', path, isMet });
    if (announce !== undefined) {
      const { interface: device, address } = announce;
      add(`address ${address} ${device}`, { kind: 'address', device, address, isMet });
    }
  }
  return signals;
}

export interface QuorumSignalsOptions {
  readonly system: QuorumSystem;
  readonly wanted: () => ReadonlyMap<string, QuorumSignal>;
  readonly tell: (event: NewEvent) => void;
}

/** Keeps files and addresses in step with the quorum of services. Changes are made one at a time, and the latest state wins. */
export class QuorumSignals {
  readonly #options: QuorumSignalsOptions;
  /** What has been set. */
  #done = new Map<string, QuorumSignal>();
  readonly #failing = new Set<string>();
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
      for (const [key, signal] of wanted) {
        if (this.#done.get(key)?.isMet !== signal.isMet) await this.#set(key, signal);
      }
    }
  }

  async #set(key: string, signal: QuorumSignal): Promise<void> {
    const { system, tell } = this.#options;
    try {
      if (signal.kind === 'file') await system.writeFile(signal.path, signal.isMet ? '0\n' : '1\n');
      else await system.setAddress(signal.device, signal.address, signal.isMet);
      this.#done.set(key, signal);
      this.#failing.delete(key);
    } catch (error) {
      if (this.#failing.has(key)) return;
      this.#failing.add(key);
      const what = signal.kind === 'file' ? `trackFile ${signal.path}` : 'announce';
      tell({ type: 'agent', severity: 'error', reason: `${what}: ${errorText(error)}` });
    }
  }
}

import { HostSnapshot } from '../host/snapshot.js';
import type { Sysctl, SysctlAssignment } from '../host/sysctl.js';
import { Lazy } from '../common/lazy.js';
import { numericNaming } from '../rules/format-endpoint.js';
import { formatService } from '../rules/format-rules.js';
import type { Names } from '../rules/grammar/parsed-options.js';
import { IpvsSnapshot } from '../state/ipvs-snapshot.js';
import { asWanted } from '../state/table.js';
import type { WantedService } from '../state/table.js';
import type { Session } from '../terminal/session.js';
import { inRuleOrder } from '../state/rule-text.js';

/** What steps are planned from: the machine, its IPVS, and the sysctls that the changes planned so far will set. */
export class SetupSnapshot {
  readonly machine: HostSnapshot;
  readonly ipvs: IpvsSnapshot;
  /** Reads the names in the rules of a journal. */
  readonly names: Names;
  readonly #services = new Lazy(() => this.#readServices());
  readonly #assumed = new Map<Sysctl, string>();

  /** @param mayLoad whether IPVS may be loaded to read its state. Verbs that only read do not load it. */
  constructor(machine: HostSnapshot, session: Pick<Session, 'client' | 'names'>, mayLoad: boolean) {
    this.machine = machine;
    this.ipvs = new IpvsSnapshot(
      () => session.client(),
      async () => mayLoad || (await machine.hasIpvs()),
    );
    this.names = session.names;
  }

  /** The virtual services by their names: `-t 192.0.2.1:80`. Their real servers are in the order of their rules. */
  services(): Promise<ReadonlyMap<string, WantedService>> {
    return this.#services.get();
  }

  async sysctl(path: Sysctl): Promise<string | undefined> {
    return this.#assumed.get(path) ?? (await this.machine.sysctl(path));
  }

  /** Assumes the value that a planned change will set: one sysctl changes others. */
  assume({ path, value }: SysctlAssignment): void {
    this.#assumed.set(path, value);
  }

  dropAssumptions(): void {
    this.#assumed.clear();
  }

  /** Drops what was read of the machine, which was changed. */
  forgetMachine(): void {
    this.machine.forget();
    this.dropAssumptions();
  }

  /** Drops everything that was read. */
  forget(): void {
    this.forgetMachine();
    this.ipvs.forget();
    this.#services.forget();
  }

  async #readServices(): Promise<ReadonlyMap<string, WantedService>> {
    const entries = await this.ipvs.table();
    return new Map(
      entries.map((entry) => {
        const service = inRuleOrder(asWanted(entry));
        return [formatService(service.id, numericNaming), service];
      }),
    );
  }
}

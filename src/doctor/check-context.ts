import { Lazy } from '../common/lazy.js';
import type { Host } from '../host/host.js';
import { processesNamed } from '../host/processes.js';
import type { Process } from '../host/processes.js';
import { HostSnapshot } from '../host/snapshot.js';
import type { LoadedRulesFile } from '../state/load-rules.js';
import { IpvsSnapshot } from '../state/ipvs-snapshot.js';
import type { Session } from '../terminal/session.js';
import { readFirewall } from './firewall/read.js';
import type { Ruleset } from './firewall/rules.js';
import { servedAddresses } from './roles.js';
import { localVirtualAddresses } from './virtual-addresses.js';
import type { LocalVirtualAddress } from './virtual-addresses.js';

/** Programs that move virtual addresses or write the table. */
const CONTROLLERS = new Set([
  ...['keepalived', 'ldirectord', 'kube-proxy', 'kube-router'],
  ...['pacemakerd', 'vrrpd', 'ucarp', 'exabgp'],
]);

export interface CheckOptions {
  readonly session: Pick<Session, 'client'>;
  readonly machine: HostSnapshot;
  /** Virtual addresses that the administrator expects here. */
  readonly virtualAddresses: readonly string[];
  /** Reads the rules file; undefined when there is none. */
  readonly savedRules: () => Promise<LoadedRulesFile | undefined>;
  /** What `ipvs realserver up` was asked for here, if it was: nothing else shows that a machine is a real server of NAT. */
  readonly setUp?: RealServerSetUp | undefined;
  /** What the administrator says this machine is. */
  readonly role?: RoleName | undefined;
}

export type RoleName = 'director' | 'realserver';

export interface RealServerSetUp {
  readonly method: string | undefined;
  readonly virtualAddresses: readonly string[];
}

/** What checks look at: the machine, its IPVS, and what the administrator says of it. Each part is read once. */
export class CheckContext {
  readonly machine: HostSnapshot;
  readonly ipvs: IpvsSnapshot;
  readonly virtualAddresses: readonly string[];
  readonly setUp: RealServerSetUp | undefined;
  readonly role: RoleName | undefined;
  readonly #savedRules: Lazy<LoadedRulesFile | undefined>;
  readonly #accepted = new Lazy(async () =>
    localVirtualAddresses(await this.machine.links(), await this.namedAddresses()),
  );
  readonly #controllers = new Lazy(() => processesNamed(this.host, CONTROLLERS));
  readonly #firewall = new Lazy(() => readFirewall(this.host));
  readonly #isRealServer = new Lazy(
    async () =>
      this.role === 'realserver' ||
      this.setUp !== undefined ||
      (await servedAddresses(this)).length > 0,
  );

  constructor({ session, machine, savedRules, ...known }: CheckOptions) {
    this.machine = machine;
    // Nothing here loads IPVS: a real server does without it.
    this.ipvs = new IpvsSnapshot(
      () => session.client(),
      () => machine.hasIpvs(),
    );
    this.#savedRules = new Lazy(savedRules);
    this.virtualAddresses = known.virtualAddresses;
    this.setUp = known.setUp;
    this.role = known.role;
  }

  get host(): Host {
    return this.machine.host;
  }

  /** The rules file; undefined when there is none. */
  savedRules(): Promise<LoadedRulesFile | undefined> {
    return this.#savedRules.get();
  }

  /** The addresses that this machine accepts packets for as a real server does: on lo, on a tunnel, on a dummy interface. */
  accepted(): Promise<readonly LocalVirtualAddress[]> {
    return this.#accepted.get();
  }

  /** The addresses of `--vip` that this machine is to have as a real server; a director has its own in other ways. */
  async namedAddresses(): Promise<readonly string[]> {
    return this.role !== 'realserver' && (await this.isDirector()) ? [] : this.virtualAddresses;
  }

  /** The programs running here that move virtual addresses or write the table. */
  controllers(): Promise<readonly Process[]> {
    return this.#controllers.get();
  }

  /** The rules that filter packets on their way in or through. */
  firewall(): Promise<readonly Ruleset[]> {
    return this.#firewall.get();
  }

  /** Whether IPVS is in use: there are services, or sync daemons. */
  async isActive(): Promise<boolean> {
    return (await this.ipvs.table()).length > 0 || (await this.ipvs.syncDaemons()).length > 0;
  }

  async isDirector(): Promise<boolean> {
    return this.role === 'director' || (await this.isActive());
  }

  isRealServer(): Promise<boolean> {
    return this.#isRealServer.get();
  }
}

import type { Session } from '../../ipvsadm/session.js';
import { IpProblem } from '../../machine/network.js';
import type { JsonRecord } from '../../machine/json.js';
import type { Machine } from '../../machine/machine.js';
import { Problem } from '../problem.js';
import type { Scene } from './changes.js';
import { JournalFile, STATE } from './journal.js';
import type { Role } from './journal.js';
import { reportOutcome, reportStandings } from './report.js';
import type { ReportOptions } from './report.js';
import { down, standings, tryDown, tryUp, up } from './verbs.js';
import type { Plan } from './verbs.js';

/** What a test has in the place of the machine and its folder. */
export interface Place {
  readonly machine?: Machine | undefined;
  readonly state?: string | undefined;
}

/** A verb of a role, from what it needs to its exit status. */
export class RoleRun {
  readonly #session: Session;
  readonly #role: Role;
  readonly #place: Place;

  constructor(session: Session, role: Role, place: Place) {
    this.#session = session;
    this.#role = role;
    this.#place = place;
  }

  async up(plan: Plan, options: ReportOptions): Promise<number> {
    return await explained(async () => {
      const scene = await this.#scene(options);
      const outcome = await (options.dryRun === true ? tryUp : up)(scene, plan);
      return await reportOutcome(this.#session, this.#role, outcome, options);
    });
  }

  async down(options: ReportOptions): Promise<number> {
    return await explained(async () => {
      const scene = await this.#scene(options);
      const outcome = await (options.dryRun === true ? tryDown : down)(scene);
      return await reportOutcome(this.#session, this.#role, outcome, options);
    });
  }

  /** @param plan may ask for what is on record; it gives undefined when nothing is wanted. */
  async status(
    plan: (recorded: () => Promise<JsonRecord | undefined>) => Promise<Plan | undefined>,
    options: ReportOptions,
  ): Promise<number> {
    return await explained(async () => {
      const scene = await this.#scene({ dryRun: true });
      const known = await plan(async () => (await scene.file.read())?.request);
      const all = known === undefined ? [] : await standings(scene, known.steps);
      return await reportStandings(this.#session, this.#role, all, options);
    });
  }

  async #scene({ dryRun = false }: ReportOptions): Promise<Scene> {
    const machine = this.#place.machine ?? (await import('../../machine/linux.js')).linux;
    const file = await JournalFile.of(machine, this.#place.state ?? STATE, this.#role);
    const signal = dryRun ? undefined : this.#session.io.interruption?.();
    return { machine, session: this.#session, file, signal };
  }
}

async function explained(deed: () => Promise<number>): Promise<number> {
  try {
    return await deed();
  } catch (error) {
    if (error instanceof IpProblem) throw new Problem(error.message);
    throw error;
  }
}

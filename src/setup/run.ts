import type { Session } from '../terminal/session.js';
import { HostError } from '../host/host-error.js';
import type { JsonRecord } from '../common/json.js';
import type { Host } from '../host/host.js';
import { HostSnapshot } from '../host/snapshot.js';
import { CliError } from '../terminal/cli-error.js';
import type { SetupContext } from './changes.js';
import { JournalFile, STATE } from './journal.js';
import type { Role } from './journal.js';
import { reportOutcome, reportStandings } from './report.js';
import type { ReportOptions } from './report.js';
import { SetupSnapshot } from './snapshot.js';
import { down, standings, tryDown, tryUp, up } from './verbs.js';
import type { Plan } from './verbs.js';

/** What a test has in the place of the machine and its folder. */
export interface Environment {
  readonly host?: Host | undefined;
  readonly state?: string | undefined;
}

export interface RunOptions extends ReportOptions {
  /** Whether a record of another network namespace is to be moved aside. */
  readonly forget?: boolean;
}

/** A verb of a role, from what it needs to its exit status. */
export class RoleRun {
  readonly #session: Session;
  readonly #role: Role;
  readonly #place: Environment;

  constructor(session: Session, role: Role, place: Environment) {
    this.#session = session;
    this.#role = role;
    this.#place = place;
  }

  async up(plan: Plan, options: RunOptions): Promise<number> {
    return await explained(async () => {
      const context = await this.#context(options);
      const outcome = await (options.dryRun === true ? tryUp : up)(context, plan);
      return await reportOutcome(this.#session, this.#role, outcome, options);
    });
  }

  async down(options: RunOptions): Promise<number> {
    return await explained(async () => {
      const context = await this.#context(options);
      const outcome = await (options.dryRun === true ? tryDown : down)(context);
      return await reportOutcome(this.#session, this.#role, outcome, options);
    });
  }

  /** @param plan may ask for what is on record; it gives undefined when nothing is wanted. */
  async status(
    plan: (recorded: () => Promise<JsonRecord | undefined>) => Promise<Plan | undefined>,
    options: ReportOptions,
  ): Promise<number> {
    return await explained(async () => {
      const context = await this.#context({ dryRun: true });
      const known = await plan(async () => (await context.file.read())?.request);
      const all = known === undefined ? [] : await standings(context, known.steps);
      return await reportStandings(this.#session, this.#role, all, options);
    });
  }

  async #context({ dryRun = false, forget = false }: RunOptions): Promise<SetupContext> {
    const host = this.#place.host ?? (await import('../host/linux.js')).linuxHost;
    const machine = new HostSnapshot(host);
    const file = await JournalFile.of(machine, this.#place.state ?? STATE, this.#role);
    const session = this.#session;
    const signal = dryRun ? undefined : session.io.interruption?.();
    return {
      snapshot: new SetupSnapshot(machine, session, !dryRun),
      session,
      file,
      forget,
      signal,
    };
  }
}

async function explained(handler: () => Promise<number>): Promise<number> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof HostError) throw new CliError(error.message);
    throw error;
  }
}

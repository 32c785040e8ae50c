import type { JsonRecord } from '../../common/json.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import type { TimeoutsInput } from '../../ipvs/model/timeouts.js';
import type { WantedDestination, WantedService } from '../table.js';

/** A real server of a state file. */
export interface DesiredServer extends WantedDestination {
  /** Keys for the health-checking agent, `check` for instance, as they stand there. */
  readonly health: JsonRecord;
}

/** A virtual service of a state file. */
export interface DesiredService extends WantedService {
  /** Undefined: it has none. */
  readonly name: string | undefined;
  readonly destinations: readonly DesiredServer[];
  /** Who takes over when too few servers are up, with its method. Undefined: nobody. */
  readonly sorryServer?: WantedDestination | undefined;
  /** Keys for the agent, as they stand there. */
  readonly health: JsonRecord;
}

/** What a state file, or several, ask for. */
export interface DesiredState {
  /** Undefined, and each one that is undefined: left as it is. */
  readonly timeouts: TimeoutsInput | undefined;
  /** Undefined: left as they are. An empty list stops them. */
  readonly syncDaemons: readonly SyncDaemonInput[] | undefined;
  readonly services: readonly DesiredService[];
  /** Keys of the whole file that are for the agent: `reconcile`, `webhook` … */
  readonly agent: JsonRecord;
}

/** Where something is wrong in a state file. */
export interface StateProblem {
  readonly file: string;
  /** From 1; with column, undefined where the whole file is meant. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** `unknown key "schedular"; did you mean "scheduler"?` */
  readonly message: string;
}

/** A state file is wrong: all of its problems. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
  readonly problems: readonly StateProblem[];

  constructor(problems: readonly StateProblem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/** `web.yaml:7:9: unknown key "schedular"; did you mean "scheduler"?` */
export function problemText({ file, line, column, message }: StateProblem): string {
  return [file, line, column].filter((part) => part !== undefined).join(':') + `: ${message}`;
}

import type { IpvsClient } from '../../ipvs/client/client.js';
import type { DrainedServer, DrainTarget } from '../../state/drain-rules.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import type { ChangeOutcome } from '../change-table.js';

/** The servers whose weight is 0 now. */
export interface Begun {
  /** Those of the table, as they were before. */
  readonly places: readonly ServerPlace[];
  /** All that are waited for. */
  readonly targets: readonly DrainTarget[];
  readonly outcome: ChangeOutcome;
  readonly signal: AbortSignal | undefined;
}

/** How real servers are drained: in the table itself, or by the agent that keeps their services. */
export interface DrainMeans {
  /** Sets the weights to 0. */
  begin(client: IpvsClient): Promise<Begun>;
  /** Undoes that. @returns what was done, and what failed. */
  giveBack(client: IpvsClient, begun: Begun): Promise<ChangeOutcome>;
  /** Deletes the servers that are drained. */
  remove(
    client: IpvsClient,
    begun: Begun,
    servers: readonly DrainedServer[],
  ): Promise<ChangeOutcome>;
}

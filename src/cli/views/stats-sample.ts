import type { ServiceId } from '../../ipvs/model/service.js';
import type { Rates } from '../../ipvs/model/statistics.js';
import type { Counters } from '../../state/counters.js';
import type { Session } from '../../terminal/session.js';
import type { Moment } from './listing.js';

/** Counters and rates at a moment. */
export interface Measured {
  readonly statistics: Counters;
  readonly rates: Rates;
}

export interface ServiceSample extends Measured {
  readonly id: ServiceId;
  readonly name?: string | undefined;
}

/** What `ipvs stats` shows of a moment. */
export interface Sample {
  readonly time: Date;
  readonly services: readonly ServiceSample[];
  readonly total: Measured;
}

export interface StatsStyle {
  readonly isExact: boolean;
  /** Whether a table of rates has a line for each service, or one for all of them. */
  readonly hasServices: boolean;
}

/** Prints a sample in one of the formats. */
export type PrintSample = (
  sample: Sample,
  style: StatsStyle,
  session: Session,
  moment: Moment,
) => Promise<void>;

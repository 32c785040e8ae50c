import type { Selector } from '../../state/selection.js';
import type { Session } from '../../terminal/session.js';
import type { ListColumn } from './list-columns.js';
import type { ListedService } from './list-filters.js';

/** What `ipvs list` has found at a moment. */
export interface Listing {
  readonly services: readonly ListedService[];
  /** Selectors that name nothing. */
  readonly missing: readonly Selector[];
}

/** How it is shown. */
export interface ListStyle {
  /** Of a table. */
  readonly columns: readonly ListColumn[];
  /** Whether somebody has named the columns: then they are shown even where they are empty. */
  readonly areColumnsChosen: boolean;
  readonly hasServers: boolean;
  /** Names of addresses and ports instead of numbers, in a table. */
  readonly hasNames: boolean;
  /** All digits of counters, in a table. */
  readonly isExact: boolean;
}

/** Whether a listing is the only one, or the first or a later one of several. */
export type Moment = 'once' | 'first' | 'later';

/** Prints a listing in one of the formats. */
export type PrintListing = (
  listing: Listing,
  style: ListStyle,
  session: Session,
  moment: Moment,
) => Promise<void>;

import type { TerminalSize } from '../../terminal/io.js';
import type { Asked, TopAction } from './action.js';
import type { Opened, Row, Sample } from './sample.js';
import { serverColumns, serviceColumns } from './columns.js';
import type { Column } from './columns.js';
import { defaultOrder } from './order.js';
import type { Order } from './order.js';

/** A list, and where one is in it. */
export interface Pane {
  readonly order: Order;
  /** Rows that contain it are shown. */
  readonly filter: string;
  /** The row that keys act on. Undefined: the first, whichever that is. */
  readonly selected: string | undefined;
  /** How many rows are above the screen. */
  readonly offset: number;
}

/** All that the live view shows, and how. */
export interface TopState {
  readonly size: TerminalSize;
  readonly intervalSeconds: number;
  readonly isExact: boolean;
  readonly isPaused: boolean;
  /** The service whose real servers are shown; undefined: the services are. */
  readonly opened: string | undefined;
  readonly services: Pane;
  readonly servers: Pane;
  /** Undefined until the first reading. */
  readonly sample: Sample | undefined;
  readonly openedSample: Opened | undefined;
  /** Of the pane that is shown: filtered, sorted. */
  readonly rows: readonly Row[];
  /** The filter that is being typed; undefined: keys are commands. */
  readonly typed: string | undefined;
  readonly isHelpShown: boolean;
  /** What is to be confirmed; undefined: keys are commands. */
  readonly asked: Asked | undefined;
  /** What was confirmed and is to be done now. */
  readonly requested: TopAction | undefined;
  /** What came of it, until the next key. */
  readonly said: string | undefined;
  /** Why the latest reading failed. */
  readonly problem: string | undefined;
  /** Why it is over: left, or interrupted by a key. */
  readonly ended: 'quit' | 'interrupted' | undefined;
}

export interface TopSettings {
  readonly intervalSeconds: number;
  readonly isExact: boolean;
  readonly order: Order;
  readonly opened: string | undefined;
  readonly size: TerminalSize;
}

export function initialState({ order, size, opened, ...settings }: TopSettings): TopState {
  const pane = { filter: '', selected: undefined, offset: 0 };
  const known = (columns: readonly Column<never>[]): Order =>
    columns.some(({ key }) => key === order.key) ? order : defaultOrder;
  return {
    ...settings,
    size,
    opened,
    isPaused: false,
    services: { ...pane, order: known(serviceColumns) },
    servers: { ...pane, order: known(serverColumns) },
    sample: undefined,
    openedSample: undefined,
    rows: [],
    typed: undefined,
    isHelpShown: false,
    asked: undefined,
    requested: undefined,
    said: undefined,
    problem: undefined,
    ended: undefined,
  };
}

/** The pane that is shown. */
export function paneOf(state: TopState): Pane {
  return state.opened === undefined ? state.services : state.servers;
}

/** Changes the pane that is shown. */
export function withPane(state: TopState, change: Partial<Pane>): TopState {
  return state.opened === undefined
    ? { ...state, services: { ...state.services, ...change } }
    : { ...state, servers: { ...state.servers, ...change } };
}

/** The columns of the pane that is shown, as those of any row: its rows are of the right kind. */
export function columnsOf(state: TopState): readonly Column[] {
  return (state.opened === undefined ? serviceColumns : serverColumns) as readonly Column[];
}

/** Above and below the rows. */
export const HEAD_LINES = 4;
export const FOOT_LINES = 1;

export function visibleRows({ size }: TopState): number {
  return Math.max(1, size.rows - HEAD_LINES - FOOT_LINES);
}

/** The number of the row that keys act on; 0 when there is none. */
export function selectedIndex(state: TopState): number {
  const { selected } = paneOf(state);
  if (selected === undefined) return 0;
  return Math.max(
    0,
    state.rows.findIndex(({ key }) => key === selected),
  );
}

import type { KeyName } from '../../terminal/keys.js';
import type { Asked, TopAction } from './action.js';
import { isWorthShowing } from './layout.js';
import { orderBy } from './order.js';
import { columnsOf, paneOf, selectedIndex, visibleRows, withPane } from './state.js';
import type { TopState } from './state.js';

/** What a key does. */
type Command = (state: TopState) => TopState;

/** A command, the keys for it, and what help says of it. */
interface Binding {
  readonly characters?: string;
  readonly names?: readonly KeyName[];
  /** As help shows the keys. */
  readonly shown: string;
  readonly about: string;
  readonly command: Command;
}

/** Seconds between two readings that + and - go through. */
const INTERVALS = [0.5, 1, 2, 5, 10, 30, 60];

/** Selects the row that is so many rows further down. */
const move =
  (distance: (state: TopState) => number): Command =>
  (state) => {
    const index = selectedIndex(state) + distance(state);
    const row = state.rows[Math.min(Math.max(index, 0), state.rows.length - 1)];
    return row === undefined ? state : withPane(state, { selected: row.key });
  };

const page = (state: TopState): number => Math.max(1, visibleRows(state) - 1);

const open: Command = (state) => {
  const row = state.rows[selectedIndex(state)];
  if (state.opened !== undefined || row === undefined) return state;
  const servers = { ...state.servers, filter: '', selected: undefined, offset: 0 };
  const services = { ...state.services, selected: row.key };
  return { ...state, opened: row.key, openedSample: undefined, services, servers };
};

/** One step back: the filter first, then the service. */
const back: Command = (state) => {
  if (paneOf(state).filter !== '') return withPane(state, { filter: '' });
  return state.opened === undefined ? state : close(state);
};

const close: Command = (state) => ({ ...state, opened: undefined, openedSample: undefined });

const sortBy =
  (key: string): Command =>
  (state) => {
    if (!columnsOf(state).some((column) => column.key === key)) return state;
    return withPane(state, { order: orderBy(key), selected: undefined, offset: 0 });
  };

/** Sorts by the first column. */
const sortById: Command = (state) => sortBy(columnsOf(state)[0]?.key ?? '')(state);

const sortByNeighbour =
  (distance: 1 | -1): Command =>
  (state) => {
    const columns = columnsOf(state).filter((column) =>
      isWorthShowing(
        column,
        state.rows.map((row) => column.text(row, false)),
      ),
    );
    const index = columns.findIndex(({ key }) => key === paneOf(state).order.key);
    const next = columns.at((index + distance) % columns.length);
    return next === undefined ? state : sortBy(next.key)(state);
  };

const reverse: Command = (state) => {
  const { key, isAscending } = paneOf(state).order;
  return withPane(state, { order: { key, isAscending: !isAscending } });
};

/** Asks whether to do something to the selected real server. */
const ask =
  (type: TopAction['type']): Command =>
  (state) => {
    const row = state.rows[selectedIndex(state)];
    if (state.opened === undefined || row?.kind !== 'server') {
      return { ...state, said: 'That is for real servers. Enter shows those of a service.' };
    }
    const place = { service: state.opened, server: row.key };
    const asked: Asked =
      type === 'weight'
        ? { action: { type, ...place, weight: row.weight }, typed: '' }
        : { action: { type, ...place }, typed: undefined };
    return { ...state, asked };
  };

/** The next longer interval, or the next shorter one. */
const changeInterval =
  (direction: 1 | -1): Command =>
  (state) => {
    const { intervalSeconds: now } = state;
    const next =
      direction === 1
        ? INTERVALS.find((seconds) => seconds > now)
        : INTERVALS.findLast((seconds) => seconds < now);
    return { ...state, intervalSeconds: next ?? now };
  };

/** All keys: what reads them, the last line of the screen and help are made of these. */
export const bindings: readonly Binding[] = [
  {
    ...{ names: ['up'], characters: 'k', shown: 'Up, k', about: 'select the row above' },
    command: move(() => -1),
  },
  {
    ...{ names: ['down'], characters: 'j', shown: 'Down, j', about: 'select the row below' },
    command: move(() => 1),
  },
  {
    ...{ names: ['page-up', 'ctrl-b'], shown: 'PgUp, Ctrl-B', about: 'one screen up' },
    command: move((state) => -page(state)),
  },
  {
    ...{ names: ['page-down', 'ctrl-f'], shown: 'PgDn, Ctrl-F', about: 'one screen down' },
    command: move(page),
  },
  {
    ...{ names: ['home'], characters: 'g', shown: 'Home, g', about: 'the first row' },
    command: (state) => withPane(state, { selected: undefined, offset: 0 }),
  },
  {
    ...{ names: ['end'], characters: 'G', shown: 'End, G', about: 'the last row' },
    command: move(({ rows }) => rows.length),
  },
  {
    ...{ names: ['enter', 'right'], shown: 'Enter, Right', about: 'show its real servers' },
    command: open,
  },
  {
    ...{
      names: ['escape', 'left', 'backspace'],
      shown: 'Esc, Left',
      about: 'back; drop the filter',
    },
    command: back,
  },
  {
    ...{ characters: '/', shown: '/', about: 'show what contains a text' },
    command: (state) => ({ ...state, typed: paneOf(state).filter }),
  },
  { characters: 'd', shown: 'd', about: 'drain a real server', command: ask('drain') },
  { characters: 'u', shown: 'u', about: 'end its drain', command: ask('undrain') },
  { characters: 'w', shown: 'w', about: 'set its weight', command: ask('weight') },
  { characters: 'c', shown: 'c', about: 'sort by connections', command: sortBy('connections') },
  {
    characters: 'i',
    shown: 'i',
    about: 'sort by incoming bytes',
    command: sortBy('incomingBytes'),
  },
  {
    characters: 'o',
    shown: 'o',
    about: 'sort by outgoing bytes',
    command: sortBy('outgoingBytes'),
  },
  { characters: 'n', shown: 'n', about: 'sort by address', command: sortById },
  {
    characters: '<,',
    shown: '<',
    about: 'sort by the column before',
    command: sortByNeighbour(-1),
  },
  { characters: '>.', shown: '>', about: 'sort by the next column', command: sortByNeighbour(1) },
  { characters: 'r', shown: 'r', about: 'reverse the order', command: reverse },
  {
    ...{ characters: 'p ', shown: 'p, Space', about: 'pause, go on' },
    command: (state) => ({ ...state, isPaused: !state.isPaused }),
  },
  { characters: '+', shown: '+', about: 'read less often', command: changeInterval(1) },
  { characters: '-', shown: '-', about: 'read more often', command: changeInterval(-1) },
  {
    ...{ characters: 'e', shown: 'e', about: 'all digits, or short' },
    command: (state) => ({ ...state, isExact: !state.isExact }),
  },
  {
    ...{ characters: '?h', shown: '?, h', about: 'this help' },
    command: (state) => ({ ...state, isHelpShown: true }),
  },
  { characters: 'q', shown: 'q', about: 'quit', command: (state) => ({ ...state, ended: 'quit' }) },
];

export const characterCommands: Readonly<Partial<Record<string, Command>>> = Object.fromEntries(
  bindings.flatMap(({ characters = '', command }) =>
    Array.from(characters, (character) => [character, command]),
  ),
);

export const namedCommands: Readonly<Partial<Record<KeyName, Command>>> = Object.fromEntries(
  bindings.flatMap(({ names = [], command }) => names.map((name) => [name, command])),
);

import { part } from './dom.js';
import { remember, remembered } from './memory.js';

/** What keys do; each has a line in the help of page.html. */
export interface KeyActions {
  moveBy(rows: number): void;
  moveToEnd(end: 'first' | 'last'): void;
  movePage(direction: 1 | -1): void;
  toggle(): void;
  open(): void;
  close(): void;
  escape(): void;
  search(): void;
  toggleWrong(): void;
  nextOrder(): void;
  events(): void;
  theme(): void;
  help(): void;
}

type Keys = Readonly<Record<string, (actions: KeyActions) => void>>;

/**
 * Everywhere but where somebody types. Who speaks to the computer may say one of them by accident, so they can be switched off:
 * https://www.w3.org/TR/WCAG22/#character-key-shortcuts
 */
const SINGLE: Keys = {
  '/': (on) => {
    on.search();
  },
  j: (on) => {
    on.moveBy(1);
  },
  k: (on) => {
    on.moveBy(-1);
  },
  w: (on) => {
    on.toggleWrong();
  },
  s: (on) => {
    on.nextOrder();
  },
  e: (on) => {
    on.events();
  },
  t: (on) => {
    on.theme();
  },
  '?': (on) => {
    on.help();
  },
};

const moveDown = (on: KeyActions): void => {
  on.moveBy(1);
};

const MOVES: Keys = {
  ArrowDown: moveDown,
  ArrowUp: (on) => {
    on.moveBy(-1);
  },
};

/** Where the focus is on a row. */
const ON_ROW: Keys = {
  ...MOVES,
  PageDown: (on) => {
    on.movePage(1);
  },
  PageUp: (on) => {
    on.movePage(-1);
  },
  Home: (on) => {
    on.moveToEnd('first');
  },
  End: (on) => {
    on.moveToEnd('last');
  },
  Enter: (on) => {
    on.toggle();
  },
  ' ': (on) => {
    on.toggle();
  },
  ArrowRight: (on) => {
    on.open();
  },
  ArrowLeft: (on) => {
    on.close();
  },
};

/** In the search: down to what was found. */
const IN_SEARCH: Keys = { ArrowDown: moveDown, Enter: moveDown };

const STORED = 'ipvs-single-keys';

export function startKeys(actions: KeyActions): void {
  const single = part('single-keys', HTMLInputElement);
  single.checked = remembered(STORED) !== 'off';
  single.addEventListener('change', () => {
    remember(STORED, single.checked ? 'on' : 'off');
  });
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // An open dialog has keys of its own.
    if (document.querySelector('dialog[open]')) return;
    const action = key === 'Escape' ? escape : actionOf(key, target, single.checked);
    if (action === undefined) return;
    event.preventDefault();
    action(actions);
  });
}

const escape = (on: KeyActions): void => {
  on.escape();
};

function actionOf(key: string, target: EventTarget | null, single: boolean) {
  if (target instanceof HTMLSelectElement) return undefined;
  if (target instanceof HTMLInputElement && target.type === 'search') return IN_SEARCH[key];
  if (single && SINGLE[key]) return SINGLE[key];
  if (target === document.body) return MOVES[key];
  return target instanceof Element && target.classList.contains('row') ? ON_ROW[key] : undefined;
}

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

/** Everywhere but where somebody types. */
const ANYWHERE: Readonly<Record<string, (actions: KeyActions) => void>> = {
  '/': (actions) => {
    actions.search();
  },
  j: (actions) => {
    actions.moveBy(1);
  },
  k: (actions) => {
    actions.moveBy(-1);
  },
  w: (actions) => {
    actions.toggleWrong();
  },
  s: (actions) => {
    actions.nextOrder();
  },
  e: (actions) => {
    actions.events();
  },
  t: (actions) => {
    actions.theme();
  },
  '?': (actions) => {
    actions.help();
  },
  Escape: (actions) => {
    actions.escape();
  },
};

/** Where the focus is in the list. */
const IN_LIST: Readonly<Record<string, (actions: KeyActions) => void>> = {
  ArrowDown: (actions) => {
    actions.moveBy(1);
  },
  ArrowUp: (actions) => {
    actions.moveBy(-1);
  },
  PageDown: (actions) => {
    actions.movePage(1);
  },
  PageUp: (actions) => {
    actions.movePage(-1);
  },
  Home: (actions) => {
    actions.moveToEnd('first');
  },
  End: (actions) => {
    actions.moveToEnd('last');
  },
  Enter: (actions) => {
    actions.toggle();
  },
  ' ': (actions) => {
    actions.toggle();
  },
  ArrowRight: (actions) => {
    actions.open();
  },
  ArrowLeft: (actions) => {
    actions.close();
  },
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox')
  );
}

export function startKeys(body: HTMLElement, actions: KeyActions): void {
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // An open dialog has keys of its own.
    if (document.querySelector('dialog[open]')) return;
    const inList = target instanceof Element && target.classList.contains('row');
    let action = ANYWHERE[key];
    if (inList && body.contains(target)) action ??= IN_LIST[key];
    else if (target === document.body && key.startsWith('Arrow')) {
      if (key === 'ArrowDown' || key === 'ArrowUp') action = IN_LIST[key];
    }
    if (isTyping(target)) action = typingAction(event);
    if (action === undefined) return;
    event.preventDefault();
    action(actions);
  });
}

/** In the search: down to what was found, or away. */
function typingAction({ key, target }: KeyboardEvent): ((actions: KeyActions) => void) | undefined {
  if (key === 'Escape') return ANYWHERE['Escape'];
  if (!(target instanceof HTMLInputElement)) return undefined;
  return key === 'ArrowDown' || key === 'Enter' ? IN_LIST['ArrowDown'] : undefined;
}

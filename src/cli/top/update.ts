import type { Key, KeyName } from '../../terminal/keys.js';
import type { TerminalSize } from '../../terminal/io.js';
import { columnsOf, paneOf, selectedIndex, visibleRows, withPane } from './state.js';
import type { TopState } from './state.js';
import { onAnswer } from './answer.js';
import { characterCommands, namedCommands } from './commands.js';
import { shownText } from './columns.js';
import { chosenRows } from './rows.js';
import type { Opened, Sample } from './sample.js';

/** What changes the live view. */
export type TopEvent =
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'resize'; readonly size: TerminalSize }
  /** What was read, with the real servers of the service that is opened. */
  | { readonly type: 'sample'; readonly sample: Sample; readonly opened: Opened | undefined }
  /** The real servers of a service alone. */
  | { readonly type: 'opened'; readonly opened: Opened }
  /** A reading failed. */
  | { readonly type: 'problem'; readonly text: string }
  /** What was requested is being done. */
  | { readonly type: 'begun' }
  /** It is done, or was refused. */
  | { readonly type: 'done'; readonly text: string };

/** The longest filter: longer than any service. */
const LONGEST_FILTER = 80;

/** The view after an event. */
export function update(state: TopState, event: TopEvent): TopState {
  switch (event.type) {
    case 'key':
      return arranged(onKey(state, event.key));
    case 'resize':
      return arranged({ ...state, size: event.size });
    case 'sample':
      return arranged({
        ...state,
        sample: event.sample,
        openedSample: event.opened ?? state.openedSample,
        problem: undefined,
      });
    case 'opened':
      return arranged({ ...state, openedSample: event.opened, problem: undefined });
    case 'problem':
      return { ...state, problem: event.text };
    case 'begun':
      return { ...state, requested: undefined };
    case 'done':
      return { ...state, said: event.text };
  }
}

function onKey(state: TopState, key: Key): TopState {
  if (key.type === 'named' && key.name === 'ctrl-c') return { ...state, ended: 'interrupted' };
  // Whatever is typed leads back from the help.
  if (state.isHelpShown) return { ...state, isHelpShown: false };
  if (state.typed !== undefined) return onTyping(state, state.typed, key);
  if (state.asked !== undefined) return onAnswer(state, state.asked, key);
  return onCommand({ ...state, said: undefined }, key);
}

function onCommand(state: TopState, key: Key): TopState {
  switch (key.type) {
    case 'paste':
      return state;
    case 'character':
      return characterCommands[key.character]?.(state) ?? state;
    case 'named':
      return namedCommands[key.name]?.(state) ?? state;
  }
}

/** A filter is typed: the list follows it. */
function onTyping(state: TopState, typed: string, key: Key): TopState {
  const filter = (text: string): TopState => {
    const kept = shownText(text).slice(0, LONGEST_FILTER);
    return withPane({ ...state, typed: kept }, { filter: kept, selected: undefined, offset: 0 });
  };
  if (key.type === 'character') return filter(typed + key.character);
  if (key.type === 'paste') return filter(typed + key.text.trim());
  const editing: Partial<Record<KeyName, () => TopState>> = {
    enter: () => ({ ...state, typed: undefined }),
    escape: () => ({ ...filter(''), typed: undefined }),
    backspace: () => filter(Array.from(typed).slice(0, -1).join('')),
    'ctrl-u': () => filter(''),
    'ctrl-w': () => filter(''),
  };
  return editing[key.name]?.() ?? state;
}

/** Chooses and sorts the rows, and keeps the selected one on the screen. */
function arranged(state: TopState): TopState {
  const { opened, sample, openedSample } = state;
  const pane = paneOf(state);
  const servers = openedSample?.key === opened ? openedSample?.servers : undefined;
  const all = (opened === undefined ? sample?.services : servers) ?? [];
  const rows = chosenRows(all, columnsOf(state), pane.filter, pane.order);
  const next = { ...state, rows };
  const selected = selectedIndex(next);
  const visible = visibleRows(next);
  const last = Math.max(0, rows.length - visible);
  const offset = Math.min(Math.max(pane.offset, selected - visible + 1), selected, last);
  return withPane(next, { offset });
}

import type { Key } from '../../terminal/keys.js';
import { typedWeight } from './action.js';
import type { Asked } from './action.js';
import type { TopState } from './state.js';

const UNCHANGED = 'Nothing was changed.';

/** The view after a key that answers a question. */
export function onAnswer(state: TopState, asked: Asked, key: Key): TopState {
  const { action, typed } = asked;
  const rest = { ...state, asked: undefined };
  if (typed === undefined) {
    const isYes = key.type === 'character' && key.character.toLowerCase() === 'y';
    return isYes ? { ...rest, requested: action } : { ...rest, said: UNCHANGED };
  }
  if (key.type === 'character') {
    const isDigit = /^\d$/.test(key.character) && typed.length < 5;
    return isDigit ? { ...state, asked: { action, typed: typed + key.character } } : state;
  }
  if (key.type !== 'named') return state;
  switch (key.name) {
    case 'escape':
      return { ...rest, said: UNCHANGED };
    case 'backspace':
      return { ...state, asked: { action, typed: typed.slice(0, -1) } };
    case 'enter': {
      const weight = typedWeight(typed);
      if (weight === undefined) return { ...rest, said: `${UNCHANGED} A weight is 0 to 65535.` };
      const { service, server } = action;
      return { ...rest, requested: { type: 'weight', service, server, weight } };
    }
    default:
      return state;
  }
}

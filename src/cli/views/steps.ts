import { isRecord } from '../../common/json.js';
import { counted } from '../../common/plural.js';
import { printable } from '../../common/printable.js';
import type { AnyStep } from '../../state/plan/perform.js';
import { stepJson } from '../../state/plan/plan-json.js';
import type { StepJson } from '../../state/plan/plan-json.js';
import type { Colours } from '../../terminal/colours.js';

const signs = { add: '+', change: '~', remove: '-' } as const;

/** A step as a line: `~ tcp:192.0.2.1:80 10.0.0.2:80  weight 1 -> 3`. */
export function stepLine(step: AnyStep, paint: Colours): string {
  const json = stepJson(step);
  const { action, cuts } = json;
  const colour = { add: paint.good, change: paint.warning, remove: paint.bad }[action];
  const settings = settingsText(json);
  const cost = cuts === 0 ? '' : `  ${paint.bad(`cuts ${counted(cuts, 'connection')}`)}`;
  const line = `${signs[action]} ${placeText(json)}${settings === '' ? '' : `  ${settings}`}`;
  return `${colour(printable(line))}${cost}`;
}

/** What a step is about: a service, a real server of one, timeouts or a daemon. */
export function placeText({ service, server, setting = '' }: StepJson): string {
  if (service === undefined) return setting === 'syncDaemon' ? 'sync daemon' : setting;
  return server === undefined ? service : `${service} ${server}`;
}

/** Of a change what differs, otherwise all settings. */
function settingsText({ action, from = {}, to = {} }: StepJson): string {
  if (action === 'remove') return '';
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  if (action === 'add') return keys.map((key) => `${key} ${valueText(to[key])}`).join(', ');
  return keys
    .filter((key) => valueText(from[key]) !== valueText(to[key]))
    .map((key) => `${key} ${valueText(from[key])} -> ${valueText(to[key])}`)
    .join(', ');
}

/** Undefined: the setting has its default, which is off. */
function valueText(value: unknown): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return value.map(valueText).join('+');
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, inner]) => `${key} ${valueText(inner)}`);
    return `(${entries.join(', ')})`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Values as YAML 1.2, also for readers of YAML 1.1: whatever another reader could take for a number or a word is quoted. */

const WIDTH = 100;
const INDENT = '  ';

const WORD = /^[A-Za-z_/][\w./@%+:-]*$/;
/** Addresses with a port or a length, durations, shares and ranges are text for every reader. */
const NUMERIC_TEXT = /^(?:\d+(?:\.\d+){3}(?:[:/]\d+)?|\d+(?:ms|s|m|h|%)|\d{3}-\d{3})$/;
/** Of YAML 1.1 too. */
const RESERVED = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

/** A text as a scalar, plain where that is certain to be read as text. */
export function yamlScalar(text: string): string {
  const isPlain =
    (WORD.test(text) && !text.endsWith(':') && !RESERVED.test(text)) || NUMERIC_TEXT.test(text);
  return isPlain ? text : quoted(text);
}

/** A string of JSON is one of YAML, where what is not printable is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    // eslint-disable-next-line no-control-regex -- matching them is the point
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value in one line: `{server: 10.0.0.2:8080, weight: 3}`. */
export function yamlFlow(value: unknown): string {
  if (typeof value === 'string') return yamlScalar(value);
  if (Array.isArray(value)) return `[${value.map(yamlFlow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = entriesOf(value);
  return `{${entries.map(([key, item]) => `${yamlScalar(key)}: ${yamlFlow(item)}`).join(', ')}}`;
}

/** A key with its value, in one line where that is short enough. */
export function yamlEntry(key: string, value: unknown, indent: string): string[] {
  const flow = `${indent}${yamlScalar(key)}: ${yamlFlow(value)}`;
  if (flow.length <= WIDTH || !hasParts(value)) return [flow];
  return [`${indent}${yamlScalar(key)}:`, ...yamlBlock(value, indent + INDENT)];
}

/** An item of a list. */
export function yamlItem(value: unknown, indent: string): string[] {
  const flow = `${indent}- ${yamlFlow(value)}`;
  if (flow.length <= WIDTH || !hasParts(value)) return [flow];
  return asItem(yamlBlock(value, indent + INDENT), indent);
}

/** Lines that are indented by one step more than a list become an item of it. */
export function asItem([first = '', ...others]: readonly string[], indent: string): string[] {
  return [`${indent}- ${first.slice(indent.length + INDENT.length)}`, ...others];
}

function yamlBlock(value: object, indent: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => yamlItem(item, indent));
  return entriesOf(value).flatMap(([key, item]) => yamlEntry(key, item, indent));
}

function hasParts(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

const entriesOf = (value: object): readonly (readonly [string, unknown])[] =>
  Object.entries(value).filter(([, item]) => item !== undefined);

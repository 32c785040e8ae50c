import { closest } from '../../common/closest.js';
import { isRecord } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import type { PortNames } from '../selection.js';
import type { Fields, Rule } from './kinds.js';

/** Where a value stands: the keys and indexes that lead to it. */
export type Path = readonly (string | number)[];

/** What is wrong with a value, or with the key before it. */
export interface Flaw {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
  /** Where the first one is of what is there twice. */
  readonly first?: Path;
}

/** More are not of use to anybody. */
const MOST_FLAWS = 1000;
const LONGEST_SHOWN = 100;

/** Collects what is wrong with a file, by place. */
export class Flaws {
  readonly found: Flaw[] = [];
  readonly #faulty = new Map<unknown, Set<string>>();

  get isFull(): boolean {
    return this.found.length >= MOST_FLAWS;
  }

  add(path: Path, message: string, more: Partial<Pick<Flaw, 'at' | 'first'>> = {}): void {
    if (!this.isFull) this.found.push({ path, at: 'value', message, ...more });
  }

  /** Notes a key of an object whose value is of no use. */
  markFaulty(object: unknown, key: string): void {
    const keys = this.#faulty.get(object);
    if (keys === undefined) this.#faulty.set(object, new Set([key]));
    else keys.add(key);
  }

  /** Whether one of these keys of an object has been complained about; without keys, any. */
  isFaulty(object: unknown, ...keys: readonly string[]): boolean {
    const faulty = this.#faulty.get(object);
    return faulty !== undefined && (keys.length === 0 || keys.some((key) => faulty.has(key)));
  }
}

/** Checks values against rules. The path is shared: it says where the check is just now. */
export class Checker {
  readonly #flaws: Flaws;
  readonly #ports: PortNames | undefined;
  readonly #path: (string | number)[] = [];

  constructor(flaws: Flaws, ports: PortNames | undefined) {
    this.#flaws = flaws;
    this.#ports = ports;
  }

  /** @returns whether it is right. */
  check(rule: Rule, value: unknown): boolean {
    switch (rule.type) {
      case 'object':
        return isRecord(value) ? this.#fields(rule.fields, value) : this.#wrongType(rule, value);
      case 'variants':
        return isRecord(value) ? this.#variant(rule, value) : this.#wrongType(rule, value);
      case 'list':
        return Array.isArray(value) ? this.#list(rule, value) : this.#wrongType(rule, value);
      case 'map':
        return isRecord(value) ? this.#map(rule.item, value) : this.#wrongType(rule, value);
      case 'either':
        return this.#either(rule.rules, rule, value);
      case 'observed':
        return true;
      default: {
        const problem = scalarProblem(rule, value, this.#ports);
        return problem === undefined || this.#complain(problem);
      }
    }
  }

  #fields(fields: Fields, value: JsonRecord): boolean {
    let isRight = true;
    for (const key of Object.keys(value)) {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      this.#path.push(key);
      const isGood =
        field === undefined
          ? this.#say(unknownKey(key, Object.keys(fields)), 'key')
          : this.check(field.kind.rule, value[key]);
      this.#path.pop();
      if (isGood) continue;
      isRight = false;
      this.#flaws.markFaulty(value, key);
    }
    for (const [key, { isRequired }] of Object.entries(fields)) {
      if (isRequired !== true || Object.hasOwn(value, key)) continue;
      isRight = this.#say(`${key} is missing`);
      this.#flaws.markFaulty(value, key);
    }
    return isRight;
  }

  #variant({ common, types }: Extract<Rule, { type: 'variants' }>, value: JsonRecord): boolean {
    const { type } = value;
    const own = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
    if (own === undefined) {
      const words = Object.keys(types);
      if (!Object.hasOwn(value, 'type')) {
        return this.#say(`type is missing: one of ${words.join(', ')}`);
      }
      return this.#within('type', () => this.check({ type: 'word', words }, type));
    }
    const rule = { type: 'word', words: Object.keys(types) } as const;
    return this.#fields({ type: { kind: { rule }, summary: '' }, ...common, ...own }, value);
  }

  #list({ item, min }: Extract<Rule, { type: 'list' }>, values: readonly unknown[]): boolean {
    if (values.length < min) return this.#say(`${this.#name()} is empty`);
    let isRight = true;
    for (let index = 0; index < values.length && !this.#flaws.isFull; index += 1) {
      this.#path.push(index);
      if (!this.check(item, values[index])) isRight = false;
      this.#path.pop();
    }
    return isRight;
  }

  #map(item: Rule, value: JsonRecord): boolean {
    let isRight = true;
    for (const [key, one] of Object.entries(value)) {
      if (!this.#within(key, () => this.check(item, one))) isRight = false;
    }
    return isRight;
  }

  #either(rules: readonly Rule[], whole: Rule, value: unknown): boolean {
    const all = rules.flatMap(flattened);
    const fitting = all.filter((rule) => isOfType(rule, value));
    const [first, ...others] = fitting;
    if (first === undefined) return this.#wrongType(whole, value);
    if (others.length === 0) return this.check(first, value);
    // Scalars alone: `none`, or a share.
    const isRight = fitting.some((rule) => scalarProblem(rule, value, this.#ports) === undefined);
    return isRight || this.#complain(`${shown(value)} is not ${expectedOf(whole)}`);
  }

  #within(key: string, work: () => boolean): boolean {
    this.#path.push(key);
    try {
      return work();
    } finally {
      this.#path.pop();
    }
  }

  #wrongType(rule: Rule, value: unknown): boolean {
    if (value === null) return this.#complain(noValue(rule));
    return this.#complain(`${shown(value)} is not ${expectedOf(rule)}`);
  }

  /** Notes what is wrong with the value, under the name of its key. */
  #complain(problem: string): false {
    return this.#say(`${this.#name()}: ${problem}`);
  }

  #say(message: string, at: Flaw['at'] = 'value'): false {
    this.#flaws.add([...this.#path], message, { at });
    return false;
  }

  /** What the value is called: its key, or that of the list which it is in. */
  #name(): string {
    const key = this.#path.findLast((one) => typeof one === 'string');
    return key === undefined ? 'file' : printable(key);
  }
}

function flattened(rule: Rule): readonly Rule[] {
  return rule.type === 'either' ? rule.rules.flatMap(flattened) : [rule];
}

function isOfType({ type }: Rule, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'word':
    case 'text':
      return typeof value === 'string';
    case 'list':
      return Array.isArray(value);
    default:
      return isRecord(value);
  }
}

function scalarProblem(
  rule: Rule,
  value: unknown,
  ports: PortNames | undefined,
): string | undefined {
  if (value === null) return noValue(rule);
  const wrong = `${shown(value)} is not ${expectedOf(rule)}`;
  switch (rule.type) {
    case 'integer': {
      if (typeof value !== 'number') return wrong + unquotedHint(value);
      const isRight = Number.isInteger(value) && value >= rule.min && value <= rule.max;
      return isRight ? undefined : wrong;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrong;
    case 'word': {
      if (typeof value === 'string' && rule.words.includes(value)) return undefined;
      const meant = typeof value === 'string' ? closest(value, rule.words) : undefined;
      return meant === undefined ? wrong : `${wrong}; did you mean ${shown(meant)}?`;
    }
    case 'text': {
      if (typeof value !== 'string') return `${wrong}${quotedHint(value)}`;
      const problem = rule.form.problem(value, ports);
      return problem === undefined ? undefined : `${shown(value)} ${problem}`;
    }
    default:
      return wrong;
  }
}

const noValue = (rule: Rule): string =>
  rule.type === 'list' ? 'has no value; for none write []' : 'has no value';

const unquotedHint = (value: unknown): string =>
  typeof value === 'string' && /^\d+$/.test(value) ? '; write it without quotes' : '';

const quotedHint = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean' ? '; write it in quotes' : '';

function unknownKey(key: string, known: readonly string[]): string {
  const meant = closest(key, known);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return `unknown key ${shown(key)}${hint}`;
}

/** What a rule wants: `a whole number from 0 to 255`. */
function expectedOf(rule: Rule): string {
  switch (rule.type) {
    case 'integer':
      return rule.min === rule.max
        ? String(rule.min)
        : `a whole number from ${rule.min} to ${rule.max}`;
    case 'boolean':
      return 'true or false';
    case 'word':
      return rule.words.length === 1 ? (rule.words[0] ?? '') : `one of ${rule.words.join(', ')}`;
    case 'text':
      return rule.form.what;
    case 'list':
      return 'a list';
    case 'either':
      return [...new Set(flattened(rule).map(expectedOf))].join(', or ');
    default:
      return 'an object of keys and values';
  }
}

/** A value as a message shows it: short, and without control characters. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(cut(value)) : cut(String(value));
  return printable(text);
}

const cut = (text: string): string =>
  text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;

import type { PortNames } from '../selection.js';

/** What values of a state file may be, as data: the check of files and their JSON Schema derive from it. */
export type Rule =
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'word'; readonly words: readonly string[] }
  | { readonly type: 'text'; readonly form: TextForm }
  | { readonly type: 'list'; readonly item: Rule; readonly min: number }
  /** An object whose keys may be anything. */
  | { readonly type: 'map'; readonly item: Rule }
  | ObjectRule
  /** An object whose key `type` says which further keys it may have. */
  | {
      readonly type: 'variants';
      readonly name: string;
      readonly common: Fields;
      readonly types: Readonly<Record<string, Fields>>;
    }
  /** One of several, distinguished by whether it is a number, a text, a list or an object. */
  | { readonly type: 'either'; readonly rules: readonly Rule[] }
  /** What a listing prints of the kernel's state: it is passed over. */
  | { readonly type: 'observed'; readonly schema: object };

export interface ObjectRule {
  readonly type: 'object';
  /** What it is called in the JSON Schema. */
  readonly name: string;
  readonly fields: Fields;
}

/** What a text must look like. */
export interface TextForm {
  /** What is expected: `a time such as 500ms, 2s or 1m`. */
  readonly what: string;
  /** For the JSON Schema; the check may be stricter. */
  readonly pattern: string;
  /** What is wrong with a text; undefined when it is right. */
  problem(text: string, ports: PortNames | undefined): string | undefined;
}

/** A rule, with the type of the values that pass it. */
export interface Kind<T> {
  readonly rule: Rule;
  /** Never there: it carries the type. */
  readonly value?: T;
}

/** A key. */
export interface Field<T = unknown> {
  readonly kind: Kind<T>;
  readonly summary: string;
  /** What counts when it is left out. */
  readonly initial?: unknown;
  readonly isRequired?: true;
}

export type Fields = Readonly<Record<string, Field>>;

/** The type of an object with these keys, each of which may be missing. */
export type ValuesOf<F extends Fields> = {
  readonly [Key in keyof F]?: F[Key] extends Field<infer T> ? T : never;
};

export const integer = (min: number, max: number): Kind<number> => ({
  rule: { type: 'integer', min, max },
});

export const boolean: Kind<boolean> = { rule: { type: 'boolean' } };

export const word = <W extends string>(words: readonly W[]): Kind<W> => ({
  rule: { type: 'word', words },
});

export const text = (form: TextForm): Kind<string> => ({ rule: { type: 'text', form } });

export const list = <T>(item: Kind<T>, min = 0): Kind<readonly T[]> => ({
  rule: { type: 'list', item: item.rule, min },
});

export const map = <T>(item: Kind<T>): Kind<Readonly<Record<string, T>>> => ({
  rule: { type: 'map', item: item.rule },
});

export const object = <F extends Fields>(name: string, fields: F): Kind<ValuesOf<F>> => ({
  rule: { type: 'object', name, fields },
});

export const either = <A, B>(one: Kind<A>, other: Kind<B>): Kind<A | B> => ({
  rule: { type: 'either', rules: [one.rule, other.rule] },
});

export const field = <T>(
  kind: Kind<T>,
  summary: string,
  more: Pick<Field, 'initial' | 'isRequired'> = {},
): Field<T> => ({ kind, summary, ...more });

/** A value, or what counts where it is left out: of fields that have such. */
export const orInitial = <T>({ initial }: Field<T>, value: T | undefined): T =>
  value ?? (initial as T);

import { checks } from '../../doctor/checks.js';
import type { Completes, OptionSpec } from '../option-spec.js';
import type { Verb } from '../verb.js';
import { listColumns } from '../views/list-columns.js';
import { groups, helpOption, verbs, versionOption } from '../verbs.js';

/** What the value of an option or an argument may be: words, or what the shell knows. */
export type Value = Exclude<Completes, 'check' | 'column'> | 'unknown';

export interface OptionWords {
  /** As typed: `-f`, `--file`. */
  readonly spellings: readonly string[];
  readonly summary: string;
  /** Undefined: it takes no value. */
  readonly value: Value | undefined;
}

/** A verb, the first word of verbs that have two, or the program itself. */
export interface Node {
  /** The words behind `ipvs`: `director up`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly verbs: readonly Node[];
  readonly options: readonly OptionWords[];
  /** By their places. */
  readonly arguments: readonly ArgumentWords[];
}

/** What may stand at a place behind a verb. */
export interface ArgumentWords {
  /** Its own values and, if it may be left out, those of the next one. */
  readonly values: readonly Value[];
  /** Whether there may be any number of them. It is the last one. */
  readonly isVariadic: boolean;
}

/** What the command itself knows of the kernel's table: `ipvs complete service`. */
export type Known = 'selector' | 'service' | 'server';

export function isKnown(value: Value): value is Known {
  return value === 'selector' || value === 'service' || value === 'server';
}

const shownVerbs = verbs.filter(({ isHidden }) => isHidden !== true);

/** The program with all its verbs; those of former names are not shown. */
export function programTree(): Node {
  const firstWords = [...new Set(shownVerbs.map(({ path: [first] }) => first))];
  return {
    path: [],
    summary: '',
    verbs: firstWords.map(nodeOf),
    options: [versionOption, helpOption].map(wordsOf),
    arguments: [],
  };
}

function nodeOf(first: string): Node {
  const own = shownVerbs.filter(({ path }) => path[0] === first);
  const single = own.find(({ path }) => path.length === 1);
  // A verb may be the first word of others too: `agent`, and `agent check`.
  const below = own.filter((verb) => verb !== single).map(leafOf);
  if (single !== undefined) return { ...leafOf(single), verbs: below };
  return {
    path: [first],
    summary: groups[first] ?? '',
    verbs: below,
    options: [wordsOf(helpOption)],
    arguments: [],
  };
}

function leafOf({ path, summary, options, arguments: words = [] }: Verb): Node {
  return {
    path,
    summary,
    verbs: [],
    options: [...Object.values(options), helpOption].map(wordsOf),
    arguments: words.map(({ completes, isRequired, isVariadic = false }, index) => {
      const next = isRequired || isVariadic ? undefined : words[index + 1];
      const values = [completes, ...(next === undefined ? [] : [next.completes])].map(valueOf);
      return { values, isVariadic };
    }),
  };
}

/** Options of any verb that take a value: the word behind one is no argument. */
export function valueSpellings(program: Node): string[] {
  const options = allVerbs(program).flatMap((verb) => verb.options);
  const taking = options.filter(({ value }) => value !== undefined);
  return [...new Set(taking.flatMap(({ spellings }) => spellings))];
}

/** What a shell has for the words at a place: their number, from 1; none for any number of places. */
export function places({ arguments: words }: Node) {
  return words.map(({ values, isVariadic }, index) => {
    return { place: index + 1, values, isVariadic };
  });
}

function wordsOf({ flags, summary, choices, completes }: OptionSpec<unknown>): OptionWords {
  const words = flags.split(/,? /);
  const takesValue = /[<[]/.test(flags);
  return {
    spellings: words.filter((word) => word.startsWith('-')),
    summary,
    value: takesValue ? (choices ?? valueOf(completes)) : undefined,
  };
}

/** The ids of checks and the keys of columns are looked up here, so that the command need not load them to declare its options. */
function valueOf(completes: Completes | undefined): Value {
  switch (completes) {
    case 'check':
      return checks.map(({ id }) => id);
    case 'column':
      return listColumns.map(({ key }) => key);
    case undefined:
      return 'unknown';
    default:
      return completes;
  }
}

/** The words of all verbs as patterns of a shell's case, each behind a blank: `' rules' ' rules load'`. */
export function pathPatterns(program: Node): string[] {
  const paths = allVerbs(program).filter(({ path }) => path.length > 0);
  return paths.map(({ path }) => `' ${path.join(' ')}'`);
}

/** The verb and all below it. */
export function allVerbs(verb: Node): Node[] {
  return [verb, ...verb.verbs.flatMap(allVerbs)];
}

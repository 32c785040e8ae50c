/**
 * Reads words as libpopt does, whose grammar users have in their fingers: short options cluster (`-Ln`), a value may be
 * attached (`-w5`, `-w=5`, `--weight=5`), long names are never abbreviated, and `--` ends the options. It reads one option
 * at a time, since texts about a later one must not hide an earlier one's.
 * Source: libpopt's popt.c, poptGetNextOpt; observed with ipvsadm 1.31.
 */

/** What the grammar needs to know of an option. */
export interface PoptOption {
  readonly long: string;
  readonly shorts: readonly string[];
  /** Whether it takes a value. An optional one is the next word only when that does not begin with a dash. */
  readonly argument: 'none' | 'optional' | 'required';
}

/** The table in the form the reader looks things up in. */
export class PoptTable<O extends PoptOption> {
  readonly long = new Map<string, O>();
  readonly short = new Map<string, O>();

  constructor(options: readonly O[]) {
    for (const option of options) {
      this.long.set(option.long, option);
      for (const letter of option.shorts) this.short.set(letter, option);
    }
  }
}

/** An option that was read, with its value. */
export interface PoptFound<O> {
  readonly option: O;
  readonly value: string | undefined;
}

/** What the grammar does not allow; the texts are libpopt's. */
export type PoptProblem =
  'unknown option' | 'missing argument' | 'option does not take an argument';

export class PoptReader<O extends PoptOption> {
  readonly #table: PoptTable<O>;
  readonly #words: readonly string[];
  readonly #leftovers: string[] = [];
  #next = 0;
  /** The place of the next letter in a cluster, the last word taken; 0 outside of one. */
  #letter = 0;
  #onlyLeftovers = false;

  constructor(table: PoptTable<O>, words: readonly string[]) {
    this.#table = table;
    this.#words = words;
  }

  /** The last word taken, which texts about an option quote: whole, also when it is a cluster. */
  get word(): string {
    return this.#words[this.#next - 1] ?? '';
  }

  /** Words that belong to no option. All of them are known when {@link read} has returned undefined. */
  get leftovers(): readonly string[] {
    return this.#leftovers;
  }

  /** The next option; a string says what is wrong with it; undefined is the end. */
  read(): PoptFound<O> | PoptProblem | undefined {
    if (this.#letter > 0) return this.#readLetter();
    for (let word = this.#take(); word !== undefined; word = this.#take()) {
      if (this.#onlyLeftovers || !word.startsWith('-') || word === '-') {
        this.#leftovers.push(word);
      } else if (word === '--') {
        this.#onlyLeftovers = true;
      } else if (word.startsWith('--')) {
        return this.#readLong(word.slice(2));
      } else {
        this.#letter = 1;
        return this.#readLetter();
      }
    }
    return undefined;
  }

  #take(): string | undefined {
    if (this.#next === this.#words.length) return undefined;
    this.#next += 1;
    return this.#words[this.#next - 1];
  }

  #readLong(text: string): PoptFound<O> | PoptProblem {
    const name = nameOf(text);
    const option = this.#table.long.get(name);
    if (option === undefined) return 'unknown option';
    const attached = name.length < text.length ? text.slice(name.length + 1) : undefined;
    if (option.argument === 'none') {
      return attached === undefined
        ? { option, value: undefined }
        : 'option does not take an argument';
    }
    return this.#withValue(option, attached);
  }

  #readLetter(): PoptFound<O> | PoptProblem {
    const { word } = this;
    const option = this.#table.short.get(word.charAt(this.#letter));
    if (option === undefined) return 'unknown option';
    const next = this.#letter + 1;
    const isLast = next === word.length;
    const isAssigned = !isLast && word.charAt(next) === '=';
    this.#letter = isLast || option.argument !== 'none' ? 0 : next;
    if (option.argument === 'none') {
      return isAssigned ? 'option does not take an argument' : { option, value: undefined };
    }
    return this.#withValue(option, isLast ? undefined : word.slice(isAssigned ? next + 1 : next));
  }

  #withValue(option: O, attached: string | undefined): PoptFound<O> | PoptProblem {
    if (attached !== undefined) return { option, value: attached };
    const following = this.#words[this.#next];
    if (option.argument === 'optional' && (following === undefined || following.startsWith('-'))) {
      return { option, value: undefined };
    }
    const value = this.#take();
    return value === undefined ? 'missing argument' : { option, value };
  }
}

function nameOf(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0 ? text : text.slice(0, equals);
}

/**
 * What a shell completes a value with: files and the like, the ids of the doctor's checks, the columns of
 * `ipvs list`, the services and real servers in the kernel, or given words.
 */
export type Completes =
  | 'file'
  | 'folder'
  | 'interface'
  | 'check'
  | 'column'
  | 'selector'
  | 'service'
  | 'server'
  | readonly string[];

/** An option as data: the parser, help, completions and the manual derive from it. */
export interface OptionSpec<T> {
  /** `-f, --file <file>`: the manual shows the name of the value in capitals. */
  readonly flags: string;
  /** What it does, without a full stop. */
  readonly summary: string;
  /** Its value when it is not given. */
  readonly initial: T;
  /** What help calls {@link initial}, where it says so. */
  readonly shownDefault?: string;
  readonly isRequired?: true;
  /** All the words that its value may be. */
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  /**
   * Reads the value; without it, the value is the text. @param before the value so far, of an option that is given again.
   * @throws InvalidArgumentError
   */
  parse?(text: string, before: T): T;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

/** The values of options, by the keys of their specifications. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: Specs[Key] extends OptionSpec<infer T> ? T : never;
};

/** An option without a value. */
export function flag(flags: string, summary: string): OptionSpec<boolean> {
  return { flags, summary, initial: false };
}

/** A word or path after the verb. */
export interface ArgumentSpec {
  readonly name: string;
  readonly summary: string;
  readonly isRequired: boolean;
  /** Whether any number of words may stand there. It is the last one. */
  readonly isVariadic?: true;
  readonly completes?: Completes;
}

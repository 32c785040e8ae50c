import type { Argument, Command, Option } from 'commander';

/** What the value of an option or an argument may be: words, or what the shell knows. */
export type Value = 'file' | 'folder' | 'interface' | 'unknown' | readonly string[];

export interface OptionWords {
  /** As typed: `-f`, `--file`. */
  readonly spellings: readonly string[];
  readonly summary: string;
  /** Undefined: it takes no value. */
  readonly value: Value | undefined;
}

/** A verb, or the program itself. */
export interface Verb {
  /** The words behind `ipvs`: `director up`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly verbs: readonly Verb[];
  readonly options: readonly OptionWords[];
  /** Undefined: it takes no argument. */
  readonly argument: Value | undefined;
}

/** What values are, by the names that help gives them. */
const kinds: Readonly<Record<string, Value>> = {
  path: 'file',
  file: 'file',
  config: 'file',
  folder: 'folder',
  device: 'interface',
};

/** The verbs of a program as commander knows them. @param words for values that commander does not know the words of. */
export function verbOf(
  command: Command,
  words: Readonly<Record<string, readonly string[]>>,
  path: readonly string[] = [],
): Verb {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    path,
    summary: command.description(),
    verbs: help.visibleCommands(command).map((verb) => verbOf(verb, words, [...path, verb.name()])),
    options: help.visibleOptions(command).map((option) => ({
      spellings: [option.short, option.long].filter((name) => name != null),
      summary: option.description,
      value: option.required || option.optional ? valueOf(option, words) : undefined,
    })),
    argument: argument && valueOf(argument, words),
  };
}

function valueOf(of: Option | Argument, words: Readonly<Record<string, readonly string[]>>): Value {
  const [, name = ''] = 'flags' in of ? (/[<[]([\w-]+)/.exec(of.flags) ?? []) : ['', of.name()];
  return of.argChoices ?? words[name] ?? kinds[name.toLowerCase()] ?? 'unknown';
}

/** The words of all verbs as patterns of a shell's case, each behind a blank: `' service' ' service start'`. */
export function pathPatterns(program: Verb): string[] {
  const paths = allVerbs(program).filter(({ path }) => path.length > 0);
  return paths.map(({ path }) => `' ${path.join(' ')}'`);
}

/** The verb and all below it. */
export function allVerbs(verb: Verb): Verb[] {
  return [verb, ...verb.verbs.flatMap(allVerbs)];
}

import { jsonText } from '../common/json.js';
import type { JsonRecord } from '../common/json.js';
import type { Host } from '../host/host.js';
import type { Session } from '../terminal/session.js';
import type { ArgumentSpec, OptionSpecs, OptionValues } from './option-spec.js';

/** Where the npm package is installed, and the program that runs it. */
export interface Package {
  /** The folder of its package.json. */
  readonly folder: string;
  /** The path of node. */
  readonly node: string;
}

/** What a verb has to work with. */
export interface VerbContext {
  readonly session: Session;
  /** Undefined in the single executable, whose own package installs all files. */
  readonly package: Package | undefined;
  /** The machine. Loaded on demand, to keep the start of the command fast. */
  readonly host: () => Promise<Host>;
  /** The folder of the journals; undefined for the default. */
  readonly state: string | undefined;
}

/** A command line, and when to use it. */
export type Example = readonly [command: string, what?: string];

/** The declaration of a verb, from which help, completions and the manual derive. */
export interface VerbDeclaration<Specs extends OptionSpecs> {
  /** The words after `ipvs`: `rules load`. */
  readonly path: readonly [string, ...string[]];
  /** Former paths, which still work but are not shown. */
  readonly aliases?: readonly (readonly [string, ...string[]])[];
  /** What it does, without a full stop. */
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options: Specs;
  /** Paragraphs of its help before the examples. */
  readonly notes?: string;
  readonly examples: readonly Example[];
  /** For programs: help, completions and the manual do not show it. */
  readonly isHidden?: true;
  /** The example that `ipvs -h` shows. */
  readonly overview?: Example;
}

/** What a verb does, and how the outcome is shown. */
export interface VerbAction<Given, Result> {
  /** @param words its arguments. @throws CliError, IpvsError */
  readonly run: (context: VerbContext, options: Given, words: readonly string[]) => Promise<Result>;
  /** The exit status. */
  readonly status: (result: Result) => number;
  readonly render: {
    /** Writes the result for a reader: what was asked for on standard output, complaints on standard error. */
    readonly text: (result: Result, session: Session) => Promise<void>;
    /** The object that `-o json` prints, without its `schemaVersion`. For verbs that declare `outputOptions`. */
    readonly json?: (result: Result) => JsonRecord;
    /** Other formats that `-o` may name, and json where it is too large for one object. */
    readonly formats?: Readonly<
      Record<string, (result: Result, session: Session) => Promise<void>>
    >;
  };
}

/** A verb: its declaration, and how to load its action. */
export interface VerbRecord<Specs extends OptionSpecs, Result> extends VerbDeclaration<Specs> {
  /** Loads the action, which help and other verbs do not need. */
  readonly action: () => Promise<VerbAction<OptionValues<Specs>, Result>>;
}

/** A verb as the program sees it: whatever its options and its result are. */
export interface Verb extends VerbDeclaration<OptionSpecs> {
  /** Runs it and shows the outcome. @param values by the keys of its options. @returns the exit status. */
  readonly execute: (
    context: VerbContext,
    values: Readonly<Record<string, unknown>>,
    words: readonly string[],
  ) => Promise<number>;
}

/** Of all JSON that verbs print. */
export const SCHEMA_VERSION = 1;

/** Makes a verb from its record. */
export function defineVerb<Specs extends OptionSpecs, Result>({
  action,
  ...declaration
}: VerbRecord<Specs, Result>): Verb {
  return {
    ...declaration,
    execute: async (context, values, words) => {
      const { session } = context;
      const { run, status, render } = await action();
      // The program has parsed them according to the specifications.
      const result = await run(context, values as OptionValues<Specs>, words);
      await session.progress.clear();
      const format = values['json'] === true ? 'json' : values['output'];
      const write = typeof format === 'string' ? render.formats?.[format] : undefined;
      if (write !== undefined) await write(result, session);
      else if (format === 'json' && render.json !== undefined) {
        const outcome = { schemaVersion: SCHEMA_VERSION, ...render.json(result) };
        await session.output.line(jsonText(outcome));
      } else await render.text(result, session);
      return status(result);
    },
  };
}

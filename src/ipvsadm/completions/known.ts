import { commandLines } from '../../rules/grammar/commands.js';
import { optionLines } from '../../rules/grammar/options.js';
import { spellings } from './offers.js';

/** What reading a line must know of a command or an option. */
export interface Known {
  readonly spellings: readonly string[];
  readonly name: string;
  /** A service is an option that names a virtual service. */
  readonly kind: 'command' | 'option' | 'service';
  readonly argument: 'none' | 'optional' | 'required';
}

/** All commands and options. */
export function known(): Known[] {
  return [
    ...commandLines.map((line) => ({
      spellings: spellings(line),
      name: line.long,
      kind: 'command' as const,
      argument: line.argument === undefined ? ('none' as const) : ('required' as const),
    })),
    ...optionLines.map((line) => ({
      spellings: spellings(line),
      name: line.long,
      kind: line.value.completes === 'service' ? ('service' as const) : ('option' as const),
      argument: line.value.argument,
    })),
  ];
}

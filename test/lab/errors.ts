import type { CommandResult } from './protocol.js';

/** What went wrong in the lab itself, in words that say what to do. */
export class LabError extends Error {
  override readonly name = 'LabError';

  /** What a command that ran into its deadline had said until then. */
  readonly result: CommandResult | undefined;

  constructor(message: string, result?: CommandResult) {
    super(message);
    this.result = result;
  }
}

/** Console text, without what would move the reader's cursor. */
export function printable(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      // eslint-disable-next-line no-control-regex -- control characters are what this takes away
      .replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
  );
}

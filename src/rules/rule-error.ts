/**
 * What is wrong with a rule, for a program that answers each kind in its own way:
 * - `no-command`: its first word is none of the commands.
 * - `option`: a word that is no option, or an option without its value.
 * - `value`: everything else. Values that are out of range, options that do not go together.
 * - `file`: there is no file of rules, or it cannot be read.
 */
export type RuleErrorKind = 'no-command' | 'option' | 'value' | 'file';

/** Rules that cannot be read. Where ipvsadm has words for what is wrong, the message has them. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly kind: RuleErrorKind;

  constructor(text: string, kind: RuleErrorKind = 'value') {
    super(text);
    this.kind = kind;
  }
}

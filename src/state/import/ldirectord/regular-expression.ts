/** What Perl's regular expressions have and those of checks have not, which are matched in bounded time. */
const PERL_ONLY =
  /\(\?(?:[=!>|&#R\d(+]|<[=!]|P[>=])|\(\*|[*+?}]\+|\\[1-9gkGKRXhHvVNZzAQELUlu]|\[\[:/;

/** Whether a regular expression of Perl means the same where there is neither looking around nor reference back. */
export function isPortable(pattern: string): boolean {
  if (PERL_ONLY.test(pattern)) return false;
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

/** The text that a pattern without special characters matches; dots may stand as they are. Undefined: it has others. */
export function literalOf(pattern: string): string | undefined {
  const inner = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const plain = inner.replaceAll(/\\([.:/-])/g, '$1');
  return /^[\w.:/-]+$/.test(plain) ? plain : undefined;
}

/** What the system calls the reason of an error, as `ENOENT`; the empty text when it is no error of the system's. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

import { errorText } from '../common/system-errors.js';

/** Exit statuses of the command `ipvs`. */
export const cliStatus = {
  ok: 0,
  /** The kernel or the system refused something. */
  failed: 1,
  /** The command line or the rules are wrong, or IPVS cannot be reached. */
  usage: 2,
} as const;

/** Something that keeps a verb from its work: sentences for the administrator, with the next step in them. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly status: number;

  constructor(text: string, status: number = cliStatus.failed) {
    super(text);
    this.status = status;
  }
}

/** Waits for a call of the system; what goes wrong becomes a {@link CliError} that says what was tried. */
export async function withContext<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${what}: ${errorText(error)}`);
  }
}

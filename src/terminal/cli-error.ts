import { errorText } from '../common/system-errors.js';
import { exitStatus } from './exit-status.js';

/** A failure of a command: sentences for the administrator, including the next step. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly status: number;

  /** @param status by default: the system refused, and nothing was changed. */
  constructor(text: string, status: number = exitStatus.refused) {
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

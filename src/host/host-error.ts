import { errorText } from '../common/system-errors.js';

/** Something that the machine refused, or that it lacks: a sentence. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/** Waits for a call of the system. @throws HostError that says what was tried, and why it failed in the system's words. */
export async function hostCall<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new HostError(`${what}: ${errorText(error)}`, { cause: error });
  }
}

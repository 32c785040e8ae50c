import { codeOf } from '../common/error-code.js';

/** Kills all processes of a group: a program that was started as the first of its own, and what it has started. */
export function killProcessGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // None is left, or those that are left belong to a user that we may not kill.
    if (!['ESRCH', 'EPERM'].includes(codeOf(error))) throw error;
  }
}

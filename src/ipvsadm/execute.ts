import { IpvsError } from '../ipvs/errors.js';
import type { KernelInvocation } from '../rules/invocation.js';
import { kernelErrorText } from './kernel-errors.js';
import { list, save } from './listing.js';
import { applyInvocation } from '../state/apply-invocation.js';
import type { Session } from '../terminal/session.js';
import { compatibleStatus } from './exit-status.js';

/**
 * Carries out one invocation and says what the kernel refused.
 * @param describe what to make of the kernel's complaint, for a caller that knows where it came from.
 * @returns the exit status.
 */
export async function execute(
  session: Session,
  invocation: KernelInvocation,
  describe: (complaint: string) => string = (complaint) => complaint,
): Promise<number> {
  const { command } = invocation;
  const reads = command === 'list' || command === 'save';
  try {
    return (await carryOut(session, invocation)) ? compatibleStatus.done : compatibleStatus.failed;
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    await session.complain(describe(kernelErrorText(command, error)));
    return reads ? compatibleStatus.failed : compatibleStatus.refused;
  }
}

/** Carries out one invocation. @returns whether all went well. @throws IpvsError when the kernel refuses it. */
async function carryOut(session: Session, invocation: KernelInvocation): Promise<boolean> {
  const { command } = invocation;
  if (command === 'save') return save(session, invocation.numeric);
  if (command === 'list') await list(session, invocation);
  else await applyInvocation(await session.client(), invocation);
  return true;
}

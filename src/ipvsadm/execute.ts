import type { IpvsClient } from '../ipvs/client/client.js';
import type { Timeouts, TimeoutsInput } from '../ipvs/model/timeouts.js';
import { IpvsError } from '../ipvs/errors.js';
import type { KernelInvocation } from '../rules/invocation.js';
import { kernelErrorText } from './kernel-errors.js';
import { list, save } from './listing.js';
import type { Session } from '../terminal/session.js';
import { exitStatus } from '../terminal/usage-error.js';

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
    await carryOut(session, invocation);
    return exitStatus.ok;
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    await session.complain(describe(kernelErrorText(command, error)));
    return reads ? exitStatus.failed : exitStatus.refused;
  }
}

/** Carries out one invocation. @throws IpvsError when the kernel refuses it. */
export async function carryOut(session: Session, invocation: KernelInvocation): Promise<void> {
  const { command } = invocation;
  if (command === 'list') await list(session, invocation);
  else if (command === 'save') await save(session, invocation.numeric);
  else await change(await session.client(), invocation);
}

async function change(
  client: IpvsClient,
  invocation: Exclude<KernelInvocation, { command: 'list' | 'save' }>,
): Promise<void> {
  if ('operation' in invocation) {
    const { failures } = await client.batch([invocation.operation]);
    if (failures[0] !== undefined) throw failures[0].error;
    return;
  }
  switch (invocation.command) {
    case 'set':
      return client.setTimeouts(withoutZeros(invocation.timeouts));
    case 'start-daemon':
      return client.startSyncDaemon(invocation.daemon);
    case 'stop-daemon':
      return client.stopSyncDaemon(invocation.state);
  }
}

/** On a command line 0 leaves a timeout as it is. */
function withoutZeros(timeouts: Timeouts): TimeoutsInput {
  return Object.fromEntries(Object.entries(timeouts).filter(([, seconds]) => seconds !== 0));
}

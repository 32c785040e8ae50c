import type { IpvsClient } from '../ipvs/client/client.js';
import type { Timeouts, TimeoutsInput } from '../ipvs/model/timeouts.js';
import type { ChangeInvocation } from '../rules/invocation.js';

/** Carries out one rule that changes something. @throws IpvsError when the kernel refuses it. */
export async function applyInvocation(
  client: IpvsClient,
  invocation: ChangeInvocation,
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

/** In a rule, 0 leaves a timeout as it is. */
function withoutZeros(timeouts: Timeouts): TimeoutsInput {
  return Object.fromEntries(Object.entries(timeouts).filter(([, seconds]) => seconds !== 0));
}

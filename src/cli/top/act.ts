import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { ChangeOutcome } from '../change-table.js';
import type { VerbContext } from '../verb.js';
import type { TopAction } from './action.js';

/** Drains that are not waited for have the time that `ipvs drain` gives by default. */
const DRAIN_SECONDS = 300;

/**
 * Does what `ipvs drain`, `ipvs undrain` and `ipvs set` do.
 * @returns what was done, a sentence.
 * @throws CliError, HostError or IpvsError when it was not
 */
export async function act(context: VerbContext, action: TopAction): Promise<string> {
  const { service, server } = action;
  switch (action.type) {
    case 'drain': {
      const { beginDrain, drainRequest } = await import('../drain/run.js');
      checkDone(await beginDrain(context, drainRequest(service, server, DRAIN_SECONDS)));
      return `${server} gets no new clients. u ends that.`;
    }
    case 'undrain': {
      const { undrainServers } = await import('../actions/undrain.js');
      const { outcome, remarks } = await undrainServers(context, [server]);
      checkDone(outcome);
      return remarks[0] ?? `${server} gets clients again.`;
    }
    case 'weight': {
      const { setSettings } = await import('../actions/set.js');
      checkDone(await setSettings(context, [service, server, `weight=${action.weight}`]));
      return `The weight of ${server} is ${action.weight}.`;
    }
  }
}

function checkDone({ failures }: ChangeOutcome): void {
  const [failure] = failures;
  if (failure !== undefined) throw new CliError(failure.error.message, exitStatus.refused);
}

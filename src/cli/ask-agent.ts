import { AgentClient, AgentError } from '../agent/control/client.js';
import { formatDestinationId } from '../ipvs/model/destination.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { ServerSelector, ServiceSelector } from '../state/selection.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';

/** Asks the agent. @throws CliError when it cannot be asked, or refuses */
export async function askAgent<T>(
  socket: string,
  work: (client: AgentClient) => Promise<T>,
): Promise<T> {
  try {
    return await work(new AgentClient({ socket }));
  } catch (error) {
    throw agentFailure(error);
  }
}

/** What the command says of an error of the agent's; others stay what they are. */
export function agentFailure(error: unknown): unknown {
  if (!(error instanceof AgentError)) return error;
  // A word that names nothing is a mistake in the command line; else the agent has a reason.
  const isRefused = error.code === 'REFUSED' && error.status === 409;
  return new CliError(error.message, isRefused ? exitStatus.refused : exitStatus.usage);
}

/** Servers and services as they are named to the agent, which knows no names of ports. */
export function agentTargets(
  servers: readonly ServerSelector[],
  services: readonly ServiceSelector[],
): { readonly servers: readonly string[]; readonly services?: readonly string[] } {
  return {
    servers: servers.map(({ address, port }) =>
      port === undefined ? address.toString() : formatDestinationId({ address, port }),
    ),
    ...(services.length > 0 && {
      services: services.map((one) => (one.kind === 'name' ? one.name : formatServiceId(one.id))),
    }),
  };
}

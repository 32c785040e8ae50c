import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentClient } from '../agent/control/client.js';
import { DEFAULT_SOCKET } from '../agent/control/default-socket.js';
import type { StatusJson } from '../agent/control/shapes.js';
import { firstOf } from '../common/plural.js';
import { printable } from '../common/printable.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import type { VerbContext } from './verb.js';

/** The agent that keeps services of this table. */
export interface RunningAgent {
  readonly client: AgentClient;
  readonly status: StatusJson;
}

/** It answers at once, or something is wrong with it. */
const TIMEOUT_MS = 10_000;

/**
 * The agent, if one runs for this network namespace: services that it keeps are not changed behind its back.
 * @throws CliError when there is one that cannot be asked
 */
export async function runningAgent({
  host,
  state,
}: VerbContext): Promise<RunningAgent | undefined> {
  const socket = state === undefined ? DEFAULT_SOCKET : join(state, 'agent.sock');
  // Most directors have none: then nothing is loaded for it.
  if ((await lstat(socket).catch(() => undefined)) === undefined) return undefined;
  const [{ AgentClient, AgentError }, { agentFailure }] = await Promise.all([
    import('../agent/control/client.js'),
    import('./ask-agent.js'),
  ]);
  const client = new AgentClient({ socket, timeoutMs: TIMEOUT_MS });
  try {
    const status = await client.status();
    // All network namespaces share /run, and each has a table of its own.
    const machine = await host();
    const [own, its] = await Promise.all(
      ['self', status.agent.pid].map((id) => machine.link(`/proc/${id}/ns/net`)),
    );
    return its !== undefined && its !== own ? undefined : { client, status };
  } catch (error) {
    // Only its socket is left.
    if (error instanceof AgentError && error.code === 'NO_AGENT') return undefined;
    throw agentFailure(error);
  }
}

/** The services that an agent keeps. */
export const keptBy = (agent: RunningAgent | undefined): ReadonlySet<string> =>
  new Set(agent?.status.services.map(({ service }) => service));

/** @throws CliError when an agent keeps one of these services, and would change it back. */
export function refuseKept(agent: RunningAgent | undefined, services: readonly string[]): void {
  const kept = keptBy(agent);
  const affected = services.filter((service) => kept.has(service));
  if (agent === undefined || affected.length === 0) return;
  const { pid, configFile } = agent.status.agent;
  throw new CliError(
    `Nothing was changed: the agent (PID ${pid}) keeps ${printable(firstOf(affected))}, and would change it back.\n` +
      `Edit ${printable(configFile)}, then: ipvs agent reload`,
    exitStatus.refused,
  );
}

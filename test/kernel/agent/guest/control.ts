/** Called in an agent of the director: asks `ipvs agent` over its socket. */
import { AgentClient } from '../../../../src/agent/control/client.js';
import type {
  DrainRequest,
  MaintenanceRequest,
  ReloadJson,
  StatusJson,
} from '../../../../src/agent/control/shapes.js';

const agentAt = (socket: string): AgentClient => new AgentClient({ socket });

export function status(socket: string): Promise<StatusJson> {
  return agentAt(socket).status();
}

export async function drain(socket: string, request: DrainRequest): Promise<void> {
  await agentAt(socket).drain(request);
}

export async function startMaintenance(socket: string, request: MaintenanceRequest): Promise<void> {
  await agentAt(socket).startMaintenance(request);
}

export function reload(socket: string): Promise<ReloadJson> {
  return agentAt(socket).reload();
}

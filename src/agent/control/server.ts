import { HostError } from '../../host/host-error.js';
import { listenAt, socketPlace } from '../../host/unix-socket.js';
import { AgentClient } from './client.js';
import type { AgentControl } from './control.js';
import { DEFAULT_SOCKET } from './default-socket.js';
import { HttpService } from './http-service.js';
import type { HttpLimits } from './http-service.js';
import { routes } from './routes.js';

const LIMITS: HttpLimits = {
  bodyBytes: 64 * 1024,
  requestMs: 10_000,
  connections: 512,
  streams: 256,
  large: 16,
  stallMs: 10_000,
  answerMs: 60_000,
  idleMs: 15_000,
};

export interface ControlOptions {
  /** Default {@link DEFAULT_SOCKET}. */
  readonly socket?: string;
  readonly limits?: Partial<HttpLimits>;
  /** Hears what the agent does without: the rights of a group, for instance. */
  readonly onWarning?: (text: string) => void;
  /** Hears errors that are mistakes in the agent; the client gets 500. */
  readonly onError?: (error: unknown) => void;
}

export interface ControlServer {
  /** Ends all streams and connections, and removes the socket. */
  close(): Promise<void>;
}

/** Another agent answers at the socket. */
export class AgentRunningError extends HostError {
  constructor(socket: string, pid: number | undefined) {
    const which = pid === undefined ? '' : ` (PID ${pid})`;
    super(
      `An agent${which} is running already, and has ${socket}. To see what it knows: ipvs status`,
    );
  }
}

/**
 * Serves the agent at a Unix socket, for its owner and the group `ipvs`. The socket of an agent that has died is replaced.
 * @throws AgentRunningError when another agent has the socket, HostError when it cannot be made.
 */
export async function serveControl(
  control: AgentControl,
  { socket = DEFAULT_SOCKET, limits = {}, onWarning, onError }: ControlOptions = {},
): Promise<ControlServer> {
  if ((await socketPlace(socket)) === 'in use') {
    throw new AgentRunningError(socket, await pidAt(socket));
  }
  const service = new HttpService({
    ...{ control, routes, onError },
    limits: { ...LIMITS, ...limits },
  });
  const rights = { mode: 0o660, group: 'ipvs', opensFolder: socket === DEFAULT_SOCKET };
  const place = await listenAt(service.server, socket, rights);
  for (const warning of place.warnings) onWarning?.(warning);
  return {
    close: async () => {
      await place.remove();
      await service.close();
    },
  };
}

/** The process that answers at a socket, if it is an agent. */
async function pidAt(socket: string): Promise<number | undefined> {
  try {
    return (await new AgentClient({ socket, timeoutMs: 2000 }).status()).agent.pid;
  } catch {
    return undefined;
  }
}

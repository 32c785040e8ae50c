import { isThere } from '../../host/is-there.js';
import type { AgentControl } from './control.js';
import { DEFAULT_SOCKET } from './default-socket.js';
import { serveControl } from './server.js';
import type { ControlOptions, ControlServer } from './server.js';

/** How often is looked. Without the socket nobody can ask, and another agent would begin. */
const LOOK_MS = 5000;

/** As {@link serveControl}; when somebody removes the socket, as with all of /run/ipvs, it is made again. */
export async function keepServed(
  control: AgentControl,
  options: ControlOptions,
  lookMs = LOOK_MS,
): Promise<ControlServer> {
  const { socket = DEFAULT_SOCKET, onError } = options;
  let server = await serveControl(control, options);
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    if (await isThere(socket)) return;
    await server.close();
    server = await serveControl(control, options);
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      onError?.(error);
    });
  }, lookMs);
  return {
    close: async () => {
      clearInterval(timer);
      await looking;
      await server.close();
    },
  };
}

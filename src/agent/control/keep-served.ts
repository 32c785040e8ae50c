import { isThere } from '../../host/is-there.js';
import type { AgentControl } from './control.js';
import { DEFAULT_SOCKET } from './default-socket.js';
import { serveControl } from './server.js';
import type { ControlOptions, ControlServer } from './server.js';

/** How often to look. Without its socket the agent cannot be reached, and another one could start. */
const LOOK_MS = 5000;

/** Like {@link serveControl}, but makes the socket again when it has been removed, for example with all of /run/ipvs. */
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

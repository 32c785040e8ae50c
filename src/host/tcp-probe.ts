import { connect } from 'node:net';
import { startTimeout } from './timeout.js';

/**
 * Opens a TCP connection and resets it, so that neither end keeps it in TIME_WAIT.
 * @returns why it was not accepted; undefined if it was
 */
export function probeTcp(
  host: string,
  port: number,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (reason: string | undefined): void => {
      cancel();
      socket.destroy();
      resolve(reason);
    };
    const cancel = startTimeout(timeoutMs, () => {
      end('ETIMEDOUT');
    });
    socket.once('connect', () => {
      socket.resetAndDestroy();
      end(undefined);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code ?? error.message);
    });
  });
}

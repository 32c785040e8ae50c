import { connect } from 'node:net';
import { deadline } from './timeout.js';

/** Opens a TCP connection and ends it by a reset, which leaves nothing behind. @returns why it was not taken. */
export function probeTcp(
  host: string,
  port: number,
  deadlineMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (why: string | undefined): void => {
      callOff();
      socket.destroy();
      resolve(why);
    };
    const callOff = deadline(deadlineMs, () => {
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

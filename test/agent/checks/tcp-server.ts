import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A port that nobody has, as far as one can know. */
export async function freeTcpPort(address: string): Promise<number> {
  const server = createServer().listen({ host: address, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resets a connection. `resetAndDestroy` closes it before. */
export function resetSocket(socket: Socket & { resetAndClosing?: boolean }): void {
  socket.resetAndClosing = true;
  socket.destroy();
}

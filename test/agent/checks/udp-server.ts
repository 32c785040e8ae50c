import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface UdpServer {
  readonly port: number;
  readonly socket: Socket;
}

/** A server that answers as it likes, until the test is over. */
export async function udpServer(
  address: string,
  onDatagram: (bytes: Buffer, from: RemoteInfo, socket: Socket) => void = () => undefined,
): Promise<UdpServer> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes, from) => {
    onDatagram(bytes, from, socket);
  });
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  onTestFinished(() => {
    socket.close();
  });
  return { port: socket.address().port, socket };
}

/** A port that nobody has, as far as one can know. */
export async function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

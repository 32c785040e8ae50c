/** Called in an agent: a real server that says its name, and clients that ask for it, hold connections and talk. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { connect, createServer, isIPv6, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { startTimeout } from '../../../src/host/timeout.js';
import { PATIENCE_MS } from '../patience.js';

/** Longer than it takes to send a few lost packets again: who waits for silence names a shorter one. */
const DEADLINE_MS = PATIENCE_MS;

/** Who has come to the real servers of this namespace, as they saw it: `ADDRESS PORT`, the client's, oldest first. */
const visitors: string[] = [];

export interface Served {
  readonly name: string;
  readonly tcp?: readonly number[];
  readonly udp?: readonly number[];
}

/**
 * A server on every address that the namespace has now. By TCP it sends its name and a line end, and returns each line it
 * is sent behind its name; by UDP it answers each datagram with its name.
 */
export async function serve({ name, tcp = [], udp = [] }: Served): Promise<void> {
  await Promise.all([
    ...tcp.map((port) => serveStream(name, port)),
    ...udp.flatMap((port) => ownAddresses().map((address) => serveDatagrams(name, port, address))),
  ]);
}

function serveStream(name: string, port: number): Promise<void> {
  const server = createServer((socket) => {
    visitors.push(`${plain(socket.remoteAddress)} ${socket.remotePort}`);
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8');
    socket.write(`${name}\n`);
    let text = '';
    socket.on('data', (piece: string) => {
      const lines = (text + piece).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) socket.write(`${name} ${line}\n`);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '::', resolve);
  });
}

/** Answers must come from the address that was asked, which a socket for all addresses would not see to. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries = []) =>
    entries.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address),
  );
}

function serveDatagrams(name: string, port: number, address: string): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('message', (_, from: RemoteInfo) => {
    visitors.push(`${from.address} ${from.port}`);
    socket.send(name, from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject).bind(port, address, resolve);
  });
}

/** An IPv4 address that came by a socket for both families. */
function plain(address = ''): string {
  return address.replace(/^::ffff:/, '');
}

/** Who has come since this was asked last. */
export function visits(): string[] {
  return visitors.splice(0);
}

export interface Asked {
  readonly host: string;
  readonly port: number;
  /** 1 by default. */
  readonly times?: number;
  /** The client's own address, where it has many. */
  readonly from?: string;
  /** The client's own port, by UDP: datagrams of one flow. */
  readonly fromPort?: number;
  /** What a datagram says; `?` by default. */
  readonly text?: string;
  /** Until when an answer is waited for; a minute by default. */
  readonly deadlineMs?: number;
}

/** Who answered, one fresh TCP connection after the other; what failed is `failed: <why>`. */
export async function ask({ times = 1, ...where }: Asked): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < times; asked++) {
    const { socket, answer } = await greeted(where);
    socket.destroy();
    answers.push(answer);
  }
  return answers;
}

/** The same by UDP, a datagram each, from a port of its own each unless one is named. */
export async function askByDatagram({ times = 1, ...where }: Asked): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < times; asked++) answers.push(await datagram(where));
  return answers;
}

/** The kernel gives ports at random, and what comes from one a second time goes where the first went, without a choice. */
let nextPort = 20_000;

function datagram({ host, port, from, fromPort, text = '?', deadlineMs = DEADLINE_MS }: Asked) {
  return new Promise<string>((resolve) => {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', reuseAddr: true });
    const end = (answer: string): void => {
      callOff();
      socket.close();
      resolve(answer);
    };
    const callOff = startTimeout(deadlineMs, () => {
      end('failed: timeout');
    });
    socket.on('message', (bytes) => {
      end(bytes.toString());
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(`failed: ${error.code ?? error.message}`);
    });
    socket.bind(
      { port: fromPort ?? nextPort++, ...(from !== undefined && { address: from }) },
      () => {
        // Connected, so that a refusal is reported.
        socket.connect(port, host, () => {
          socket.send(text);
        });
      },
    );
  });
}

/** Connections that are held open, by their place in the order they were made. */
const held: Socket[] = [];

export interface Held {
  readonly id: number;
  readonly answer: string;
}

/** Opens TCP connections, one after the other, and keeps them. */
export async function hold({ times = 1, ...where }: Asked): Promise<Held[]> {
  const made: Held[] = [];
  for (let asked = 0; asked < times; asked++) {
    const { socket, answer } = await greeted(where);
    made.push({ id: held.push(socket) - 1, answer });
  }
  return made;
}

/** Sends a line on a held connection: what comes back, or `failed: <why>`. */
export async function say(id: number, line: string, deadlineMs = DEADLINE_MS): Promise<string> {
  const socket = held[id];
  if (socket === undefined) throw new Error(`no connection ${id} is held`);
  if (socket.destroyed) return 'failed: closed';
  socket.write(`${line}\n`);
  return await firstLine(socket, deadlineMs);
}

/** Closes held connections; null means all. With `abruptly`, by a reset. */
export function release(ids: readonly number[] | null, abruptly: boolean): void {
  for (const [id, socket] of held.entries()) {
    if (ids?.includes(id) === false) continue;
    if (abruptly) socket.resetAndDestroy();
    else socket.end();
  }
}

async function greeted({ host, port, from, deadlineMs = DEADLINE_MS }: Asked) {
  const socket = connect({ host, port, ...(from !== undefined && { localAddress: from }) });
  socket.setEncoding('utf8');
  return { socket, answer: await firstLine(socket, deadlineMs) };
}

function firstLine(socket: Socket, deadlineMs: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const end = (answer: string): void => {
      callOff();
      socket.off('data', read).off('close', closed).off('error', failed);
      // What happens to it while nobody asks is reported at the next question.
      socket.on('error', () => socket.destroy());
      resolve(answer);
    };
    const callOff = startTimeout(deadlineMs, () => {
      end('failed: timeout');
      if (text === '' && socket.connecting) socket.destroy();
    });
    const read = (piece: string): void => {
      text += piece;
      if (text.includes('\n')) end(text.slice(0, text.indexOf('\n')));
    };
    const closed = (): void => {
      end('failed: closed');
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      end(`failed: ${error.code ?? error.message}`);
    };
    socket.on('data', read).on('close', closed).on('error', failed);
  });
}

/** Called in an agent: a server of RFC 959 and RFC 2428 with one file, as small as real clients let it be. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The server's end of an active data connection. */
const DATA_PORT = 20;

interface Session {
  readonly control: Socket;
  /** The next file goes here, once the other end is there. */
  data?: Promise<Socket>;
}

type Reply = (session: Session, words: string) => string | Promise<string>;

/** The server's own address, as the client wrote it: IPv4 comes by a socket for both families. */
function ownAddress({ control }: Session): string {
  return (control.localAddress ?? '').replace(/^::ffff:/, '');
}

/** Listens for the client, and gives the port. */
function listen(session: Session): Promise<number> {
  const server: Server = createServer();
  session.data = new Promise((resolve) => {
    server.once('connection', (socket) => {
      server.close();
      resolve(socket);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '::', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Goes to where the client listens. */
function reach(session: Session, host: string, port: number): string {
  session.data = new Promise((resolve) => {
    const own = { localAddress: ownAddress(session), localPort: DATA_PORT };
    const socket = connect({ host, port, ...own });
    socket.on('error', () => socket.destroy());
    socket.once('connect', () => {
      resolve(socket);
    });
  });
  return '200 good';
}

const replies: Readonly<Record<string, Reply>> = {
  USER: () => '230 welcome',
  PWD: () => '257 "/"',
  TYPE: () => '200 good',
  QUIT: () => '221 bye',
  PASV: async (session) => {
    const port = await listen(session);
    const numbers = [...ownAddress(session).split('.'), port >> 8, port & 255];
    return `227 Entering Passive Mode (${numbers.join(',')}).`;
  },
  EPSV: async (session) => `229 Entering Extended Passive Mode (|||${await listen(session)}|)`,
  PORT: (session, words) => {
    const [a, b, c, d, high = 0, low = 0] = words.split(',').map(Number);
    return reach(session, `${a}.${b}.${c}.${d}`, high * 256 + low);
  },
  EPRT: (session, words) => {
    const [, , host = '', port] = words.split('|');
    return reach(session, host, Number(port));
  },
};

async function send({ control, data }: Session, text: string): Promise<void> {
  control.write('150 here it comes\r\n');
  const socket = await data;
  socket?.end(text, () => {
    control.write('226 that is all\r\n');
  });
}

async function answer(session: Session, line: string, text: string): Promise<void> {
  const [verb = '', words = ''] = line.split(' ');
  if (verb === 'RETR') {
    await send(session, text);
    return;
  }
  const reply = (await replies[verb]?.(session, words)) ?? '502 what?';
  session.control.write(`${reply}\r\n`);
}

/** Serves the text under any name, on every address of the namespace. */
export async function serveFile(text: string, ports: readonly number[]): Promise<void> {
  await Promise.all(ports.map((port) => listenForever(text, port)));
}

function listenForever(text: string, port: number): Promise<void> {
  const server = createServer((control) => {
    const session: Session = { control };
    control.on('error', () => control.destroy()).setEncoding('utf8');
    control.write('220 ready\r\n');
    let rest = '';
    control.on('data', (piece: string) => {
      const lines = (rest + piece).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) void answer(session, line, text);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '::', resolve);
  });
}

/** One lab, many processes, one after the other: its owner serves it on a Unix socket, one JSON per line. */
import { once } from 'node:events';
import { createServer, createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Backend, CallRequest, RunRequest } from './backend.js';
import { LabError } from './errors.js';
import type { CommandResult } from './protocol.js';

type Ask =
  | { readonly method: 'run'; readonly body: RunRequest }
  | { readonly method: 'call'; readonly body: CallRequest }
  | { readonly method: 'fresh' }
  | { readonly method: 'end'; readonly body: string };

/** The first line of the server, and all that it sends unasked: whoever came before has gone. */
const YOUR_TURN = '{"turn":true}\n';

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly message: string; readonly result?: CommandResult };

async function perform(lab: Backend, ask: Ask): Promise<unknown> {
  switch (ask.method) {
    case 'run':
      return await lab.run(ask.body);
    case 'call':
      return await lab.call(ask.body);
    case 'fresh':
      return await lab.accept();
    case 'end':
      await lab.end(ask.body);
      return null;
  }
}

async function answer(lab: Backend, ask: Ask & { id: number }): Promise<Answer> {
  try {
    return { id: ask.id, value: (await perform(lab, ask)) ?? null };
  } catch (error) {
    if (!(error instanceof LabError)) return { id: ask.id, message: String(error) };
    const { message, result } = error;
    return { id: ask.id, message, ...(result === undefined ? {} : { result }) };
  }
}

/** A lab that other processes may use. */
export interface ServedLab {
  readonly path: string;
  /** The one that its guest runs on. */
  readonly cpu: number;
}

/** How a connection ends is seen by its closing: an error says no more, and would end the process. */
function eachLine(socket: Socket, take: (line: string) => void): void {
  socket.on('error', () => undefined);
  createInterface({ input: socket })
    .on('error', () => undefined)
    .on('line', take);
}

/** Serves a lab at this path, until the promise is kept. */
export async function serve(lab: Backend, path: string, ended: Promise<unknown>): Promise<void> {
  let free: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    const gone = new Promise((resolve) => socket.once('close', resolve));
    void free.then(() => {
      if (!socket.destroyed) socket.write(YOUR_TURN);
    });
    free = Promise.all([free, gone]);
    eachLine(socket, (line) => {
      void answer(lab, JSON.parse(line) as Ask & { id: number }).then((reply) => {
        if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  server.unref();
  void ended.then(() => server.close());
}

/** The first of these labs that no one else uses: it is the caller's until the connection ends. */
export async function connect(labs: readonly ServedLab[]): Promise<Remote> {
  const waiting = labs.map(({ path, cpu }) => ({ socket: createConnection(path), cpu }));
  const turns = waiting.map(async (one) => {
    one.socket.on('error', () => undefined);
    await once(one.socket, 'data');
    return one;
  });
  const first = await Promise.any(turns).catch((error: unknown) => {
    throw new LabError(`none of ${labs.length} labs can be used: ${String(error)}`);
  });
  for (const one of waiting) if (one !== first) one.socket.destroy();
  return new Remote(first.socket, first.cpu);
}

/** A lab that another process owns. */
export class Remote implements Backend {
  readonly cpu: number;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(socket: Socket, cpu: number) {
    this.#socket = socket;
    this.cpu = cpu;
    eachLine(socket, (line) => {
      const reply = JSON.parse(line) as Answer;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    socket.on('close', () => {
      for (const [id, settle] of this.#waiting) settle({ id, message: 'the lab has gone' });
      this.#waiting.clear();
    });
  }

  async run(body: RunRequest): Promise<CommandResult> {
    return (await this.#ask({ method: 'run', body })) as CommandResult;
  }

  call(body: CallRequest): Promise<unknown> {
    return this.#ask({ method: 'call', body });
  }

  async accept(): Promise<number> {
    return (await this.#ask({ method: 'fresh' })) as number;
  }

  async end(body: string): Promise<void> {
    await this.#ask({ method: 'end', body });
  }

  close(): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  async #ask(ask: Ask): Promise<unknown> {
    const id = ++this.#lastId;
    const reply = await new Promise<Answer>((resolve) => {
      if (this.#socket.destroyed) {
        resolve({ id, message: 'the lab has gone' });
        return;
      }
      this.#waiting.set(id, resolve);
      this.#socket.write(`${JSON.stringify({ id, ...ask })}\n`);
    });
    if ('value' in reply) return reply.value;
    throw new LabError(reply.message, reply.result);
  }
}

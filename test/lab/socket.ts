/** One lab, many processes: its owner serves it on a Unix socket, one JSON per line. */
import { createServer, createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Backend, CallRequest, Owner, RunRequest } from './backend.js';
import { LabError } from './errors.js';
import type { CommandResult } from './protocol.js';

type Ask =
  | { readonly method: 'run'; readonly body: RunRequest }
  | { readonly method: 'call'; readonly body: CallRequest }
  | { readonly method: 'fresh' }
  | { readonly method: 'end'; readonly body: string };

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly message: string; readonly result?: CommandResult };

async function perform(owner: Owner, ask: Ask): Promise<unknown> {
  switch (ask.method) {
    case 'run':
      return await owner.run(ask.body);
    case 'call':
      return await owner.call(ask.body);
    case 'fresh':
      return await owner.fresh();
    case 'end':
      await owner.end(ask.body);
      return null;
  }
}

async function answer(owner: Owner, ask: Ask & { id: number }): Promise<Answer> {
  try {
    return { id: ask.id, value: (await perform(owner, ask)) ?? null };
  } catch (error) {
    if (!(error instanceof LabError)) return { id: ask.id, message: String(error) };
    const { message, result } = error;
    return { id: ask.id, message, ...(result === undefined ? {} : { result }) };
  }
}

export async function serve(owner: Owner): Promise<string> {
  const path = join(owner.machine.folder, 'lab.sock');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      void answer(owner, JSON.parse(line) as Ask & { id: number }).then((reply) => {
        if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  server.unref();
  void owner.machine.ended.then(() => server.close());
  return path;
}

export async function connect(path: string): Promise<Remote> {
  const socket = createConnection(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return new Remote(socket);
}

/** A lab that another process owns. */
export class Remote implements Backend {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      const reply = JSON.parse(line) as Answer;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    socket.on('error', () => undefined);
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

  async fresh(): Promise<number> {
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

/** Called in an agent: clients that ask without pause, and clients that go on talking over a connection that they keep. */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE_MS } from '../../../lab/patience.js';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Asked {
  readonly requests: number;
  /** How many each server has answered. */
  readonly answers: Readonly<Record<string, number>>;
  /** Why requests failed. */
  readonly failures: readonly string[];
  /** The longest that one has waited for its answer, with all that TCP has sent again meanwhile. */
  readonly longestMs: number;
  /** The longest in which nobody was answered. */
  readonly silenceMs: number;
}

export interface Talked {
  readonly connections: number;
  /** Why connections ended. */
  readonly broken: readonly string[];
  /** Answers that came over all of them. */
  readonly answers: number;
  readonly longestMs: number;
}

/** Who answers: a server that says its name at once, or one that puts it into the header. */
const NAME = /^(?:HTTP\/1\.1 200 [^]*?^Server: )?(\w+)\r?$/m;

/** Sends a line, and gives what has come back when there is a line end in it. @throws when the connection ends before. */
function exchange(socket: Socket, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) {
      reject(new Error('closed'));
      return;
    }
    let text = '';
    const end = (finish: () => void): void => {
      socket.off('data', read).off('error', failed).off('close', closed).off('timeout', late);
      finish();
    };
    const read = (piece: string): void => {
      text += piece;
      if (!text.includes('\n')) return;
      end(() => {
        resolve(text);
      });
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      end(() => {
        reject(new Error(error.code ?? error.message));
      });
    };
    const closed = (): void => {
      failed(new Error('closed'));
    };
    const late = (): void => {
      failed(new Error('no answer'));
    };
    socket.setTimeout(PATIENCE_MS);
    socket.on('data', read).on('error', failed).on('close', closed).on('timeout', late);
    socket.write(line);
  });
}

function open({ host, port }: Target): Socket {
  const socket = connect({ host, port });
  socket.setEncoding('utf8').setNoDelay();
  // What happens to it while nobody asks is reported at the next question.
  socket.on('error', () => socket.destroy());
  return socket;
}

const failureOf = (error: unknown): string => `failed: ${String(error)}`;

const ASK_EVERY_MS = 100;

let isAsking = false;
let asking: Promise<Asked> | undefined;

async function askUntilStopped(target: Target): Promise<Asked> {
  const failures: string[] = [];
  const answers: Record<string, number> = {};
  const requests: Promise<void>[] = [];
  let longestMs = 0;
  let silenceMs = 0;
  let lastAnswer = performance.now();
  const ask = async (): Promise<void> => {
    const began = performance.now();
    const socket = open(target);
    const answer = await exchange(socket, 'GET / HTTP/1.0\r\n\r\n').catch(failureOf);
    socket.destroy();
    const [, name] = NAME.exec(answer) ?? [];
    if (name === undefined) {
      failures.push(answer);
      return;
    }
    answers[name] = (answers[name] ?? 0) + 1;
    const now = performance.now();
    longestMs = Math.max(longestMs, now - began);
    silenceMs = Math.max(silenceMs, now - lastAnswer);
    lastAnswer = now;
  };
  while (isAsking) {
    requests.push(ask());
    await pause(ASK_EVERY_MS);
  }
  await Promise.all(requests);
  return {
    requests: requests.length,
    answers,
    failures,
    longestMs: Math.round(longestMs),
    silenceMs: Math.round(silenceMs),
  };
}

/** A fresh connection for each request, ten a second, whatever has become of those before, until {@link stopAsking}. */
export function askAlways(target: Target): void {
  isAsking = true;
  asking = askUntilStopped(target);
}

export async function stopAsking(): Promise<Asked> {
  isAsking = false;
  const asked = await asking;
  return asked ?? { requests: 0, answers: {}, failures: [], longestMs: 0, silenceMs: 0 };
}

const TALK_EVERY_MS = 200;

const conversation = { isGoingOn: false, answers: 0, longestMs: 0 };
let connections = 0;
let broken: string[] = [];
let talking: Promise<unknown> | undefined;

async function talkOn(socket: Socket, name: string): Promise<void> {
  for (let count = 1; conversation.isGoingOn; count += 1) {
    const began = performance.now();
    const answer = await exchange(socket, `${count}\n`).catch(failureOf);
    if (answer !== `${name} ${count}\n`) {
      broken.push(answer);
      break;
    }
    conversation.answers += 1;
    conversation.longestMs = Math.max(conversation.longestMs, performance.now() - began);
    await pause(TALK_EVERY_MS);
  }
  socket.destroy();
}

/** Clients that keep a connection each, and send line after line, until {@link stopTalking}. Gives who answers each. */
export async function talkAlways(target: Target, clients: number): Promise<string[]> {
  Object.assign(conversation, { isGoingOn: true, answers: 0, longestMs: 0 });
  broken = [];
  const sockets = Array.from({ length: clients }, () => open(target));
  const greetings = await Promise.all(sockets.map((socket) => exchange(socket, '')));
  const names = greetings.map((greeting) => greeting.trimEnd());
  connections = sockets.length;
  talking = Promise.all(sockets.map((socket, index) => talkOn(socket, names[index] ?? '')));
  return names;
}

/** What has happened so far. */
export function talked(): Talked {
  const { answers, longestMs } = conversation;
  return { connections, broken, answers, longestMs: Math.round(longestMs) };
}

export async function stopTalking(): Promise<Talked> {
  conversation.isGoingOn = false;
  await talking;
  return talked();
}

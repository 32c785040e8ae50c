/** Called in an agent: a web server that can be made to fail in several ways, and clients that ask it. */
import { createServer, get } from 'node:http';
import type { Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { startTimeout } from '../../../../src/host/timeout.js';
import { PATIENCE_MS } from '../../../lab/patience.js';

/** `silent`: it accepts and never answers. */
export type Mode = 'well' | 'failing' | 'silent';

let server: Server | undefined;
let mode: Mode = 'well';

export function open(name: string, port: number): Promise<void> {
  const opened = createServer((_, response) => {
    if (mode === 'silent') return;
    response.writeHead(mode === 'well' ? 200 : 500, { Connection: 'close' });
    response.end(name);
  });
  server = opened;
  return new Promise((resolve, reject) => {
    opened.once('error', reject).listen(port, '::', resolve);
  });
}

export function be(wanted: Mode): void {
  mode = wanted;
}

/** Closes the port and every connection, as when the process has ended. */
export function shut(): Promise<void> {
  return new Promise((resolve) => {
    server?.close(() => {
      resolve();
    });
    server?.closeAllConnections();
  });
}

const PAUSE_MS = 10;

/** Who answers, on a fresh connection: `rs1`, or `failed: <why>`. */
export function ask(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (body += piece));
      response.on('error', (error) => {
        end(`failed: ${error.message}`);
      });
      response.on('end', () => {
        end(response.statusCode === 200 ? body : `failed: ${response.statusCode ?? 0}`);
      });
    });
    const callOff = startTimeout(PATIENCE_MS, () => {
      request.destroy(new Error('timeout'));
    });
    const end = (answer: string): void => {
      callOff();
      resolve(answer);
    };
    request.on('error', (error) => {
      end(`failed: ${error.message}`);
    });
  });
}

let asking: Promise<void> | undefined;
const state = { isAsking: false };
let answers: string[] = [];

/** Asks again and again until {@link stopAsking}. */
export function askAlways(url: string): void {
  state.isAsking = true;
  asking = (async () => {
    for (;;) {
      answers.push(await ask(url));
      if (!state.isAsking) return;
      // The guest has one processor, and other work.
      await setTimeout(PAUSE_MS);
    }
  })();
}

/** The answers since the beginning, in order. */
export async function stopAsking(): Promise<string[]> {
  state.isAsking = false;
  await asking;
  const all = answers;
  answers = [];
  return all;
}

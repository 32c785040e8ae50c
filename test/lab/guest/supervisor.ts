/** The guest's only permanent program: takes requests from the console, starts processes and agents, answers. */
import { readFileSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ReadStream } from 'node:tty';
import {
  LINE_LIMIT,
  type Envelope,
  type GuestLine,
  type GuestReply,
  type GuestRequest,
} from '../protocol.js';
import { AgentPool } from './agents.js';
import { runProcess } from './process.js';

const folder = process.env['LAB_FOLDER'] ?? '/';
// Not for the processes under test.
delete process.env['LAB_FOLDER'];
const output = openSync('/run/control', 'w');
const agents = new AgentPool(join(folder, 'agent.mjs'));

function send(line: GuestLine): void {
  writeSync(output, `${JSON.stringify(line)}\n`);
}

function answer(id: number, reply: GuestReply): void {
  const text = JSON.stringify(reply);
  if (Buffer.byteLength(text) <= LINE_LIMIT) {
    send({ id, payload: reply });
    return;
  }
  const file = `reply-${id}.json`;
  writeFileSync(join(folder, file), text);
  send({ id, file });
}

async function perform(request: GuestRequest): Promise<GuestReply> {
  switch (request.op) {
    case 'run':
      return await runProcess(request);
    case 'call':
      return await agents.call(request);
    case 'end':
      await agents.end(request.namespace);
      return { kind: 'result', value: null };
  }
}

function open(envelope: Envelope<GuestRequest>): GuestRequest {
  if ('payload' in envelope) return envelope.payload;
  return JSON.parse(readFileSync(join(folder, envelope.file), 'utf8')) as GuestRequest;
}

async function serve(line: string): Promise<void> {
  send({ read: Buffer.byteLength(line) + 1 });
  const envelope = JSON.parse(line) as Envelope<GuestRequest>;
  try {
    answer(envelope.id, await perform(open(envelope)));
  } catch (error) {
    answer(envelope.id, { kind: 'failure', message: String(error) });
  }
}

const lines = createInterface({ input: new ReadStream(openSync('/run/control', 'r')) });
lines.on('line', (line) => void serve(line));
// The host has gone, or wants us gone: the first process halts the machine.
lines.on('close', () => process.exit());
send({ ready: true });

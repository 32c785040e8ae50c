/** Clients and real servers in the namespaces of a network: who answers whom. */
import { join } from 'node:path';
import type { Asked, Held, Served } from './guest/peers.js';
import type { Namespace } from './namespace.js';
import { projectFolder } from './project.js';
import { PATIENCE_MS } from './patience.js';

const FILE = join(projectFolder, 'test/lab/guest/peers.ts');

/** Lets a real server say its name: {@link ask}. It ends with the namespace. */
export async function serve(realServer: Namespace, served: Served): Promise<void> {
  await realServer.call(FILE, 'serve', served);
}

/** The clients that have come to a real server since this was asked last, as it saw them: `ADDRESS PORT`. */
export async function visits(realServer: Namespace): Promise<string[]> {
  return (await realServer.call(FILE, 'visits')) as string[];
}

/** Who answered, in order, on fresh TCP connections; what failed is `failed: <why>`, as `failed: ECONNREFUSED`. */
export async function ask(client: Namespace, asked: Asked): Promise<string[]> {
  return (await client.call(FILE, 'ask', asked)) as string[];
}

/** The same by UDP. */
export async function askByDatagram(client: Namespace, asked: Asked): Promise<string[]> {
  return (await client.call(FILE, 'askByDatagram', asked)) as string[];
}

/** Opens TCP connections and keeps them, for {@link say} and {@link release}. */
export async function hold(client: Namespace, asked: Asked): Promise<Held[]> {
  return (await client.call(FILE, 'hold', asked)) as Held[];
}

/** Sends a line on a held connection: the real server's name and the line come back, or `failed: <why>`. */
export async function say(
  client: Namespace,
  id: number,
  line: string,
  /** Until when an answer is waited for. */
  deadlineMs = PATIENCE_MS,
): Promise<string> {
  return (await client.call(FILE, 'say', id, line, deadlineMs)) as string;
}

/** Closes held connections, all by default; with `abruptly`, by a reset. */
export async function release(
  client: Namespace,
  ids?: readonly number[],
  abruptly = false,
): Promise<void> {
  await client.call(FILE, 'release', ids ?? null, abruptly);
}

/** How often each answer came. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

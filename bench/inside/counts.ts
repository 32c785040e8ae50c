/** Counts the connections of a file in the format of /proc/net/ip_vs_conn by client, and says how much memory that took. */
import { open } from 'node:fs/promises';
import { ConnectionParser } from '../../src/ipvs/proc/connection-parser.js';
import { ConnectionCounts } from '../../src/state/connection-counts.js';

/** As much as the kernel gives at once. */
const PIECE = 4096;

const began = performance.now();
const counts = new ConnectionCounts('client');
const parser = new ConnectionParser();
const memory = Buffer.allocUnsafe(PIECE);
const file = await open(process.argv[2] ?? '');
for (;;) {
  const { bytesRead } = await file.read(memory, 0, PIECE, null);
  if (bytesRead === 0) break;
  for (const connection of parser.push(memory.subarray(0, bytesRead))) counts.add(connection);
}
let groups = 0;
let characters = 0;
for (const { client = '', count } of counts.sorted()) {
  groups += 1;
  characters += `${count} ${client}\n`.length;
}
const wallMs = performance.now() - began;
const memoryMB = (process.resourceUsage().maxRSS * 1024) / 1e6;
process.stdout.write(JSON.stringify({ wallMs, memoryMB, groups, characters }));

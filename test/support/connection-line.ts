import { ConnectionParser } from '../../src/ipvs/proc/connection-parser.js';
import type { Connection } from '../../src/ipvs/proc/read-connections.js';

/** Reads a line by itself; undefined for the heading, and for what is no entry. */
export function parseConnection(line: string): Connection | undefined {
  const parser = new ConnectionParser();
  return [...parser.push(Buffer.from(line)), ...parser.end()][0];
}

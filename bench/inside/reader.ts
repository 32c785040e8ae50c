/** Reads a file in the format of /proc/net/ip_vs_conn, and says how long it took. */
import { readConnections } from '../../src/ipvs/proc/read-connections.js';

let entries = 0;
let ports = 0;
const began = performance.now();
for await (const connections of readConnections(process.argv[2])) {
  entries += connections.length;
  for (const { source } of connections) ports += source.port;
}
const wallMs = performance.now() - began;
const memoryMB = (process.resourceUsage().maxRSS * 1024) / 1e6;
process.stdout.write(JSON.stringify({ wallMs, memoryMB, entries, ports }));

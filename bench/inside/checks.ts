/**
 * What a check costs this process: `node scripts/run.js bench/inside/checks.ts [TYPE] [CHECKS A SECOND] [SECONDS]`. The server
 * is another process, on loopback.
 */
import { spawn } from 'node:child_process';
import { prepareProbe } from '../../src/agent/checks/check-types.js';
import { readAgentConfig } from '../../src/agent/config/read-config.js';
import { parseState } from '../../src/state/file/parse.js';

const [type = 'tcp', rate = '2500', duration = '10'] = process.argv.slice(2);
const SERVER = `
  const answer = 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok';
  const server = require('net').createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1', 4096, () => console.log(server.address().port));
`;

const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
const port = await new Promise<string>((resolve) => {
  server.stdout.once('data', (chunk: Buffer) => {
    resolve(chunk.toString().trim());
  });
});
const [check] =
  readAgentConfig(
    parseState(`
services:
  - service: tcp:192.0.2.1:80
    check: {type: ${type}, timeout: 30s}
    servers: ["127.0.0.1:${port}"]
`),
  ).services[0]?.servers[0]?.checks ?? [];
if (check === undefined) throw new Error('there is no check');
const probe = prepareProbe(check);

const STEP_MS = 10;
const perStep = (Number(rate) * STEP_MS) / 1000;
const steps = (Number(duration) * 1000) / STEP_MS;
const reasons = new Map<string, number>();
const runs: Promise<void>[] = [];
await once(perStep * 100);
const begun = process.cpuUsage();
const startMs = performance.now();
for (let step = 0; step < steps; step += 1) {
  runs.push(once(perStep));
  const waitMs = startMs + step * STEP_MS - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
await Promise.all(runs);
const { user, system } = process.cpuUsage(begun);
const checks = perStep * steps;
process.stdout.write(
  `${JSON.stringify({
    ...{ type, checks, seconds: (performance.now() - startMs) / 1000 },
    userMicroseconds: user / checks,
    systemMicroseconds: system / checks,
    cpuMicroseconds: (user + system) / checks,
    memoryMB: process.memoryUsage().rss / 1e6,
    reasons: Object.fromEntries(reasons),
  })}\n`,
);
server.kill();

async function once(count: number): Promise<void> {
  const outcomes = await Promise.all(Array.from({ length: count }, () => probe.run()));
  for (const { reason } of outcomes) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

// What a start of ipvsadm costs beside one of Node alone: node bench/start.js [RUNS]. One after the other in turn, so that
// whatever else the machine does weighs on both alike.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ipvsadm = join(import.meta.dirname, '../bin/ipvsadm.js');
const runs = Number(process.argv[2] ?? 41);
const starts = [
  { name: 'node -e 0', args: ['-e', '0'], times: [] },
  { name: 'ipvsadm -h', args: [ipvsadm, '-h'], times: [] },
];

function milliseconds(args) {
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

function median(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

// The first start fills caches, Node's of compiled code too.
for (const { args } of starts) milliseconds(args);
for (let run = 0; run < runs; run += 1) {
  for (const { args, times } of starts) times.push(milliseconds(args));
}

for (const { name, times } of starts) {
  const [lowest, highest] = [Math.min(...times), Math.max(...times)];
  console.log(
    `${name.padEnd(12)}${median(times).toFixed(1)} ms (${lowest.toFixed(1)} to ${highest.toFixed(1)})`,
  );
}
const [node, ours] = starts.map(({ times }) => median(times));
console.log(
  `${(ours / node).toFixed(2)} times as long; medians of ${runs}, Node ${process.version}`,
);
